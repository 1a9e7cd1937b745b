// Filtering a list by facets: counts that are worked out by hand, groups, broader issues, and the address.

import assert from "node:assert/strict";
import { test } from "node:test";

import { decoded, FacetedRows, type FacetFile, type FacetName } from "../../src/frontend/facets.js";

// Three claims. The first was said by Ann in 2014 and by Ben in 2015; the second by Ann in 2015; nobody said the third.
// Torture (0) is broader than ill-treatment (1); libel is 2.
const NAMES: FacetName[] = [
  { name: "speaker", title: "Speaker", group: "speaker" },
  { name: "year", title: "Year", group: "speaker" },
  { name: "issue", title: "Issue", group: "issue" },
];
const FILES: FacetFile[] = [
  { values: [["person/ann", "Ann", "", []], ["person/ben", "Ben", "", []]], column: "0 1,0,-" },
  { values: [["2015", "2015", "", []], ["2014", "2014", "", []], ["none", "No date", "", []]], column: "1 0,0,2" },
  { values: [["issue/torture", "Torture", "", []], ["issue/ill", "Ill-treatment", "", [0]], ["issue/libel", "Libel", "", []]], column: "1,0 2,2" },
];
const rows = new FacetedRows(3, NAMES, FILES);

const found = (query: string) => {
  const { rows: numbers, counts } = rows.find(rows.choiceOf(query));
  return { rows: numbers, counts: Object.fromEntries([...counts].map(([name, of]) => [name, [...of]])) };
};

test("without a choice every row is there, and counts once for each of its values and the broader ones", () => {
  assert.deepEqual(found(""), { rows: [0, 1, 2], counts: { speaker: [2, 1], year: [2, 1, 1], issue: [2, 1, 2] } });
});

test("values of one facet are alternatives, and its own counts stay as they would be with another choice", () => {
  assert.deepEqual(found("speaker=person/ben").rows, [0]);
  assert.deepEqual(found("speaker=person/ben").counts.speaker, [2, 1]);
  assert.deepEqual(found("year=2014&year=none").rows, [0, 2]);
});

test("what belongs together is chosen together: Ben said it in 2015, and not in 2014", () => {
  assert.deepEqual(found("speaker=person/ben&year=2015").rows, [0]);
  assert.deepEqual(found("speaker=person/ben&year=2014").rows, []);
  assert.deepEqual(found("speaker=person/ben").counts.year, [1, 0, 0]);
});

test("a broader issue has the rows of the narrower one, but not the other way round", () => {
  assert.deepEqual(found("issue=issue/torture").rows, [0, 1]);
  assert.deepEqual(found("issue=issue/ill").rows, [0]);
});

test("counts of a facet are of the rows that the other facets leave", () => {
  assert.deepEqual(found("issue=issue/libel").counts, { speaker: [1, 0], year: [1, 0, 1], issue: [2, 1, 2] });
});

test("an address says the choice and the page, and what it names that is not there is left out", () => {
  const choice = rows.choiceOf("?speaker=person/ann&issue=issue/libel&issue=issue/torture&speaker=person/nobody&other=x&page=2");
  assert.equal(rows.queryOf(choice, 2), "speaker=person/ann&issue=issue/libel&issue=issue/torture&page=2");
  assert.equal(rows.queryOf(new Map()), "");
});

test("a cell has the labels of the row's own values", () => {
  assert.deepEqual([0, 1, 2].map((row) => rows.labels("speaker", row)), ["Ann; Ben", "Ann", ""]);
  assert.deepEqual([0, 1, 2].map((row) => rows.labels("issue", row)), ["Ill-treatment", "Torture; Libel", "Libel"]);
});

test("columns are read to base 36, with rows that have no value", () => {
  assert.deepEqual(decoded("z 10,,-"), [[35, 36], [], [-1]]);
});

test("a list of one row without a value of a facet has no value", () => {
  const one = new FacetedRows(1, [NAMES[0]!], [{ values: [], column: "" }]);
  assert.deepEqual(one.find(new Map()).rows, [0]);
});
