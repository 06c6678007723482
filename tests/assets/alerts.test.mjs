/** The rules of assets/69-alert-rules.js: requests, reasons and announcements. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const { bodyOf, reasonIn, announced } = load(["69-alert-rules.js"]).northstarAlertRules;

test("a request has the fields of its button, and the note", () => {
  assert.equal(bodyOf('{"minutes": 60}', "on it"), '{"minutes":60,"note":"on it"}');
  assert.equal(bodyOf("{}", ""), '{"note":""}');
});

test("the reason is the server's", () => {
  assert.equal(reasonIn({ error: "sign-in required" }), "sign-in required");
  assert.equal(
    reasonIn({ detail: [{ msg: "too long" }, { msg: "unknown" }] }),
    "too long, unknown",
  );
  assert.equal(reasonIn({}), "the server gave no reason");
});

test("only changes are announced", () => {
  const one = { sentence: "1 alert needs you" };
  assert.equal(announced(one, { ...one }), null);
  assert.equal(announced({ sentence: "" }, one), "1 alert needs you");
  assert.equal(announced(one, { sentence: "" }), "");
});
