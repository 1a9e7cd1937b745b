// What can be written next: variables of the query, terms by name or by label, prefixes, words of the language.

import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { EditorView } from "@codemirror/view";
import type { Offers } from "./offers.js";
import { syntaxOf } from "./query.js";

const KEYWORDS = (
  "SELECT CONSTRUCT ASK DESCRIBE WHERE DISTINCT OPTIONAL UNION MINUS FILTER BIND VALUES GRAPH FROM PREFIX ORDER BY GROUP " +
  "HAVING LIMIT OFFSET ASC DESC EXISTS NOT IN AS COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT STR LANG LANGMATCHES DATATYPE " +
  "BOUND IF COALESCE REGEX CONTAINS STRSTARTS STRENDS STRLEN SUBSTR REPLACE UCASE LCASE CONCAT YEAR MONTH DAY isIRI isLiteral"
).split(" ");

export function completion(offers: Offers): (context: CompletionContext) => CompletionResult | null {
  const terms = offers.terms.map(([name, kind, label, meaning]) => term(offers, name, kind, label, meaning));
  const keywords = KEYWORDS.map((label): Completion => ({ label, type: "keyword" }));
  return (context) => {
    const variable = context.matchBefore(/[?$]\w*/);
    if (variable) return { from: variable.from, options: variables(context, variable.text), validFor: /^[?$]\w*$/ };
    const word = context.matchBefore(/[\w-]+(:[\w.-]*)?/);
    if (!word && !context.explicit) return null;
    return { from: word?.from ?? context.pos, options: [...terms, ...keywords], validFor: /^[\w-]*(:[\w.-]*)?$/ };
  };
}

function variables(context: CompletionContext, typed: string): Completion[] {
  const found = syntaxOf(context.state.doc.toString()).match(/[?$]\w+/g) ?? [];
  return [...new Set(found)].filter((name) => name !== typed).map((label) => ({ label, type: "variable" }));
}

/** A term, offered for its label too; where its prefix is not declared, choosing it declares it. */
function term(offers: Offers, name: string, kind: string, label: string, meaning: string): Completion {
  const [prefix] = name.split(":", 1) as [string];
  return {
    label: name,
    detail: label,
    type: kind,
    ...(meaning && { info: meaning }),
    apply: (view: EditorView, _: Completion, from: number, to: number) => {
      const text = view.state.doc.toString();
      const declared = new RegExp(`\\bPREFIX\\s+${prefix}:`, "i").test(syntaxOf(text));
      const head = declared ? "" : `PREFIX ${prefix}: <${offers.prefixes[prefix]}>\n`;
      const changes = [{ from, to, insert: name }, ...(head ? [{ from: 0, insert: head }] : [])];
      view.dispatch({ changes, selection: { anchor: head.length + from + name.length } });
    },
  };
}
