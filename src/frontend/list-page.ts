// The page of a list: its rows by facets, as the address says; without a choice the rows that stand in the page.

import { csvOf } from "./answer-rows.js";
import { element, inLanguage } from "./dom.js";
import { FacetedRows, type FacetFile, type FacetName, type Value } from "./facets.js";
import { ScriptLoader } from "./script-loader.js";

type Fact = [text: string, link?: string, before?: string, after?: string, language?: string];
type Row = [
  iri: string,
  link: string,
  words: string,
  language: string,
  facts: Fact[],
  marks: [text: string, style?: string, language?: string][],
  cells: string[],
];

interface Config {
  base: string;
  rows: number;
  size: number;
  cells: string[];
  facets: FacetName[];
  texts: Record<string, string> & { counted: Record<string, string> };
}

/** From so many values on, a facet has a box that finds one of them. */
const MANY = 12;

const filters = document.querySelector<HTMLDetailsElement>("#filters")!;
const config: Config = JSON.parse(filters.dataset["config"]!);
const texts = (name: string, values: Record<string, string | number> = {}): string =>
  (config.texts[name] ?? "").replace(/\{(\w+)\}/g, (_, key: string) => String(values[key] ?? ""));
const number = document.querySelector<HTMLElement>("#number")!;
const chips = document.querySelector<HTMLElement>("#chosen")!;
const csv = document.querySelector<HTMLAnchorElement>("#csv")!;
const list = document.querySelector<HTMLOListElement>("#rows")!;
const pager = document.querySelector<HTMLElement>("#pager")!;
const loader = new ScriptLoader("", "rejoinderPart");

const written = new Intl.NumberFormat(document.documentElement.lang);
const plurals = new Intl.PluralRules(document.documentElement.lang);
const whole = csv.href;

let rows: FacetedRows;
let choice = new Map<string, Set<number>>();
let page = 1;
let found: number[] = [];
let turn = 0;
/** For each facet: its fields and their counts, to be set by number of the value. */
const fields = new Map<string, { box: HTMLElement; items: { item: HTMLElement; field: HTMLInputElement; count: HTMLElement }[] }>();

async function start(): Promise<void> {
  try {
    const files = await Promise.all(config.facets.map(({ name }) => loader.get<FacetFile>(`facet-${name}`)));
    rows = new FacetedRows(config.rows, config.facets, files);
  } catch {
    number.textContent = texts("unread");
    return;
  }
  for (const facet of config.facets) if (rows.values.get(facet.name)!.length > 1) filters.append(fieldset(facet, rows.values.get(facet.name)!));
  filters.open = matchMedia("(min-width: 60rem)").matches;
  filters.hidden = false;
  window.addEventListener("popstate", () => void read());
  await read();
}

/** Shows what the address chooses. */
async function read(): Promise<void> {
  choice = rows.choiceOf(location.search);
  page = Math.max(1, Number(new URLSearchParams(location.search).get("page")) || 1);
  const asItStands = !choice.size && page === 1 && !turn;
  filter();
  if (!asItStands) await show();
}

/** Shows what was chosen, and says so in the address. */
async function choose(): Promise<void> {
  page = 1;
  filter();
  history.pushState(null, "", address(1));
  await show();
}

function address(at: number): string {
  const query = rows.queryOf(choice, at);
  return query ? `?${query}` : location.pathname;
}

/** Finds the rows, and sets all counts. */
function filter(): void {
  const result = rows.find(choice);
  found = result.rows;
  page = Math.min(page, Math.max(1, Math.ceil(found.length / config.size)));
  for (const [name, { box, items }] of fields) {
    const counts = result.counts.get(name)!;
    let any = false;
    items.forEach(({ item, field, count }, at) => {
      const chosen = choice.get(name)?.has(at) ?? false;
      const shown = counts[at]! > 0 || chosen;
      any ||= shown;
      item.classList.toggle("away", !shown);
      field.checked = chosen;
      const text = written.format(counts[at]!);
      if (count.textContent !== text) count.textContent = text; // most counts stay, and each change costs time
    });
    box.classList.toggle("away", !any);
  }
  const chosen = [...choice].flatMap(([name, values]) => [...values].map((value) => [name, value] as const));
  filters.querySelector(".count")!.textContent = chosen.length ? String(chosen.length) : "";
  number.textContent = chosen.length
    ? texts("ofAll", { shown: written.format(found.length), total: counted(config.rows) })
    : counted(config.rows);
  chips.replaceChildren(...chosen.map(([name, value]) => chip(name, value)), ...(chosen.length > 1 ? [clearing()] : []));
  csv.textContent = texts(chosen.length ? "csvRows" : "csv");
  if (!chosen.length) Object.assign(csv, { href: whole, download: "" });
}

function counted(total: number): string {
  return `${written.format(total)} ${config.texts.counted[plurals.select(total)] ?? config.texts.counted["other"]}`;
}

/** Takes one value out of the choice, or puts it in. */
function toggle(name: string, value: number, wanted: boolean): void {
  const values = choice.get(name) ?? new Set();
  if (wanted) values.add(value);
  else values.delete(value);
  if (values.size) choice.set(name, values);
  else choice.delete(name);
  void choose();
}

