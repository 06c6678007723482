/** The rules of assets/22-status.js. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const { backoffMs, createLag, detail, feedState, span } = load(["22-status.js"], { document: { title: "", addEventListener() {} } }).northstarStatus;

test("the waits are 1, 2, 4 … 30 s, each with up to a second of jitter", () => {
  const waits = (jitter) => [0, 1, 2, 3, 4, 5, 50].map((tries) => backoffMs(tries, () => jitter));
  const least = [1000, 2000, 4000, 8000, 16000, 30000, 30000];

  assert.deepEqual(waits(0), least);
  assert.deepEqual(waits(1), least.map((wait) => wait + 1000));
});

// The server's word, overdue, the page's own connection: what the page says.
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

test("ages are given in the two units that matter", () => {
  assert.deepEqual(
    [0, 9.9, 60, 190, 3599, 7500].map(span),
    ["0 s", "9 s", "1 m 0 s", "3 m 10 s", "59 m 59 s", "2 h 5 m"],
  );
});

test("a live page says that nothing can be written; the details say why", () => {
  const feed = { tally: { rejected: 0 } };

  assert.equal(detail("live", { ageS: 0, feed: { ...feed, history_problem: "full" } }), "history paused");
  assert.equal(detail("live", { ageS: 0, feed: { ...feed, history_problem: null } }), "");
});

test("a frame that took longer than the fastest one is older by the difference", () => {
  const lag = createLag();
  // Sent on the server's clock, received on the page's: 50 ms, 20 ms, then held up for 4 s.
  const frames = [[0, 1050], [1000, 2020], [2000, 7020], [3000, 7021]];

  assert.deepEqual(
    frames.map(([sent, now]) => Math.round(lag(sent, now))),
    [0, 0, 3995, 2996],
  );
});
