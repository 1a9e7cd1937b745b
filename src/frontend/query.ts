// The text of a query: its form, what it forgot to declare, and values for its parameters.

import { _ } from "./words.js";
import type { Form } from "./worker-protocol.js";

/** What is not syntax: IRIs, strings and comments. */
const QUIET = /<[^<>"{}|^`\\\s]*>|"""(?:[^\\]|\\.)*?"""|'''(?:[^\\]|\\.)*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|#[^\n]*/gs;
const FORM = /(?<![?$:\w])(SELECT|ASK|CONSTRUCT|DESCRIBE)(?![\w:])/i;
const UPDATE = /(?<![?$:\w])(INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY)(?![\w:])/i;
const DECLARED = /\bPREFIX\s+([\w.-]*):/gi;
const USED = /(?<![\w?$:.-])([A-Za-z][\w.-]*|):[\w%\\]/g;

/** Something wrong with a query: where it is and what it is. */
export interface Problem {
  at: number;
  words: string;
}

/** The text with all that is not syntax blanked out, every place as before. */
export function syntaxOf(query: string): string {
  return query.replace(QUIET, (quiet) => quiet.replace(/[^\n]/g, " "));
}

export function formOf(query: string): Form | null {
  return (FORM.exec(syntaxOf(query))?.[1]?.toUpperCase() as Form | undefined) ?? null;
}

/** What can be said of a query in plainer words than a parser has. */
export function foreseen(query: string): Problem | null {
  const syntax = syntaxOf(query);
  if (!syntax.trim()) return { at: 0, words: _("There is no query yet.") };
  const update = UPDATE.exec(syntax);
  if (update && !FORM.test(syntax)) {
    return { at: update.index, words: _("{keyword} would change the data; this page only answers queries.", { keyword: update[1]!.toUpperCase() }) };
  }
  return undeclared(syntax);
}

function undeclared(syntax: string): Problem | null {
  const declared = new Set([...syntax.matchAll(DECLARED)].map((found) => found[1]));
  const body = syntax.replace(DECLARED, (found) => " ".repeat(found.length));
  for (const found of body.matchAll(USED)) {
    const words = _("the prefix “{prefix}:” is not declared: write PREFIX {prefix}: <…> at the head of the query.", { prefix: found[1]! });
    if (!declared.has(found[1]!)) return { at: found.index, words };
  }
  return null;
}

/** The parser's message, with the place it names. */
export function located(query: string, message: string): Problem | null {
  const found = /at (\d+):(\d+): (.*)$/s.exec(message);
  if (!found) return null;
  const lines = query.split("\n").slice(0, Number(found[1]) - 1);
  const named = Math.min(query.length, lines.reduce((sum, line) => sum + line.length + 1, 0) + Number(found[2]) - 1);
  const at = named - /[\w?$:]*$/.exec(query.slice(0, named))![0].length;
  const here = /^\s*(\S+)/.exec(query.slice(at))?.[1];
  const place = here ? _("“{word}” cannot stand here", { word: here.slice(0, 40) }) : _("the query ends too early");
  return { at, words: `${place}: ${found[3]!.replaceAll("[_]", _("something else"))}.` };
}

/** The number of the line, and of the column in it, from 1. */
export function place(query: string, at: number): { line: number; column: number } {
  const before = query.slice(0, at).split("\n");
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/**
 * The query with variables bound, terms as SPARQL writes them. A VALUES block of the query for a variable holds its
 * default, and gets the term instead; without one, a block stands behind the first brace.
 */
export function bound(query: string, terms: ReadonlyMap<string, string>): string {
  const syntax = syntaxOf(query);
  const start = syntax.indexOf("{") + 1;
  const changes: { from: number; to: number; text: string }[] = [];
  for (const [name, term] of terms) {
    const block = `VALUES ?${name} { ${term} }`;
    const defaults = [...syntax.matchAll(new RegExp(`\\bVALUES\\s+\\?${name}\\s*\\{[^{}]*\\}`, "g"))];
    changes.push(...defaults.map((found) => ({ from: found.index, to: found.index + found[0].length, text: block })));
    if (!defaults.length && start) changes.push({ from: start, to: start, text: `\n  ${block}` });
  }
  changes.sort((one, other) => one.from - other.from);
  let at = 0;
  let found = "";
  for (const { from, to, text } of changes) {
    found += query.slice(at, from) + text;
    at = to;
  }
  return found + query.slice(at);
}
