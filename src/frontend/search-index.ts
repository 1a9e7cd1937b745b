// The search index as the page reads it: see search.py, which writes it.

import { ScriptLoader } from "./script-loader.js";
import { spelling, type Rules } from "./spelling.js";

/** What index.js says: rules of spelling, kinds in order with their numbers of entries, and how words are parted. */
interface About extends Rules {
  kinds: [kind: string, entries: number][];
  chunk: number;
  parts: string[];
  common: string[];
}

type Row = [label: string, path: string, note: string, ...texts: string[]];

export interface Entry {
  kind: string;
  label: string;
  path: string;
  note: string;
  texts: string[];
}

/**
 * The numbers of the entries that were found, by kind and the best of each first, and of the things that are called so;
 * `near` are words that were taken for words of the query. `isCommon` says that all of its words are too common.
 */
export interface Found {
  numbers: number[];
  named: number[];
  isCommon: boolean;
  words: string[];
  near: string[];
}

const MOST_FILES = 40;
const MOST_NAMED = 3;
/** Before a whole name in the files of words. */
const NAME = "=";
/** What a word in a label counts more than one in another text. */
const IN_LABEL = 1.5;

export class Index {
  private constructor(
    private readonly loader: ScriptLoader,
    private readonly about: About,
  ) {}

  static async open(folder: string): Promise<Index> {
    const loader = new ScriptLoader(folder, "rejoinderSearch");
    return new Index(loader, await loader.get<About>("index"));
  }

  /** How many entries there are, and of which kinds, in order. */
  get kinds(): readonly [string, number][] {
    return this.about.kinds;
  }

  kindOf(number: number): string {
    let end = 0;
    return this.about.kinds.find(([, entries]) => number < (end += entries))?.[0] ?? "";
  }

  /** The words of a text as the index spells them. */
  spell(text: string): string[] {
    return spelling(text, this.about);
  }

  /** The entries in which all words of the text stand, or words that begin so; if none, words that are near. */
  async find(text: string): Promise<Found> {
    const spelt = this.spell(text);
    const wanted = spelt.filter((word) => !this.about.common.includes(word));
    const [named, ...hits] = await Promise.all([this.named(spelt), ...wanted.map((word) => this.hits(word))]);
    const isCommon = spelt.length > 0 && !wanted.length;
    if (!hits.length) return { numbers: [], named: named as number[], isCommon, words: spelt, near: [] };
    const found = hits as Hit[];
    const near = found.filter((hit) => hit.near).flatMap((hit) => hit.words);
    return {
      numbers: ranked(intersection(found.map((hit) => hit.scores)), (number) => (near.length ? 0 : this.rankOf(number))),
      named: named as number[],
      isCommon,
      words: found.flatMap((hit) => hit.words),
      near,
    };
  }

  /** The place of an entry's kind in their order. */
  private rankOf(number: number): number {
    let end = 0;
    return this.about.kinds.findIndex(([, entries]) => number < (end += entries));
  }

