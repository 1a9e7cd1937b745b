// The rows of an answer: which of them a reader chose, in which order, and how the address says so.

import { valueOf, type Value } from "./sorting.js";

/** The words of a cell, and the address, language, length of the bar in percent, and date in EDTF that it may have. */
export type Cell =
  | string
  | [words: string, link?: string | null, language?: string | null, bar?: number | null, date?: string | null];

/** A row: the place of its value in each list to choose from, -1 for none, and its cells. */
export type Row = [keys: number[], cells: Cell[]];

/** What a reader chose: the place of a value in each list, -1 for all, and words. */
export interface Choice {
  keys: number[];
  words: string;
}

/** What a file has of a cell, and by what its column is sorted: a date is not in words. */
const plain = (cell: Cell): string => (typeof cell === "string" ? cell : (cell[4] ?? cell[0]));

/** The texts in which words are looked for: those on the page and, of a date, both. */
const textsOf = (cell: Cell): string => (typeof cell === "string" ? cell : [cell[0], cell[4]].join(" "));

/** The rows that have all chosen values, and all words in any of their cells, whose texts are kept in `known`. */
export function chosen(rows: readonly Row[], { keys, words }: Choice, known = new WeakMap<Cell[], string>()): Row[] {
  const wanted = folded(words).split(/\s+/).filter(Boolean);
  return rows.filter(([own, cells]) => {
    if (keys.some((key, at) => key !== -1 && own[at] !== key)) return false;
    if (!wanted.length) return true;
    const text = known.get(cells) ?? folded(cells.map(textsOf).join(" "));
    known.set(cells, text);
    return wanted.every((word) => text.includes(word));
  });
}

/** A text without accents and capitals. */
function folded(text: string): string {
  const plain = /^[\x00-\x7f]*$/.test(text) ? text : text.normalize("NFKD").replace(/\p{M}/gu, ""); // most texts are ASCII
  return plain.toLowerCase();
}

/** The rows by the values in a column. */
export function sorted(rows: readonly Row[], column: number, compare: (a: Value, b: Value) => number): Row[] {
  const valued = rows.map((row) => [row, valueOf(plain(row[1][column] ?? ""))] as const);
  return valued.sort((a, b) => compare(a[1], b[1])).map(([row]) => row);
}

/** The rows as CSV. Standard: RFC 4180. */
export function csvOf(titles: readonly string[], rows: readonly Row[]): string {
  const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [titles, ...rows.map(([, cells]) => cells.map(plain))].map((line) => line.map(quoted).join(",") + "\r\n").join("");
}

/**
 * The part of an address that says what is chosen; empty if it is what the page begins with. An empty value stands for
 * all of a list that begins with one.
 */
export function addressOf(fields: readonly [name: string, value: string, first: string][]): string {
  const changed = fields.filter(([, value, first]) => value !== first);
  return changed.length ? `?${new URLSearchParams(changed.map(([name, value]) => [name, value]))}` : "";
}
