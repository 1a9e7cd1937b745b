// Oxigraph for browsers, in all versions on npm up to 0.5.11, reads 10 - 3 - 2 as 10 - (3 - 2), and so with * and /.
// SPARQL reads from the left. So chains are put in parentheses before a query runs: an answer must not be wrong.

import type { SyntaxNode } from "@lezer/common";
import { SparqlLanguage } from "codemirror-lang-sparql";

interface Insertion {
  at: number;
  text: string;
}

/** Operands that stand beside each other in a chain, by where they begin and end. */
interface Operand {
  from: number;
  to: number;
  /** Its factors, where it begins with a signed number and more follow: `-8 / 2 / 2`. */
  factors: SyntaxNode[];
}

/** The query with each chain of operators read from the left. */
export function fromTheLeft(query: string): string {
  const closing: Insertion[] = [];
  const opening: Insertion[] = [];
  SparqlLanguage.parser.parse(query).iterate({
    enter({ name, node }) {
      if (name !== "AdditiveExpression" && name !== "MultiplicativeExpression") return;
      const operands = operandsOf(node);
      group(operands, "(", opening, closing);
      for (const { factors } of operands) group(factors, "+(", opening, closing);
    },
  });
  const insertions = [...closing, ...opening].sort((a, b) => a.at - b.at); // stable: what closes stands before what opens
  return insertions.reduceRight((text, { at, text: put }) => text.slice(0, at) + put + text.slice(at), query);
}

function operandsOf(node: SyntaxNode): Operand[] {
  const found: Operand[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    const last = found.at(-1);
    if (child.name === "UnaryExpression" && node.name === "AdditiveExpression" && last) {
      last.to = child.to;
      last.factors.push(child);
    } else if (child.name !== "Comment") {
      const isSigned = child.name.startsWith("NumericLiteral");
      found.push({ from: child.from, to: child.to, factors: isSigned ? [child] : [] });
    }
  }
  return found;
}

/** Parentheses around the first two of three, the first three of four, and so on. */
function group(parts: { from: number; to: number }[], open: string, opening: Insertion[], closing: Insertion[]): void {
  const pairs = parts.length - 2;
  if (pairs < 1) return;
  opening.push({ at: parts[0]!.from, text: open + "(".repeat(pairs - 1) });
  for (const part of parts.slice(1, -1)) closing.push({ at: part.to, text: ")" });
}
