// Tables as files: the cases are those of the Python side (tests/test_frontend.py).

import assert from "node:assert/strict";
import { test } from "node:test";
import cases from "../cases/csv.json";
import { counted, csvOf, ranking, tableOf, type Table } from "../../src/frontend/table.js";

for (const { what, columns, rows, csv } of cases) {
  test(`CSV: ${what}`, () => {
    const bindings = rows.map((row) => Object.fromEntries(columns.flatMap((name, at) => (row[at] ? [[name, row[at]]] : []))));
    const table = tableOf(JSON.stringify({ head: { vars: columns }, results: { bindings } }));
    assert.equal(csvOf(table), csv);
  });
}

test("an ASK is a table of one cell", () => {
  assert.equal(csvOf(tableOf('{"head": {}, "boolean": true}')), "answer\r\nyes\r\n");
});

test("rows are counted, and those left out are told", () => {
  const rows = (number: number): Table => ({ columns: [], rows: Array.from({ length: number }, () => ({})) });
  assert.equal(counted(rows(1)), "1 row");
  assert.equal(counted(rows(1000)), "1000 rows");
  assert.equal(counted(rows(1001)), "1001 rows, the first 1000 shown");
});

test("a table that names persons cannot be sorted by its numbers", () => {
  const of = (iri: string): Table => ({
    columns: ["who", "claims"],
    rows: [{ who: { type: "uri", value: iri }, claims: { type: "literal", value: "3" } }],
  });
  const base = "https://example.org/";
  assert.deepEqual([...ranking(of("https://example.org/person/somebody"), { base })], ["claims"]);
  assert.deepEqual([...ranking(of("https://example.org/state/KAZ"), { base })], []);
});
