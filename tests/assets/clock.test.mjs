/** The rules of assets/20-clock.js: ages and delays. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const { createLag, elapsedMs, mark } = load(["20-clock.js"]).northstarClock;

test("an age is measured by the clock on which more time has passed", () => {
  const then = { steady: 1000, wall: 50_000 };

  assert.equal(elapsedMs(then, { steady: 4000, wall: 53_000 }), 3000);
  assert.equal(elapsedMs(then, { steady: 1500, wall: 80_000 }), 30_000, "the laptop slept");
  assert.equal(elapsedMs(then, { steady: 4000, wall: 10_000 }), 3000, "the clock was set back");
});

test("a shifted mark is older or younger by its shift", () => {
  const past = elapsedMs(mark(-60_000));
  const future = elapsedMs(mark(60_000));

  assert.ok(past >= 60_000 && past < 61_000, `${past}`);
  assert.ok(future >= -60_000 && future < -59_000, `${future}`);
});

test("a frame is older by its delay relative to the fastest one", () => {
  const lag = createLag();
  // Sent on the server's clock, received on the page's: 50 ms, 20 ms, then delayed by 4 s.
  const frames = [
    [0, 1050],
    [1000, 2020],
    [2000, 7020],
    [3000, 7021],
  ];

  assert.deepEqual(
    frames.map(([sent, now]) => Math.round(lag(sent, now))),
    [0, 0, 3995, 2996],
  );
});