function chip(name: string, value: number): HTMLElement {
  const words = `${config.facets.find((facet) => facet.name === name)!.title}: ${rows.values.get(name)![value]![1]}`;
  const button = element("button", { type: "button", "aria-label": texts("remove", { filter: words }) }, `${words} `);
  button.append(element("span", { "aria-hidden": "true" }, "×"));
  button.addEventListener("click", () => {
    toggle(name, value, false);
    (chips.querySelector<HTMLElement>("button") ?? filters.querySelector("summary"))?.focus();
  });
  return button;
}

function clearing(): HTMLElement {
  const button = element("button", { type: "button", class: "all" }, texts("clear"));
  button.addEventListener("click", () => {
    choice.clear();
    void choose();
    filters.querySelector("summary")?.focus();
  });
  return button;
}

/** A facet with its values. */
function fieldset({ name, title }: FacetName, values: Value[]): HTMLElement {
  const box = element("fieldset", {});
  box.append(element("legend", {}, title));
  const items = values.map(([, label, language, parents], at) => {
    const item = element("label", parents.length ? { class: "narrower" } : {});
    const field = element("input", { type: "checkbox" });
    field.addEventListener("change", () => toggle(name, at, field.checked));
    const count = element("span", { class: "count" });
    item.append(field, element("span", inLanguage(language), label), count);
    return { item, field, count };
  });
  if (values.length > MANY) {
    const find = element("input", { type: "search", placeholder: texts("narrow"), "aria-label": `${title}: ${texts("narrow")}` });
    find.addEventListener("input", () => {
      const wanted = find.value.trim().toLowerCase();
      items.forEach(({ item }, at) => (item.hidden = !values[at]![1].toLowerCase().includes(wanted)));
    });
    box.append(find);
  }
  const scroll = element("div", { class: "values" });
  scroll.append(...items.map(({ item }) => item));
  box.append(scroll);
  fields.set(name, { box, items });
  return box;
}

/** Shows the rows of the page, as soon as they are loaded. */
async function show(): Promise<void> {
  const mine = ++turn;
  const wanted = found.slice((page - 1) * config.size, page * config.size);
  const loaded = await load(wanted).catch(() => null);
  if (mine !== turn) return;
  if (!loaded) {
    number.textContent = texts("unread");
    return;
  }
  list.replaceChildren(...loaded.map(rowOf));
  if (!wanted.length) list.append(element("li", { class: "note" }, texts("nothing")));
  pager.replaceChildren(...pages());
}

/** The rows with these numbers. */
async function load(numbers: readonly number[]): Promise<Row[]> {
  return Promise.all(
    numbers.map(async (at) => {
      const part = Math.floor(at / config.size) + 1;
      return (await loader.get<Row[]>(part === 1 ? "index" : `page-${part}`))[at % config.size]!;
    }),
  );
}

function rowOf([, link, words, language, facts, marks]: Row): HTMLLIElement {
  const row = element("li", { class: "row" });
  const said = element("p", { class: "said" });
  said.append(element("a", { href: link, ...inLanguage(language) }, words));
  const about = element("ul", { class: "facts" });
  for (const [text, href, before = "", after = "", its] of facts) {
    const fact = element("li", {}, before);
    fact.append(href ? element("a", { href, ...inLanguage(its) }, text) : text, after);
    about.append(fact);
  }
  const notes = element("ul", { class: "marks" });
  for (const [text, style, its] of marks) notes.append(element("li", { class: style ? `tag ${style}` : "tag", ...inLanguage(its) }, text));
  row.append(said, about, notes);
  return row;
}

function pages(): (Node | string)[] {
  const last = Math.ceil(found.length / config.size);
  const to = (at: number, rel: "prev" | "next", words: string): HTMLElement => {
    const link = element("a", { rel, href: choice.size ? address(at) : at > 1 ? `page-${at}.html` : "index.html" }, words);
    if (choice.size) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        page = at;
        history.pushState(null, "", address(at));
        void show();
        document.querySelector("#shown")!.scrollIntoView();
      });
    }
    return link;
  };
  return [
    ...(page > 1 ? [to(page - 1, "prev", texts("previous")), " "] : []),
    ...(last > 1 ? [element("span", {}, texts("page", { number: page, pages: last }))] : []),
    ...(page < last ? [" ", to(page + 1, "next", texts("next"))] : []),
  ];
}

/** The chosen rows as a file, made when it is asked for; all rows are a file of the site. */
csv.addEventListener("click", async (event) => {
  if (!choice.size) return;
  event.preventDefault();
  const numbers = found;
  const loaded = await load(numbers);
  const names = config.facets.map(({ name }) => name);
  const lines = loaded.map(([iri, , words, , , , cells], at) => [
    /^[a-z]+:/i.test(iri) ? iri : config.base + iri,
    words,
    ...cells,
    ...names.map((name) => rows.labels(name, numbers[at]!)),
  ]);
  const text = csvOf(["iri", "words", ...config.cells, ...names], lines.map((cells) => [[], cells]));
  const href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  element("a", { href, download: whole.replace(/.*\/([^/]+)\/index\.csv$/, "$1.csv") }).click();
});

void start();
