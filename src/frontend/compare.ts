// The page that sets two things of a kind side by side. The address says which, and a script for each brings its data.

import { element, inLanguage } from "./dom.js";

/** Words, the page that they lead to, and their language. */
type Link = [words: string, path: string | null, language: string | null];

interface Issue {
  issue: Link;
  claims: [...Link, outcome: string][];
  more: number;
  raised: number;
  raisedWith: number;
}

/** What compare.py writes of a thing. */
interface Thing {
  thing: Link;
  states: Link[];
  facts: Record<string, Link[]>;
  outcomes: Record<string, number>;
  totals: [claims: number, raised: number, raisedWith: number];
  issues: Issue[];
}

type Outcome = [name: string, heading: string, ofOne: string];

/** The words of the page, in its language, by name. */
interface Words extends Record<string, string | Outcome[]> {
  outcomes: Outcome[];
}
type Part = Node | string;

const words: Words = JSON.parse(document.querySelector("#words")!.textContent!);
const form = document.querySelector<HTMLFormElement>("#compare")!;
const selects = [...form.querySelectorAll("select")] as [HTMLSelectElement, HTMLSelectElement];
const lists = document.querySelector<HTMLDetailsElement>("#lists")!;
const problem = document.querySelector<HTMLElement>("#problem")!;
const compared = document.querySelector<HTMLElement>("#compared")!;
const language = document.documentElement.lang;
const title = document.title;
const written = new Intl.NumberFormat(language);

const arrived = new Map<string, Thing>();
Object.assign(window, { rejoinderCompare: (name: string, value: Thing) => arrived.set(name, value) });

function word(name: string): string {
  return words[name] as string;
}

function filled(text: string, values: Record<string, string>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}

/** The data of a thing, by a script, which a page opened from a folder on disk may load; undefined if there are none. */
function load(name: string): Promise<Thing | undefined> {
  if (arrived.has(name)) return Promise.resolve(arrived.get(name));
  return new Promise((resolve) => {
    const script = document.createElement("script");
    script.src = `compare/${name.split("/").map(encodeURIComponent).join("/")}.js`;
    script.onload = () => resolve(arrived.get(name));
    script.onerror = () => resolve(undefined);
    document.head.append(script);
  });
}

/** The kind and the two names in the address: compare.html?state=KAZ&state=SVN. */
function asked(): { kind: string; ids: string[] } {
  const query = new URLSearchParams(location.search);
  const kinds = [...form.querySelectorAll<HTMLInputElement>("[name=kind]")].map((radio) => radio.value);
  const kind = kinds.find((each) => query.has(each)) ?? kinds[0] ?? "";
  return { kind, ids: query.getAll(kind).filter(Boolean).slice(0, 2) };
}

async function show(): Promise<void> {
  const { kind, ids } = asked();
  offer(kind, ids);
  compared.replaceChildren();
  problem.replaceChildren();
  document.title = title;
  lists.open = ids.length < 2;
  if (ids.length < 2) return;
  if (ids[0] === ids[1]) return void problem.append(word("twice"));
  const things = await Promise.all(ids.map((id) => load(`${kind}/${id}`)));
  const missing = ids.find((_, at) => !things[at]);
  if (missing !== undefined) return void problem.append(filled(word("missing"), { name: missing }));
  const pair = things as [Thing, Thing];
  const states = pair.map((thing) => thing.states.map(([, path]) => path));
  if (kind === "person" && !states[0]!.some((state) => states[1]!.includes(state))) {
    return void problem.append(word("states"), linked(pair[0].thing), ", ", linked(pair[1].thing));
  }
  const name = filled(word("title"), { left: pair[0].thing[0], right: pair[1].thing[0] });
  document.title = `${name} · ${title}`;
  compared.replaceChildren(table(kind, pair, name));
}

/** The two lists to choose from; beside an official stand only those of the same State. */
function offer(kind: string, ids: string[]): void {
  for (const radio of form.querySelectorAll<HTMLInputElement>("[name=kind]")) radio.checked = radio.value === kind;
  const links = [...lists.querySelectorAll<HTMLAnchorElement>(`[data-kind="${kind}"] a`)];
  const state = links.find((link) => link.dataset["id"] === ids[0])?.dataset["state"];
  selects.forEach((select, at) => {
    const offered = links.filter((link) => !at || !state || link.dataset["state"] === state);
    select.replaceChildren(element("option", { value: "" }, word("choose")), ...grouped(offered.map(option)));
    select.value = ids[at] ?? "";
  });
}

function option(link: HTMLAnchorElement): [group: string, option: HTMLOptionElement] {
  return [link.dataset["state"] ?? "", element("option", { value: link.dataset["id"]! }, link.textContent!)];
}

