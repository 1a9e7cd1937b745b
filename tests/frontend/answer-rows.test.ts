// What a reader chooses of an answer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, chosen, csvOf, sorted, type Row } from "../../src/frontend/answer-rows.js";
import { order } from "../../src/frontend/sorting.js";

const ROWS: Row[] = [
  [[0, 1], [["Côte d’Ivoire", "../state/CIV.html"], "Torture", ["12", null, null, 100]]],
  [[1, 1], ["Czechia", "Torture", "9"]],
  [[1, 0], ["Czechia", 'Fair "trial"', ""]],
];
const names = (rows: Row[]) => rows.map((row) => ROWS.indexOf(row));

test("a row has the chosen value of each list, and all words, without accents and capitals", () => {
  assert.deepEqual(names(chosen(ROWS, { keys: [-1, -1], words: "" })), [0, 1, 2]);
  assert.deepEqual(names(chosen(ROWS, { keys: [1, -1], words: "" })), [1, 2]);
  assert.deepEqual(names(chosen(ROWS, { keys: [1, 1], words: "" })), [1]);
  assert.deepEqual(names(chosen(ROWS, { keys: [-1, -1], words: "TORTURE cote" })), [0]);
  assert.deepEqual(names(chosen(ROWS, { keys: [0, -1], words: "trial" })), []);
});

test("numbers are sorted as numbers, and what is empty stands last", () => {
  const compare = order("en");
  assert.deepEqual(names(sorted(ROWS, 2, (a, b) => compare(a, b, 1))), [1, 0, 2]);
  assert.deepEqual(names(sorted(ROWS, 2, (a, b) => compare(a, b, -1))), [0, 1, 2]);
});

test("a date is in words on the page only: it is sorted by its days, found by either, and a file has it as it is", () => {
  const dated: Row[] = [
    [[], [["30 October 2014", null, null, null, "2014-10-30"]]],
    [[], [["4 November 2014", null, null, null, "2014-11-04"]]],
  ];
  const compare = order("en");
  const days = (rows: Row[]) => rows.map((row) => dated.indexOf(row));
  assert.deepEqual(days(sorted(dated, 0, (a, b) => compare(a, b, -1))), [1, 0]);
  assert.deepEqual(days(chosen(dated, { keys: [], words: "october" })), [0]);
  assert.deepEqual(days(chosen(dated, { keys: [], words: "2014-11" })), [1]);
  assert.equal(csvOf(["Date"], dated), "Date\r\n2014-10-30\r\n2014-11-04\r\n");
});

test("the address says what was changed", () => {
  assert.equal(addressOf([["state", "", ""], ["filter", "", ""]]), "");
  assert.equal(addressOf([["state", "CZE", ""], ["filter", "fair trial", ""]]), "?state=CZE&filter=fair+trial");
  assert.equal(addressOf([["law", "", "penal-code"]]), "?law=");
});

test("the chosen rows are a file", () => {
  assert.equal(csvOf(["State", "Issue", "Number"], ROWS.slice(2)), 'State,Issue,Number\r\nCzechia,"Fair ""trial""",\r\n');
});
