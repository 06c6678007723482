/** The rules of assets/50-texts.js: the decimals and the changed digits of an amount. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const page = { document: { addEventListener: () => null } };
const { partsOf, changeOf } = load(["48-selection.js", "50-texts.js"], page).northstarTexts;

test("the decimals of an amount, in any notation", () => {
  assert.deepEqual(partsOf("-$9,516.33", "."), ["-$9,516", ".33", ""]);
  assert.deepEqual(partsOf("9.516,33\u00a0€", ","), ["9.516", ",33", "\u00a0€"]);
  assert.deepEqual(partsOf("1,234.56 Rs.", "."), ["1,234", ".56", " Rs."]);
});

test("an amount without decimals is not split", () => {
  assert.deepEqual(partsOf("¥12,345", ""), ["¥12,345", "", ""]);
  assert.deepEqual(partsOf("–", "."), ["–", "", ""]);
});

test("the changed digits of an amount, and the direction of the change", () => {
  assert.deepEqual(changeOf("$77,130.00", "$77,131.50"), { at: 6, direction: "rise" });
  assert.deepEqual(changeOf("$77,130.00", "$76,930.00"), { at: 2, direction: "fall" });
  assert.deepEqual(changeOf("$9,999.00", "$10,000.00"), { at: 0, direction: "rise" });
  assert.deepEqual(changeOf("$10,000.00", "$9,999.00"), { at: 0, direction: "fall" });
  assert.deepEqual(changeOf("-$12,950.00", "$77,130.00"), { at: 0, direction: "rise" });
});
