// How near words are that are spelt otherwise, and how words are spelt for the index.

import assert from "node:assert/strict";
import { test } from "node:test";
import { nearness, passage, ranked } from "../../src/frontend/search-index.js";
import { spelling } from "../../src/frontend/spelling.js";

test("short words must be right, longer ones may have one or two slips", () => {
  assert.equal(nearness("kaz", "kas"), 0);
  assert.ok(nearness("tortur", "torture") > 0);
  assert.ok(nearness("tortrue", "torture") > 0, "two letters that changed places are one slip");
  assert.ok(nearness("nazarbaiev", "nazarbayev") > 0);
  assert.equal(nearness("assembly", "association"), 0);
});

test("the nearer word is the better one, and a beginning is nearly the word", () => {
  assert.ok(nearness("torture", "torture") > nearness("tortura", "torture"));
  assert.ok(nearness("torture", "torture") > nearness("torture", "tortures"));
  assert.ok(nearness("torture", "tortures") > 0);
});

test("accents, capitals, scripts and double letters are spelt alike", () => {
  const rules = { letters: { н: "n", а: "a", з: "z", р: "r", б: "b", е: "e", в: "v" }, sounds: [["ph", "f"]] as [string, string][] };
  assert.deepEqual(spelling("Назарбаев Élan", rules), ["nazarbaev", "elan"]);
  assert.deepEqual(spelling("Philippa's", rules), ["filipa", "s"]);
});

test("results stand by rank, then by score, then in the order of the index", () => {
  const scores = new Map([[0, 1], [1, 2], [2, 9], [3, 2]]);
  assert.deepEqual(ranked(scores, (number) => (number < 2 ? 1 : 0)), [2, 3, 1, 0]);
});

test("a passage is the words around the first that is searched for", () => {
  const text = `${"before ".repeat(20)}untrue ${"after ".repeat(20)}`.trim();
  assert.equal(passage(text, (word) => word === "untrue", 20), "… before before untrue after after after …");
  assert.equal(passage("It is untrue.", (word) => word === "untrue", 20), "It is untrue.");
});
