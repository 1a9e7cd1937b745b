// The search page: finds while one types, and keeps the words in the address so that a search can be shared.

import { Index, passage, type Entry, type Found } from "./search-index.js";
import { element } from "./dom.js";

const PAGE = 20;
const PAUSE = 150;

const form = document.querySelector<HTMLFormElement>("#search")!;
const input = form.querySelector<HTMLInputElement>("input[name=q]")!;
const kinds = document.querySelector<HTMLElement>("#kinds")!;
const status = document.querySelector<HTMLElement>("#found")!;
const named = document.querySelector<HTMLElement>("#named")!;
const list = document.querySelector<HTMLOListElement>("#results")!;
const more = document.querySelector<HTMLButtonElement>("#more")!;

let latest = 0;

async function start(): Promise<void> {
  input.value = new URLSearchParams(location.search).get("q") ?? "";
  form.addEventListener("submit", (event) => event.preventDefault());
  let waiting = 0;
  try {
    const index = await Index.open("search/");
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = window.setTimeout(() => search(index), PAUSE);
    });
    form.addEventListener("submit", () => search(index));
    await search(index);
  } catch (error) {
    status.textContent = `${status.dataset["failed"]} ${(error as Error).message}`;
  }
}

async function search(index: Index): Promise<void> {
  const turn = ++latest;
  const text = input.value.trim();
  history.replaceState(null, "", text ? `?q=${encodeURIComponent(text)}` : location.pathname);
  const found = await index.find(text);
  if (turn === latest) await show(index, text, found, "");
}

/** The results, of one kind if one was chosen; and the kinds to choose from. */
async function show(index: Index, text: string, found: Found, kind: string): Promise<void> {
  const numbers = kind ? found.numbers.filter((number) => index.kindOf(number) === kind) : found.numbers;
  status.textContent = said(text, found);
  await lead(index, kind ? [] : found.named);
  kinds.replaceChildren(...choices(index, text, found, kind));
  list.replaceChildren();
  const long = found.words.filter((word) => word.length > 2); // “of” says nothing beside other words
  await extend(index, numbers, long.length ? long : found.words, 0);
}

function said(text: string, found: Found): string {
  const words = status.dataset;
  if (!text) return "";
  if (!found.numbers.length) {
    return (found.named.length ? "" : found.isCommon ? words["common"]! : words["none"]!).replace("{words}", text);
  }
  return (found.near.length ? words["near"]! : words["some"]!).replace("{n}", String(found.numbers.length));
}

/** Links to the pages of what is called so. */
async function lead(index: Index, numbers: number[]): Promise<void> {
  const turn = latest;
  const entries = await index.entries(numbers);
  if (turn !== latest) return;
  named.replaceChildren(
    ...entries.map(({ kind, label, path, note }) => {
      const item = element("li", {});
      item.append(element("span", { class: "tag" }, kind), " ", element("a", { href: path }, label));
      if (note) item.append(element("p", {}, note));
      return item;
    }),
  );
  named.hidden = !entries.length;
}

function choices(index: Index, text: string, found: Found, chosen: string): HTMLElement[] {
  const counts = new Map<string, number>();
  for (const number of found.numbers) counts.set(index.kindOf(number), (counts.get(index.kindOf(number)) ?? 0) + 1);
  if (counts.size < 2) return [];
  return [["", found.numbers.length] as const, ...counts].map(([kind, count]) => {
    const button = element("button", { type: "button", "aria-pressed": String(kind === chosen) }, `${kind || kinds.dataset["all"]} `);
    button.append(element("span", { class: "count" }, String(count)));
    button.addEventListener("click", async () => {
      await show(index, text, found, kind);
      kinds.querySelector<HTMLElement>("[aria-pressed=true]")?.focus();
    });
    return button;
  });
}

/** The next results behind those that are shown. */
async function extend(index: Index, numbers: number[], words: string[], from: number): Promise<void> {
  const turn = latest;
  const entries = await index.entries(numbers.slice(from, from + PAGE));
  if (turn !== latest) return;
  const items = entries.map((entry) => result(index, entry, words));
  list.append(...items);
  more.hidden = numbers.length <= from + PAGE;
  more.onclick = () => extend(index, numbers, words, from + PAGE);
  if (from) items[0]?.querySelector("a")?.focus();
}

function result(index: Index, entry: Entry, words: string[]): HTMLLIElement {
  const isSearched = (word: string) => index.spell(word).some((spelt) => words.includes(spelt));
  const item = element("li", {});
  const link = element("a", { href: entry.path });
  link.append(...marked(entry.label, isSearched));
  item.append(element("span", { class: "tag" }, entry.kind), " ", link);
  // The text with the most of the words, if it has any that the label has not.
  const has = (text: string) => new Set(index.spell(text).filter((word) => words.includes(word))).size;
  const best = entry.texts.reduce((one, other) => (has(other) > has(one) ? other : one), "");
  if (best && has(best) > has(entry.label)) {
    const quote = element("p", { class: "snippet" });
    quote.append(...marked(passage(best, isSearched), isSearched));
    item.append(quote);
  }
  if (entry.note) {
    const line = element("p", {});
    line.append(...marked(entry.note, isSearched));
    item.append(line);
  }
  return item;
}

/** The text with the words that were found in it marked. */
function marked(text: string, isSearched: (word: string) => boolean): Node[] {
  return text.split(/([\p{L}\p{N}\p{M}’']+)/u).map((part) => {
    return isSearched(part) ? element("mark", {}, part) : document.createTextNode(part);
  });
}

void start();
