/** The rules of assets/22-status.js. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const { detail, detailTexts, feedState, isOverdue, span, texts, titleWord, unreal, word } = load([
  "22-status.js",
]).northstarStatus;

// The server's state, overdue, the page's own connection, and the state that is shown.
for (const [feed, overdue, linkUp, state] of [
  ["live", false, true, "live"],
  ["live", true, true, "stale"],
  ["live", false, false, "reconnecting"],
  ["live", true, false, "offline"],
  ["stale", true, true, "stale"],
  ["connecting", false, true, "connecting"],
  ["reconnecting", false, true, "reconnecting"],
  ["reconnecting", true, true, "offline"],
  ["offline", true, true, "offline"],
  ["", false, false, "connecting"],
  ["", true, false, "offline"],
  ["ended", true, true, "ended"],
  ["ended", false, false, "reconnecting"],
]) {
  const condition = `${overdue ? "overdue" : "in time"}, link ${linkUp ? "up" : "down"}`;
  test(`feed "${feed}", ${condition}: ${state}`, () => {
    assert.equal(feedState(feed, overdue, linkUp), state);
  });
}

test("the headline names the server's day", () => {
  const known = { ageS: 1, feed: { ...FEED, history_problem: null }, source: "live" };

  assert.equal(texts("live", known)["sentence-day"], "today");
  const old = { ...known, details: { "sentence-day": "on 25 Feb" } };
  assert.equal(texts("stale", old)["sentence-day"], "on 25 Feb");
});

test("ages are given in their two largest units", () => {
  assert.deepEqual([0, 9.9, 60, 190, 3599, 7500, 86_399, 86_400, 278_557_200].map(span), [
    "0 s",
    "9 s",
    "1 m 0 s",
    "3 m 10 s",
    "59 m 59 s",
    "2 h 5 m",
    "23 h 59 m",
    "1 d 0 h",
    "3224 d 1 h",
  ]);
});

test("a live page shows that the history is paused, without the reason", () => {
  const feed = { tally: { rejected: 0 } };

  assert.equal(
    detail("live", { ageS: 0, feed: { ...feed, history_problem: "full" } }),
    "history paused",
  );
  assert.equal(detail("live", { ageS: 0, feed: { ...feed, history_problem: null } }), "");
});

const FEED = {
  state: "live",
  link: "open",
  silence_s: 2,
  stale_after_s: 10,
  replaying: false,
  tally: { rejected: 0 },
};
const KNOWN = {
  feed: FEED,
  details: { "feed-details-accepted": "7", "feed-details-replaying": "at 2 times the speed" },
  source: "live",
  linkUp: true,
  ageS: 3,
  retryS: 0,
  page: { retryS: 0, reason: "", signS: 1, reconnects: 0, skipped: 0 },
};

test("data is overdue when the source or the page has been silent for its limit", () => {
  assert.equal(isOverdue(FEED, 7.9, 0), false);
  assert.equal(isOverdue(FEED, 8, 0), true);
});

test("data is overdue at its limit of age, however often frames come", () => {
  assert.equal(isOverdue(FEED, 0, 9.9), false);
  assert.equal(isOverdue(FEED, 0, 10), true);
  assert.equal(isOverdue(FEED, 0, null), false);
});

test("replayed data is never labelled live", () => {
  assert.equal(word("live", FEED), "Live");
  assert.equal(word("live", { ...FEED, replaying: true }), "Replaying");
  assert.equal(word("stale", { ...FEED, replaying: true }), "Stale");
});

test("only data that is not real has a label", () => {
  assert.deepEqual(["live", "", undefined, "demo", "replay"].map(unreal), [
    "",
    "",
    "",
    "DEMO",
    "REPLAY",
  ]);
});

test("the detail names the failed hop, the age and the next attempt", () => {
  const waiting = { ...KNOWN, ageS: 190, retryS: 3.2 };

  assert.equal(detail("stale", waiting), "last data 3 m 10 s ago");
  assert.equal(detail("reconnecting", waiting), "to the source, retry in 4 s");
  assert.equal(
    detail("reconnecting", { ...waiting, linkUp: false }),
    "to the server, retry in 4 s",
  );
  assert.equal(
    detail("offline", { ...waiting, linkUp: false, retryS: 0 }),
    "no server, last data 3 m 10 s ago, trying now",
  );
  assert.equal(detail("ended", waiting), "");
});

test("without data, the detail counts the messages that were rejected", () => {
  const feed = { ...FEED, tally: { rejected: 4 } };

  assert.equal(detail("stale", { ...KNOWN, ageS: null }), "no data yet");
  assert.equal(detail("stale", { ...KNOWN, ageS: null, feed }), "no data yet, 4 messages rejected");
});

test("the detail has the reason why there are no usable messages", () => {
  const feed = { ...FEED, problem: "17 of 17 refused" };
  const shown = (state, ageS, link = "open") =>
    detail(state, { ...KNOWN, ageS, feed: { ...feed, link } });
  const why = "\u206817 of 17 refused\u2069";

  assert.equal(shown("stale", null), `no data yet: ${why}`);
  assert.equal(shown("connecting", null), `no data yet: ${why}`);
  assert.equal(shown("stale", 20), `last data 20 s ago: ${why}`);
  assert.equal(shown("live", 20), why);
  assert.equal(shown("stale", 20, "waiting"), "last data 20 s ago");
});

test("the detail has the reason why the source was never reached", () => {
  const feed = { ...FEED, link: "waiting", problem: "timed out" };
  const waiting = { ...KNOWN, feed, retryS: 3.2 };

  assert.equal(
    detail("offline", { ...waiting, ageS: null }),
    "no source: \u2068timed out\u2069, retry in 4 s",
  );
  assert.equal(
    detail("offline", { ...waiting, ageS: 190 }),
    "no source, last data 3 m 10 s ago, retry in 4 s",
  );
  assert.equal(
    detail("offline", { ...waiting, ageS: null, linkUp: false }),
    "no server, no data yet, retry in 4 s",
  );
});

test("the detail of live data has the warning of a clock offset", () => {
  const shown = (clock_off_s, more) =>
    detail("live", { ...KNOWN, feed: { ...FEED, clock_off_s, ...more } });

  assert.equal(shown(-3600), "source clock 1 h 0 m behind ours");
  assert.equal(shown(90), "source clock 1 m 30 s ahead of ours");
  assert.equal(shown(null), "");
  assert.equal(shown(-3600, { replaying: true }), "at 2 times the speed");
});

test("numbers that are not live have their age beside their time", () => {
  const age = (state, known) => texts(state, { ...KNOWN, ...known })["as-of-age"];

  assert.equal(age("live", {}), "");
  assert.equal(age("stale", {}), ", 3 s ago");
  assert.equal(age("stale", { ageS: null }), "");
  assert.equal(age("stale", { feed: { ...FEED, replaying: true } }), "");
});

test("the numbers keep their label while the server names no source", () => {
  assert.equal(texts("stale", { ...KNOWN, source: "demo" })["source-badge"], "DEMO");
  assert.equal("source-badge" in texts("stale", { ...KNOWN, source: "" }), false);
});

test("the details have the server's texts, both connections and their ages", () => {
  assert.deepEqual(detailTexts(KNOWN), {
    "feed-details-accepted": "7",
    "feed-details-replaying": "at 2 times the speed",
    "feed-details-link": "Open",
    "feed-details-data-age": "3 s ago",
    "feed-details-page-link": "Open",
    "feed-details-page-age": "1 s ago",
    "feed-details-page-reconnects": "0",
    "feed-details-page-skipped": "0",
  });
});

test("the details have the reason of a lost connection and the next attempt", () => {
  const feed = { ...FEED, link: "waiting" };
  const page = { retryS: 8, reason: "too slow", signS: 70, reconnects: 2, skipped: 5 };
  const shown = detailTexts({ ...KNOWN, feed, linkUp: false, ageS: null, retryS: 1.5, page });

  assert.equal(shown["feed-details-link"], "Waiting, retry in 2 s");
  assert.equal(shown["feed-details-data-age"], "no data yet");
  assert.equal(shown["feed-details-page-link"], "Down, retry in 8 s (too slow)");
  assert.equal(shown["feed-details-page-age"], "1 m 10 s ago");
  assert.equal(shown["feed-details-page-reconnects"], "2");
  assert.equal(shown["feed-details-page-skipped"], "5");
});

test("the headline has the age of live data", () => {
  const feed = { state: "live", replaying: null };
  const freshness = (ageS) => texts("live", { feed, ageS })["sentence-feed"];

  assert.equal(freshness(9.9), "live, 9 s\u2007");
  assert.equal(freshness(10), "live, 10 s");
  assert.equal(freshness(70), "live, 1 m 10 s");
});

test("paused numbers are marked everywhere, even while the feed is live", () => {
  const feed = { state: "live", replaying: false };
  const known = { feed, details: {}, linkUp: true, ageS: 2, retryS: 0, asOf: "14:03:10" };
  const shown = texts("paused", known);

  assert.equal(shown["feed-word"], "Frozen by you");
  assert.equal(shown["sentence-feed"], "");
  for (const place of ["sentence-frozen", "kpi-net-frozen"])
    assert.equal(shown[place], "FROZEN BY YOU since 14:03:10");
  assert.equal(titleWord("paused", known), "FROZEN BY YOU since 14:03:10");
  assert.equal(titleWord("live", known), "Live");
});
