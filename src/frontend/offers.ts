// What the site offers to someone who writes a query: see sparqlpage.py, which makes it.

export interface Parameter {
  name: string;
  type: string;
  summary: string;
  value: string | null;
  /** Where the IRI of a short name begins; null for a number or words. */
  start: string | null;
}

export interface Question {
  name: string;
  title: string;
  group: string;
  query: string;
  parameters: Parameter[];
}

export interface Offers {
  base: string;
  prefixes: Record<string, string>;
  terms: [name: string, kind: string, label: string, meaning: string][];
  questions: Question[];
  values: Record<string, [name: string, label: string][]>;
}

/** The term that a person's words stand for, as SPARQL writes it; null if they stand for none. */
export function termOf({ type, start }: Parameter, words: string, base: string): string | null {
  if (type === "Integer") return /^[+-]?\d+$/.test(words) ? words : null;
  if (type === "String" || start === null) return JSON.stringify(words);
  const iri = /^https?:\/\//.test(words) ? words : words.includes("/") ? base + words : start + words;
  return /[<>"{}|^`\\\s]/.test(iri) ? null : `<${iri}>`;
}

/** The page of an IRI on this site, relative to its top; the IRI if it is a web address; null if it leads nowhere. */
export function linkOf(iri: string, { base, prefixes }: Offers): string | null {
  const vocabulary = prefixes["rj"]!.replace(/ns#$/, "");
  const top = /(ns|shapes)([#/]|$)/.test(iri.slice(vocabulary.length)) && iri.startsWith(vocabulary) ? vocabulary : base;
  if (iri.startsWith(top)) {
    const [document, fragment] = iri.slice(top.length).split("#", 2) as [string, string?];
    if (!/^([\w~-][\w.~-]*\/)*([\w~-][\w.~-]*)?$/.test(document)) return null;
    const file = document === "" || document.endsWith("/") ? `${document}index.html` : `${document}.html`;
    return fragment ? `${file}#${fragment}` : file;
  }
  return /^https?:\/\//.test(iri) ? iri : null;
}

/** An IRI as a reader likes it: below the base, or behind a prefix. */
export function shortOf(iri: string, { base, prefixes }: Offers): string {
  if (iri.startsWith(base) && iri !== base) return iri.slice(base.length);
  const found = Object.entries(prefixes).find(([, start]) => iri.startsWith(start) && /^[\w.-]+$/.test(iri.slice(start.length)));
  return found ? `${found[0]}:${iri.slice(found[1].length)}` : iri;
}
