/** The rules of assets/24-connection.js: retries, probes, silence, the order of frames. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const { afterProbe, backoffMs, framesBetween, isDead, isLate, isOlder } = load([
  "24-connection.js",
]).northstarConnection;

test("the waits are 1, 2, 4 … 30 s, each with up to a second of jitter", () => {
  const tries = [0, 1, 2, 3, 4, 5, 50];
  const least = [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000];

  assert.deepEqual(
    tries.map((each) => backoffMs(each, () => 0)),
    least,
  );
  assert.deepEqual(
    tries.map((each) => backoffMs(each, () => 1)),
    least.map((wait) => wait + 1000),
  );
});

test("a wait without a given jitter has one", () => {
  const waits = Array.from({ length: 20 }, () => backoffMs(0));

  assert.ok(waits.every((wait) => wait >= 1000 && wait <= 2000));
  assert.ok(new Set(waits).size > 1);
});

test("a socket is late after a missing heartbeat and dead after three", () => {
  assert.deepEqual([0, 5000, 5500, 5501].map(isLate), [false, false, false, true]);
  assert.deepEqual([0, 14_999, 15_000].map(isDead), [false, false, true]);
});

/** The answers after which the page retries at once, in a row of probes. */
function backAfter(answers) {
  let state = { gone: false, answers: 0 };
  return answers.map((answered) => {
    const { back, ...next } = afterProbe(state, answered);
    state = next;
    return back;
  });
}

test("a server that answers again after it did not is back at once", () => {
  assert.deepEqual(backAfter([false, false, true]), [false, false, true]);
  assert.deepEqual(backAfter([true, false, true]), [false, false, true]);
});

test("a server that was never away is back after three answers", () => {
  assert.deepEqual(backAfter([true, true, true]), [false, false, true]);
});

test("a server that does not answer is not back", () => {
  assert.deepEqual(backAfter([false, false, false]), [false, false, false]);
});

const frame = (epoch, seq) => ({ epoch, seq });

test("an older frame of the same epoch was overtaken", () => {
  assert.equal(isOlder(frame("a", 3), frame("a", 4)), true);
  assert.equal(isOlder(frame("a", 4), frame("a", 4)), false);
  assert.equal(isOlder(frame("a", 5), frame("a", 4)), false);
});

test("a frame of another epoch is never older: the server has restarted", () => {
  assert.equal(isOlder(frame("b", 1), frame("a", 900)), false);
});

test("frames that did not arrive are counted within an epoch", () => {
  assert.equal(framesBetween(frame("a", 4), frame("a", 5)), 0);
  assert.equal(framesBetween(frame("a", 4), frame("a", 9)), 4);
  assert.equal(framesBetween(frame("a", 9), frame("a", 4)), 0);
  assert.equal(framesBetween(frame("a", 4), frame("b", 900)), 0);
});