  /** The things with a name that begins so, those with just this name first. */
  private async named(spelt: string[]): Promise<number[]> {
    const whole = NAME + spelt.join(" ");
    if (whole.length < 3) return [];
    const known = await this.words((prefix) => prefix.startsWith(NAME) && (prefix.startsWith(whole) || whole.startsWith(prefix)));
    const names = [...known].filter(([name]) => name === whole || (name.startsWith(whole) && whole.length > 3));
    names.sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1));
    return [...new Set(names.flatMap(([, steps]) => placesOf(steps).map(([number]) => number)))].slice(0, MOST_NAMED);
  }

  /** The entries with these numbers. */
  async entries(numbers: readonly number[]): Promise<Entry[]> {
    return Promise.all(
      numbers.map(async (number) => {
        const rows = await this.loader.get<Row[]>(`entries-${Math.floor(number / this.about.chunk)}`);
        const [label, path, note, ...texts] = rows[number % this.about.chunk]!;
        return { kind: this.kindOf(number), label, path, note, texts };
      }),
    );
  }

  private async hits(word: string): Promise<Hit> {
    const likely = await this.words((prefix) => prefix.startsWith(word) || word.startsWith(prefix));
    const begun = [...likely].filter(([known]) => known.startsWith(word));
    if (begun.length) return scored(begun, (known) => (known === word ? 2 : 1), false);
    const around = await this.words((prefix) => !prefix || prefix[0] === word[0]);
    const near = [...around].map(([known, steps]) => [known, steps, nearness(word, known)] as const);
    const best = near.filter(([, , by]) => by > 0).sort((a, b) => b[2] - a[2]).slice(0, 5);
    const by = new Map(best.map(([known, , score]) => [known, score]));
    return scored(best.map(([known, steps]) => [known, steps]), (known) => by.get(known)!, true);
  }

  /** The words in the files of words whose prefix fits. */
  private async words(fits: (prefix: string) => boolean): Promise<Map<string, number[]>> {
    const names = this.about.parts.filter(fits).slice(0, MOST_FILES).map((prefix) => `words-${hexadecimal(prefix)}`);
    const parts = await Promise.all(names.map((name) => this.loader.get<Record<string, number[]>>(name)));
    return new Map(parts.flatMap((part) => Object.entries(part)));
  }
}

interface Hit {
  scores: Map<number, number>;
  words: string[];
  near: boolean;
}

function scored(found: [string, number[]][], score: (word: string) => number, near: boolean): Hit {
  const scores = new Map<number, number>();
  for (const [word, steps] of found) {
    for (const [number, isLabel] of placesOf(steps)) {
      scores.set(number, Math.max(scores.get(number) ?? 0, score(word) + (isLabel ? IN_LABEL : 0)));
    }
  }
  return { scores, words: found.map(([word]) => word), near };
}

/** The entries of a word, each with whether it is in the label; the index has the differences. */
function placesOf(steps: number[]): [number: number, isLabel: boolean][] {
  let place = 0;
  return steps.map((step) => [(place += step) >> 1, !(place & 1)]);
}

/** The numbers by rank, the best of each first. */
export function ranked(scores: ReadonlyMap<number, number>, rank: (number: number) => number): number[] {
  const found = [...scores].map(([number, score]) => ({ number, score, rank: rank(number) }));
  return found.sort((a, b) => a.rank - b.rank || b.score - a.score || a.number - b.number).map(({ number }) => number);
}

/** The part of a text around the first word that is searched for, at most twice `around` characters. */
export function passage(text: string, isSearched: (word: string) => boolean, around = 110): string {
  const found = [...text.matchAll(/[\p{L}\p{N}\p{M}’']+/gu)].find(([word]) => isSearched(word));
  const at = found?.index ?? 0;
  if (text.length <= 2 * around) return text;
  const start = at <= around ? 0 : text.indexOf(" ", at - around) + 1;
  const end = start + 2 * around >= text.length ? text.length : text.lastIndexOf(" ", start + 2 * around);
  return `${start ? "… " : ""}${text.slice(start, end > at ? end : start + 2 * around)}${end < text.length ? " …" : ""}`;
}

/** The numbers that all maps have, with the sum of their scores. */
function intersection(maps: Map<number, number>[]): Map<number, number> {
  return maps.reduce(
    (kept, map) => new Map([...kept].flatMap(([n, score]) => (map.has(n) ? [[n, score + map.get(n)!] as const] : []))),
  );
}

function hexadecimal(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** How near a word is to one that is known, or to its beginning: 0 if it is another word, below 1 if it is near. */
export function nearness(word: string, known: string): number {
  const allowed = word.length >= 7 ? 2 : word.length >= 4 ? 1 : 0;
  const lengths = [known.length, word.length - 1, word.length, word.length + 1];
  const least = Math.min(...lengths.map((length) => distance(word, known.slice(0, length)) + (length < known.length ? 0.5 : 0)));
  return least > allowed + 0.5 || !allowed ? 0 : 1 / (1 + least);
}

/** The edits that lead from one word to the other: letters left out, put in, exchanged, or two that changed places. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  const rows = [Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + same);
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j]!, rows[i - 2]![j - 2]! + 1);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
