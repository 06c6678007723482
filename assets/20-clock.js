/* Time that has passed, on two clocks, and the delay of frames. No function here uses the page. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarClock = (() => {
  const DRIFT = 1 / 1000; // largest difference between the rates of two clocks

  /** The time now, or `shiftMs` from now, on the monotonic and the wall clock. */
  const mark = (shiftMs = 0) => ({
    steady: performance.now() + shiftMs,
    wall: Date.now() + shiftMs,
  });

  /** Milliseconds from one mark to another. The monotonic clock stops while a laptop sleeps, and
   * the wall clock can be set back; the larger of the two never makes old data look young. */
  const elapsedMs = (then, now = mark()) =>
    Math.max(now.steady - then.steady, now.wall - then.wall);

  /** Return a function that computes the delay of each frame, in ms. The clocks of server and page
   * have no common zero, so the fastest frame counts as immediate. */
  function createLag() {
    let least = Number.POSITIVE_INFINITY;
    let last = 0;
    return (sentMs, nowMs) => {
      least = Math.min(nowMs - sentMs, least + (nowMs - last) * DRIFT);
      last = nowMs;
      return nowMs - sentMs - least;
    };
  }

  return { mark, elapsedMs, createLag };
})();
