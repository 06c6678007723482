/** The rules of assets/79-history-news.js: which data is newer than the page. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const { isNews } = load(["79-history-news.js"]).northstarHistoryNews;

test("later data is new, whatever the zone of its time", () => {
  assert.ok(isNews("2026-02-25T14:00:00+01:00", "2026-02-25T13:00:00.5Z"));
  assert.ok(!isNews("2026-02-25T14:00:00+01:00", "2026-02-25T13:00:00Z"));
  assert.ok(!isNews("2026-02-25T14:00:00+01:00", "2026-02-25T12:00:00Z"));
});

test("the first data is new, and missing data is not", () => {
  assert.ok(isNews("", "2026-02-25T13:00:00Z"));
  assert.ok(!isNews("", null));
  assert.ok(!isNews("2026-02-25T13:00:00Z", undefined));
});
