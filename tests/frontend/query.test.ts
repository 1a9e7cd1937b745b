// The text of a query: the cases of binding are those of the Python side (tests/test_frontend.py).

import assert from "node:assert/strict";
import { test } from "node:test";
import cases from "../cases/binding.json";
import { bound, foreseen, formOf, located, place } from "../../src/frontend/query.js";

const spaced = (text: string) => text.replace(/\s+/g, " ");

for (const { what, query, terms, bound: expected } of cases) {
  test(`binding: ${what}`, () => {
    assert.equal(spaced(bound(query, new Map(Object.entries(terms)))), spaced(expected));
  });
}

test("the form is the first keyword that is syntax", () => {
  assert.equal(formOf("# SELECT\nPREFIX ask: <x:SELECT#> ask { ?select a ask:CONSTRUCT }"), "ASK");
  assert.equal(formOf("DESCRIBE <x:a>"), "DESCRIBE");
  assert.equal(formOf("'SELECT'"), null);
});

test("what is foreseen: nothing written, an update, a prefix without declaration", () => {
  assert.match(foreseen("  # later\n")!.words, /no query yet/);
  assert.match(foreseen("INSERT DATA { <a> <b> <c> }")!.words, /would change the data/);
  assert.deepEqual(foreseen("SELECT * { ?s rj:about ?o }")!.at, 14);
  assert.equal(foreseen("PREFIX rj: <x:> SELECT * { ?s rj:about ?o }"), null);
});

test("a parser's place becomes a place in the text", () => {
  const found = located("SELECT *\nWHERE { ?s ?p }", "error at 2:15: expected [_]")!;
  assert.deepEqual(place("SELECT *\nWHERE { ?s ?p }", found.at), { line: 2, column: 15 });
  assert.equal(found.words, "“}” cannot stand here: expected something else.");
});
