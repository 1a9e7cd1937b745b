// Tables of results with links to the pages of things, and as files.

import { element } from "./dom.js";
import { _, ngettext } from "./words.js";
import { linkOf, shortOf, type Offers } from "./offers.js";
import { sortable, valueOf } from "./sorting.js";

const MOST_ROWS = 1000;

/** A term in SPARQL 1.1 Query Results JSON. */
interface Term {
  type: "uri" | "literal" | "bnode";
  value: string;
  "xml:lang"?: string;
}

export interface Table {
  columns: string[];
  rows: Record<string, Term>[];
}

/** The table that results in JSON stand for; an ASK has one cell. */
export function tableOf(json: string): Table {
  const found = JSON.parse(json);
  if ("boolean" in found) return { columns: ["answer"], rows: [{ answer: { type: "literal", value: found.boolean ? "yes" : "no" } }] };
  return { columns: found.head.vars, rows: found.results.bindings };
}

/** The table as a page shows it. */
export function shown(table: Table, offers: Offers): HTMLTableElement {
  const made = element("table", {});
  const head = made.createTHead().insertRow();
  const fixed = ranking(table, offers);
  for (const column of table.columns) head.append(element("th", { scope: "col", ...(fixed.has(column) ? { "data-fixed": "" } : {}) }, column));
  const body = made.createTBody();
  for (const row of table.rows.slice(0, MOST_ROWS)) {
    const line = body.insertRow();
    for (const column of table.columns) line.append(cell(row[column], offers));
  }
  sortable(made);
  return made;
}

/** The columns of numbers of a table that names persons: sorted by them, it would rank persons. */
export function ranking({ columns, rows }: Table, { base }: Pick<Offers, "base">): ReadonlySet<string> {
  const named = rows.some((row) => Object.values(row).some(({ type, value }) => type === "uri" && value.startsWith(`${base}person/`)));
  return new Set(named ? columns.filter((column) => rows.some((row) => typeof valueOf(row[column]?.value ?? "") === "number")) : []);
}

/** How many rows there are, and how many of them are shown. */
export function counted({ rows }: Table): string {
  const all = ngettext("{n} row", "{n} rows", rows.length);
  return rows.length > MOST_ROWS ? _("{rows}, the first {n} shown", { rows: all, n: MOST_ROWS }) : all;
}

function cell(term: Term | undefined, offers: Offers): HTMLTableCellElement {
  const made = element("td", {});
  if (!term) return made;
  if (term["xml:lang"]) Object.assign(made, { lang: term["xml:lang"], dir: "auto" });
  const words = term.type === "uri" ? shortOf(term.value, offers) : term.type === "bnode" ? `_:${term.value}` : term.value;
  const link = term.type === "uri" ? linkOf(term.value, offers) : null;
  made.append(link ? element("a", { href: link }, words) : words);
  return made;
}

/** The table as CSV. Standard: SPARQL 1.1 Query Results CSV. */
export function csvOf({ columns, rows }: Table): string {
  const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const plain = (term: Term | undefined) => (term?.type === "bnode" ? `_:${term.value}` : (term?.value ?? ""));
  const lines = [columns, ...rows.map((row) => columns.map((column) => plain(row[column])))];
  return lines.map((line) => line.map(quoted).join(",") + "\r\n").join("");
}

/** A link that saves a text as a file. */
export function download(name: string, text: string, type: string, words: string): HTMLAnchorElement {
  const href = URL.createObjectURL(new Blob([text], { type }));
  return element("a", { href, download: name, type }, words);
}
