// Chains of operators are put in parentheses, since the browser's engine reads them from the right.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromTheLeft } from "../../src/frontend/arithmetic.js";

const inner = (expression: string) => /BIND\((.*) AS \?n\)/.exec(fromTheLeft(`SELECT * { BIND(${expression} AS ?n) }`))![1];

test("three operands and more are read from the left", () => {
  assert.equal(inner("10 - 3 - 2"), "(10 - 3) - 2");
  assert.equal(inner("8 / 2 / 2 / 2"), "((8 / 2) / 2) / 2");
});

test("two operands, and what is in strings, stay as they are", () => {
  assert.equal(inner("10 - 3"), "10 - 3");
  assert.equal(inner('"1 - 2 - 3"'), '"1 - 2 - 3"');
});
