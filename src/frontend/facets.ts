// The rows of a list by what was chosen, how many rows each further choice would have, and how the address says it.

/** A facet as the page names it; facets of one group describe the same thing, such as one statement of a claim. */
export interface FacetName {
  name: string;
  title: string;
  group: string;
}

/** A value: its name in the address, its words, their language if not the page's, and the values that include it. */
export type Value = [name: string, label: string, language: string, parents: number[]];

/** What the script of a facet says: see lists.py, which writes it. */
export interface FacetFile {
  values: Value[];
  column: string;
}

/** The chosen values of each facet, by number. */
export type Choice = ReadonlyMap<string, ReadonlySet<number>>;

/** The rows that were found, and for each facet the number of rows of each value, if that were the choice there. */
export interface Found {
  rows: number[];
  counts: Map<string, Uint32Array>;
}

const SEVERAL = 255;

interface Column {
  name: string;
  values: Value[];
  codes: Int32Array;
  counts: Uint32Array;
  /** The row that was last counted for each value, so that a row counts once. */
  counted: Int32Array;
}

/** The columns of a group: the items of row `n` are those from `starts[n]` to `starts[n + 1]`. */
interface Group {
  starts: Uint32Array;
  columns: Column[];
}

/** The numbers of values of each row: rows are parted by commas, values by blanks; `-` stands for none. */
export function decoded(column: string): number[][] {
  const known = new Map<string, number[]>(); // most rows have the same values as another one
  const read = (row: string): number[] => row.split(" ").map((code) => (code === "-" ? -1 : parseInt(code, 36)));
  return column.split(",").map((row) => {
    if (!row) return [];
    const numbers = known.get(row) ?? read(row);
    known.set(row, numbers);
    return numbers;
  });
}

/** The numbers of the values, and of all that include them. */
function rolledUp(own: number[], values: Value[]): number[] {
  const found = new Set<number>();
  const left = [...own];
  for (let at = left.pop(); at !== undefined; at = left.pop()) {
    if (found.has(at)) continue;
    found.add(at);
    left.push(...(values[at]?.[3] ?? []));
  }
  return [...found];
}

export class FacetedRows {
  private readonly groups: Group[] = [];
  /** The values of each facet, and for each row the numbers of its own values. */
  readonly values = new Map<string, Value[]>();
  readonly own = new Map<string, number[][]>();

  constructor(
    readonly size: number,
    names: readonly FacetName[],
    files: readonly FacetFile[],
  ) {
    const grouped = new Map<string, [FacetName, FacetFile][]>();
    names.forEach((name, at) => grouped.set(name.group, [...(grouped.get(name.group) ?? []), [name, files[at]!]]));
    for (const members of grouped.values()) this.groups.push(this.group(members));
  }

  private group(members: [FacetName, FacetFile][]): Group {
    const starts = new Uint32Array(this.size + 1);
    const columns = members.map(([{ name }, file]) => {
      const own = file.column === "" && this.size !== 1 ? Array.from({ length: this.size }, () => []) : decoded(file.column);
      this.values.set(name, file.values);
      this.own.set(name, own);
      // A broader issue has the rows of its narrower ones; values that belong to others stay where they are.
      const known = new Map<number[], number[]>();
      const alone = members.length === 1 && file.values.some(([, , , parents]) => parents.length);
      const rows = alone ? own.map((row) => known.get(row) ?? known.set(row, rolledUp(row, file.values)).get(row)!) : own;
      rows.forEach((row, at) => (starts[at + 1] = starts[at]! + row.length));
      const counts = new Uint32Array(file.values.length);
      return { name, values: file.values, codes: Int32Array.from(rows.flat()), counts, counted: new Int32Array(file.values.length) };
    });
    return { starts, columns };
  }

  /** The rows that have one of the chosen values of each facet. */
  find(choice: Choice): Found {
    const masks = this.groups.map(({ columns }) => columns.map(({ name, values }) => mask(values.length, choice.get(name))));
    // The group that turns a row away, by number from 1 on; 0 if none does, and SEVERAL if more than one do.
    const failing = new Uint8Array(this.size);
    this.groups.forEach((group, at) => {
      if (masks[at]!.every((mask) => !mask)) return;
      for (let row = 0; row < this.size; row++) {
        if (!passes(group, masks[at]!, row)) failing[row] = failing[row] ? SEVERAL : at + 1;
      }
    });
    const rows: number[] = [];
    for (let row = 0; row < this.size; row++) if (!failing[row]) rows.push(row);
    // A row that only one group turns away would be there with another choice in that group.
    this.groups.forEach((group, at) => count(group, masks[at]!, failing, at + 1));
    const counts = this.groups.flatMap(({ columns }) => columns.map(({ name, counts }) => [name, counts.slice()] as const));
    return { rows, counts: new Map(counts) };
  }

  /** What the query of an address chooses; what it names that is not there is left out. */
  choiceOf(query: string): Map<string, Set<number>> {
    const found = new Map<string, Set<number>>();
    for (const [name, value] of new URLSearchParams(query)) {
      const number = this.values.get(name)?.findIndex(([known]) => known === value) ?? -1;
      if (number >= 0) found.set(name, (found.get(name) ?? new Set()).add(number));
    }
    return found;
  }

  /** The query that says what is chosen, and the page from the second one on; empty if nothing is. */
  queryOf(choice: Choice, page = 1): string {
    const pairs = [...choice].flatMap(([name, numbers]) => [...numbers].map((number) => [name, this.values.get(name)![number]![0]] as const));
    const parts = pairs.map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("%2F", "/")}`);
    return [...parts, ...(page > 1 ? [`page=${page}`] : [])].join("&");
  }

  /** The words of the values that a row has in a facet, as a cell of a table. */
  labels(name: string, row: number): string {
    const values = this.values.get(name) ?? [];
    const labels = (this.own.get(name)?.[row] ?? []).map((number) => values[number]?.[1] ?? "");
    return labels.some(Boolean) ? labels.join("; ") : "";
  }
}

function mask(size: number, chosen: ReadonlySet<number> | undefined): Uint8Array | null {
  if (!chosen?.size) return null;
  const made = new Uint8Array(size);
  for (const number of chosen) made[number] = 1;
  return made;
}

/** Whether one item of the row has a chosen value in every column of the group. */
function passes({ starts, columns }: Group, masks: (Uint8Array | null)[], row: number): boolean {
  for (let item = starts[row]!; item < starts[row + 1]!; item++) if (fits(columns, masks, item, -1)) return true;
  return false;
}

/** Whether the item has a chosen value in every column but one. */
function fits(columns: Column[], masks: (Uint8Array | null)[], item: number, besides: number): boolean {
  for (let at = 0; at < columns.length; at++) {
    if (at !== besides && masks[at] && masks[at]![columns[at]!.codes[item]!] !== 1) return false;
  }
  return true;
}

/** Counts, for each value, the rows that have it together with what is chosen in the other columns of the group. */
function count({ starts, columns }: Group, masks: (Uint8Array | null)[], failing: Uint8Array, own: number): void {
  columns.forEach(({ codes, counts, counted }, at) => {
    counts.fill(0);
    counted.fill(-1);
    const others = masks.some((mask, other) => mask && other !== at);
    for (let row = 0; row < failing.length; row++) {
      if (failing[row] && failing[row] !== own) continue;
      const end = starts[row + 1]!;
      for (let item = starts[row]!; item < end; item++) {
        const code = codes[item]!;
        if (code < 0 || counted[code] === row || (others && !fits(columns, masks, item, at))) continue;
        counted[code] = row;
        counts[code]!++;
      }
    }
  });
}
