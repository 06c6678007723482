/** The rules of assets/24-connection.js: retries, probes, silence and the order of frames. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const rules = load(["24-connection.js"]).northstarConnection;
const { afterProbe, backoffMs, comeBackMs, knockMs, reloadMs } = rules;
const { framesBetween, isBehind, isDead, isLate, isMoved, isOlder, mayReload } = rules;

test("the waits are 1, 2, 4 … 30 s, each with up to a second of jitter", () => {
  const tries = [0, 1, 2, 3, 4, 5, 50];
  const least = [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000];

  assert.deepEqual(
    tries.map((each) => backoffMs(each, 0, () => 0)),
    least,
  );
  assert.deepEqual(
    tries.map((each) => backoffMs(each, 0, () => 1)),
    least.map((wait) => wait + 1000),
  );
});

test("a wait has random jitter by default", () => {
  const waits = Array.from({ length: 20 }, () => backoffMs(0, 0));

  assert.ok(waits.every((wait) => wait >= 1000 && wait <= 2000));
  assert.ok(new Set(waits).size > 1);
});

test("with many viewers only the first attempt is spread", () => {
  assert.equal(
    backoffMs(0, 50_000, () => 0),
    1000,
  );
  assert.equal(
    backoffMs(0, 50_000, () => 0.5),
    26_500,
  );
  assert.equal(
    backoffMs(1, 50_000, () => 1),
    3000,
  );
});

test("a server's time to come back is respected, with jitter", () => {
  const reason = "too many viewers at once, try again in 12 s";

  assert.equal(
    comeBackMs(reason, () => 0),
    12_000,
  );
  assert.equal(
    comeBackMs(reason, () => 1),
    13_000,
  );
  for (const other of ["too many viewers, try again later", "", undefined])
    assert.equal(comeBackMs(other), null);
});

test("a moved page reconnects at once, and waits if it is moved again", () => {
  assert.equal(isMoved("served by another instance", 0), true);
  assert.equal(isMoved("served by another instance", 1), false);
  assert.equal(isMoved("", 0), false);
});

test("a few viewers probe every two seconds, with jitter", () => {
  assert.deepEqual(
    [0, 1, 9].map((knocks) => knockMs(knocks, 0, () => 0)),
    [2000, 2000, 2000],
  );
  assert.equal(
    knockMs(0, 0, () => 1),
    2500,
  );
});

test("the more viewers there are, the less often each probes", () => {
  assert.deepEqual(
    [0, 1, 2, 3, 9, 2000].map((knocks) => knockMs(knocks, 10_000, () => 0)),
    [2000, 4000, 8000, 12_000, 12_000, 12_000],
  );
});

test("the reloads of many pages are spread over a longer time than their new sockets", () => {
  assert.equal(
    reloadMs(50_000, () => 0.5),
    100_000,
  );
  assert.equal(reloadMs(0), 0);
});

test("a socket is late after a missing heartbeat and dead after three", () => {
  assert.deepEqual([0, 5000, 5500, 5501].map(isLate), [false, false, false, true]);
  assert.deepEqual([0, 14_999, 15_000].map(isDead), [false, false, true]);
});

/** The answers in a series of probes after which the page retries at once. */
function backAfter(answers) {
  let state = { gone: false, answers: 0 };
  return answers.map((answered) => {
    const { back, ...next } = afterProbe(state, answered);
    state = next;
    return back;
  });
}

test("a server that answers after a failure is back at once", () => {
  assert.deepEqual(backAfter([false, false, true]), [false, false, true]);
  assert.deepEqual(backAfter([true, false, true]), [false, false, true]);
});

test("a server that never failed is back after three answers", () => {
  assert.deepEqual(backAfter([true, true, true]), [false, false, true]);
});

test("a server that does not answer is not back", () => {
  assert.deepEqual(backAfter([false, false, false]), [false, false, false]);
});

const frame = (epoch, seq) => ({ epoch, seq });

test("an older frame of the same epoch is out of order", () => {
  assert.equal(isOlder(frame("a", 3), frame("a", 4)), true);
  assert.equal(isOlder(frame("a", 4), frame("a", 4)), false);
  assert.equal(isOlder(frame("a", 5), frame("a", 4)), false);
});

test("a frame of another epoch is never out of order, because the server has restarted", () => {
  assert.equal(isOlder(frame("b", 1), frame("a", 900)), false);
});

test("truths are ordered by epoch and then by number", () => {
  assert.equal(isBehind([1, 9], [2, 1]), true);
  assert.equal(isBehind([2, 1], [2, 2]), true);
  assert.equal(isBehind([2, 2], [2, 2]), false);
  assert.equal(isBehind([2, 3], [2, 2]), false);
  assert.equal(isBehind([3, 1], [2, 9]), false);
});

test("the frames of a single process have no truth and are never behind", () => {
  assert.equal(isBehind(undefined, [2, 1]), false);
  assert.equal(isBehind([2, 1], null), false);
});

test("a page reloads at once for another protocol, and again only after a minute", () => {
  assert.equal(mayReload(false, 0), true);
  assert.equal(mayReload(true, 60_000), false);
  assert.equal(mayReload(true, 60_001), true);
});

test("frames that did not arrive are counted within an epoch", () => {
  assert.equal(framesBetween(frame("a", 4), frame("a", 5)), 0);
  assert.equal(framesBetween(frame("a", 4), frame("a", 9)), 4);
  assert.equal(framesBetween(frame("a", 9), frame("a", 4)), 0);
  assert.equal(framesBetween(frame("a", 4), frame("b", 900)), 0);
});
