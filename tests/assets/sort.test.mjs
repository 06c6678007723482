/** The rules of assets/59-sort.js: the order of a table's rows. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const { order, next } = load(["59-sort.js"]).northstarSort;

const numbers = (...values) => values.map((value) => ({ value, text: `$${value}` }));
const texts = (...names) => names.map((text) => ({ value: undefined, text }));

test("numbers are sorted by value", () => {
  const cells = numbers("-5", "1000000000000000", "0.5", "20");
  assert.deepEqual(order(cells, false), [0, 2, 3, 1]);
  assert.deepEqual(order(cells, true), [1, 3, 2, 0]);
});

test("unknown values are last in both directions", () => {
  const cells = numbers("", "1", "", "2");
  assert.deepEqual(order(cells, false), [1, 3, 0, 2]);
  assert.deepEqual(order(cells, true), [3, 1, 0, 2]);
});

test("equal rows keep their order", () => {
  assert.deepEqual(order(numbers("1", "2", "1"), false), [0, 2, 1]);
  assert.deepEqual(order(numbers("1", "2", "1"), true), [1, 0, 2]);
});

test("texts are sorted regardless of case and accents", () => {
  assert.deepEqual(order(texts("Zoe", "ann", "Émile"), false), [1, 2, 0]);
});

test("a second click reverses the order", () => {
  assert.equal(next(null, false), "descending");
  assert.equal(next(null, true), "ascending");
  assert.equal(next("ascending", false), "descending");
  assert.equal(next("descending", true), "ascending");
});
