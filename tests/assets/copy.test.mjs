/** The rules of assets/67-copy.js and assets/48-selection.js: copying by click, and selections. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const document = { addEventListener: () => null };
const { northstarCopy, northstarSelection } = load(["48-selection.js", "67-copy.js"], { document });
const { plain } = northstarCopy;

test("a number is copied as a plain decimal, whatever the locale", () => {
  assert.equal(plain("$78,449.50", ".,"), "78449.50");
  assert.equal(plain("-1.234.567,8\u00a0€", ",."), "-1234567.8");
  assert.equal(plain("1\u202f234,50\u00a0€", ",\u202f"), "1234.50");
  assert.equal(plain("CHF\u00a0-1’250", ".’"), "-1250");
  assert.equal(plain("77", ".,"), "77");
});

test("the first of several numbers is copied, without arrow and plus", () => {
  assert.equal(plain("▲ +$4,605.10 (+6.3%)", ".,"), "4605.10");
  assert.equal(plain("▼ -0.4 pp", ".,"), "-0.4");
  assert.equal(plain("was $72,600, average of 29 whole days", ".,"), "72600");
  assert.equal(plain("$78,449 · 14:03", ".,"), "78449");
});

test("a text without a number is not copied", () => {
  assert.equal(plain("–", ".,"), "");
  assert.equal(plain("n/a", ".,"), "");
});

test("the end of a selection stays at the end of a text that grows or shrinks", () => {
  const { moved } = northstarSelection;

  assert.equal(moved(7, 7, 9), 9);
  assert.equal(moved(7, 7, 5), 5);
  assert.equal(moved(2, 7, 9), 2);
  assert.equal(moved(6, 7, 5), 5);
});