function grouped(options: [string, HTMLOptionElement][]): HTMLElement[] {
  const groups = new Map<string, HTMLElement>();
  return options.flatMap(([name, made]) => {
    if (!name) return [made];
    const known = groups.get(name);
    known?.append(made);
    if (known) return [];
    const group = element("optgroup", { label: name });
    group.append(made);
    groups.set(name, group);
    return [group];
  });
}

function linked([text, path, its]: Link): HTMLElement {
  const made = path ? element("a", { href: path }, text) : element("span", {}, text);
  if (its && its !== language) Object.assign(made, inLanguage(its));
  return made;
}

function listed(items: Part[][]): Part {
  if (!items.length) return element("span", { class: "facts" }, word("nothing"));
  const list = element("ul", { class: "plain" });
  for (const item of items) {
    const line = element("li", {});
    line.append(...item);
    list.append(line);
  }
  return list;
}

function table(kind: string, pair: [Thing, Thing], name: string): HTMLElement {
  const made = element("table", { class: "compared" });
  made.append(element("caption", { class: "hidden" }, name));
  const head = made.createTHead().insertRow();
  for (const { thing } of pair) {
    const cell = element("th", { scope: "col" });
    cell.append(linked(thing));
    head.append(cell);
  }
  for (const fact of Object.keys({ ...pair[0].facts, ...pair[1].facts })) {
    row(made, word(fact), pair.map((thing) => listed((thing.facts[fact] ?? []).map((link) => [linked(link)]))));
  }
  const outcomes = words.outcomes.filter(([name]) => pair.some((thing) => thing.outcomes[name]));
  if (outcomes.length) row(made, word("claimsBy"), pair.map((thing) => numbers(thing, outcomes)));
  const raised = kind === "report" ? "raisedIn" : "raised";
  if (pair.some((thing) => thing.totals[1])) row(made, word(raised), pair.map((thing) => written.format(thing.totals[1])));
  if (pair.some((thing) => thing.totals[2])) row(made, word("raisedWith"), pair.map((thing) => written.format(thing.totals[2])));
  issues(made, pair, raised);
  return made;
}

function row(table: HTMLTableElement, heading: string | Node, cells: Part[]): void {
  const body = table.createTBody();
  const head = element("th", { colspan: "2", scope: "rowgroup" });
  head.append(heading);
  body.insertRow().append(head);
  const line = body.insertRow();
  for (const part of cells) line.insertCell().append(part);
}

function numbers(thing: Thing, outcomes: Outcome[]): Part {
  return listed(outcomes.map(([name, heading]) => [`${heading}: ${written.format(thing.outcomes[name] ?? 0)}`]));
}

/** A row for each issue: first those on which both have something. */
function issues(table: HTMLTableElement, pair: [Thing, Thing], raised: string): void {
  const sides = pair.map((thing) => new Map(thing.issues.map((issue) => [issue.issue[1] ?? issue.issue[0], issue])));
  const all = [...new Map(sides.flatMap((side) => [...side])).entries()];
  const inBoth = ([key]: [string, Issue]) => sides.every((side) => side.has(key));
  const parts = [["onBoth", all.filter(inBoth)], ["onOne", all.filter((each) => !inBoth(each))]] as const;
  for (const [heading, members] of parts) {
    if (!members.length) continue;
    const head = element("th", { colspan: "2", scope: "rowgroup", class: "divide" }, word(heading));
    table.createTBody().insertRow().append(head);
    for (const [key, { issue }] of members) row(table, linked(issue), sides.map((side) => said(side.get(key), raised)));
  }
}

function said(issue: Issue | undefined, raised: string): Part {
  if (!issue) return listed([]);
  const items: Part[][] = issue.claims.map(([text, path, its, outcome]) => [
    linked([text, path, its]),
    " ",
    element("span", { class: "facts" }, words.outcomes.find(([name]) => name === outcome)?.[2]),
  ]);
  if (issue.more) items.push([filled(word("more"), { n: written.format(issue.more) })]);
  if (issue.raised) items.push([`${word(raised)}: ${written.format(issue.raised)}`]);
  if (issue.raisedWith) items.push([`${word("raisedWith")}: ${written.format(issue.raisedWith)}`]);
  return listed(items);
}

function chosen(event: Event): void {
  const isKind = (event.target as HTMLInputElement).name === "kind";
  const kind = form.querySelector<HTMLInputElement>("[name=kind]:checked")!.value;
  const ids = isKind ? [] : selects.map((select) => select.value).filter(Boolean);
  const query = ids.map((id) => `${kind}=${encodeURIComponent(id)}`).join("&");
  history.pushState(null, "", `?${query || `${kind}=`}`);
  void show();
}

form.hidden = false;
form.addEventListener("change", chosen);
form.addEventListener("submit", (event) => event.preventDefault());
window.addEventListener("popstate", () => void show());
void show();
