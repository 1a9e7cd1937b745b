// The search page: finds while one types, and keeps the words in the address so that a search can be shared.

import { Index, type Entry, type Found } from "./search-index.js";
import { element } from "./dom.js";

const PAGE = 20;
const PAUSE = 150;

const form = document.querySelector<HTMLFormElement>("#search")!;
const input = form.querySelector<HTMLInputElement>("input[name=q]")!;
const kinds = document.querySelector<HTMLElement>("#kinds")!;
const status = document.querySelector<HTMLElement>("#found")!;
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
    status.textContent = `The index of this site cannot be read: ${(error as Error).message}`;
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
  kinds.replaceChildren(...choices(index, text, found, kind));
  list.replaceChildren();
  await extend(index, numbers, found.words, 0);
}

function said(text: string, found: Found): string {
  if (!text) return "";
  if (!found.numbers.length) return `No name or text on this site matches “${text}”. Try one word, or another spelling.`;
  const near = found.near.length ? "; no name has this spelling, these are similar" : "";
  return `${found.numbers.length} found${near}`;
}

function choices(index: Index, text: string, found: Found, chosen: string): HTMLElement[] {
  const counts = new Map<string, number>();
  for (const number of found.numbers) counts.set(index.kindOf(number), (counts.get(index.kindOf(number)) ?? 0) + 1);
  if (counts.size < 2) return [];
  return [["", found.numbers.length] as const, ...counts].map(([kind, count]) => {
    const button = element("button", { type: "button", "aria-pressed": String(kind === chosen) }, `${kind || "All"} `);
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
  const item = element("li", {});
  const link = element("a", { href: entry.path });
  link.append(...marked(index, entry.label, words));
  item.append(element("span", { class: "tag" }, entry.kind), " ", link);
  const other = matches(index, entry.label, words) ? undefined : entry.names.find((name) => matches(index, name, words));
  const line = element("p", {});
  // The note of a claim names its speaker, who is also one of the names by which the claim is found.
  if (other && !entry.note.includes(other)) line.append(...marked(index, other, words), entry.note ? " · " : "");
  line.append(...marked(index, entry.note, words));
  if (line.textContent) item.append(line);
  return item;
}

function matches(index: Index, text: string, words: string[]): boolean {
  return index.spell(text).some((word) => words.includes(word));
}

/** The text with the words that were found in it marked. */
function marked(index: Index, text: string, words: string[]): Node[] {
  return text.split(/([\p{L}\p{N}\p{M}’']+)/u).map((part) => {
    return index.spell(part).some((word) => words.includes(word)) ? element("mark", {}, part) : document.createTextNode(part);
  });
}

void start();
