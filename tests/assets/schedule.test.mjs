/** The rules of assets/45-schedule.js: which chart is drawn, and when. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const { createSchedule } = load(["45-schedule.js"]).northstarSchedule;
const [TREND, COSTS, AGENTS] = ["chart-trend", "chart-costs", "chart-agents"];
const GAP_MS = 950;

/** A schedule whose charts were drawn at these times, with the figure "old". */
function drawn(timesMs) {
  const schedule = createSchedule();
  for (const [chart, atMs] of Object.entries(timesMs)) schedule.draw(chart, "old", atMs);
  return schedule;
}

test("nothing is drawn before there is a figure", () => {
  assert.equal(createSchedule().next(0), null);
});

test("a first figure is drawn at once", () => {
  const schedule = createSchedule();
  schedule.offer(TREND, "new");

  assert.deepEqual(schedule.next(5), { chart: TREND, waitMs: 0 });
});

test("a figure that did not change is not drawn", () => {
  const schedule = drawn({ [TREND]: 0 });
  schedule.offer(TREND, "old");

  assert.equal(schedule.next(5000), null);
});

test("a figure that changed and was reverted is not drawn", () => {
  const schedule = drawn({ [TREND]: 0 });
  schedule.offer(TREND, "new");
  schedule.offer(TREND, "old");

  assert.equal(schedule.next(5000), null);
});

test("a chart is drawn at most once a second, and without further delay", () => {
  const schedule = drawn({ [TREND]: 1000 });
  schedule.offer(TREND, "new");

  assert.deepEqual(schedule.next(1100), { chart: TREND, waitMs: GAP_MS - 100 });
  assert.deepEqual(schedule.next(1000 + GAP_MS), { chart: TREND, waitMs: 0 });
  assert.deepEqual(schedule.next(9000), { chart: TREND, waitMs: 0 });
  assert.ok(GAP_MS < 1000, "at one message a second, no chart lags behind");
});

test("of several charts the one drawn longest ago is next", () => {
  const schedule = drawn({ [TREND]: 300, [COSTS]: 100, [AGENTS]: 200 });
  for (const chart of [TREND, COSTS, AGENTS]) schedule.offer(chart, "new");
  const order = [COSTS, AGENTS, TREND].map((chart) => {
    const next = schedule.next(5000);
    assert.equal(next.chart, chart);
    assert.equal(schedule.take(chart), true);
    return next.waitMs;
  });

  assert.deepEqual(order, [0, 0, 0]);
  assert.equal(schedule.next(5000), null);
});

test("charts that were never drawn are taken in the order of the page", () => {
  const schedule = createSchedule();
  for (const chart of [TREND, COSTS, AGENTS]) schedule.offer(chart, "new");

  assert.equal(schedule.next(0).chart, TREND);
  schedule.take(TREND);
  assert.equal(schedule.next(0).chart, COSTS);
});

test("the chart under the pointer waits, and the others do not wait for it", () => {
  const schedule = createSchedule();
  schedule.offer(TREND, "new");
  assert.equal(schedule.next(0, TREND), null);
  schedule.offer(COSTS, "new");

  assert.equal(schedule.next(0, TREND).chart, COSTS);
  assert.equal(schedule.next(0).chart, TREND);
});

test("a chart that is no longer due is not taken", () => {
  const schedule = drawn({ [TREND]: 0 });
  schedule.offer(TREND, "new");
  schedule.offer(TREND, "old");

  assert.equal(schedule.take(TREND), false);
});

test("after a change of settings a chart is drawn at once, with the same figure", () => {
  const schedule = drawn({ [TREND]: 1000, [COSTS]: 1000 });
  schedule.redraw(TREND);
  schedule.offer(TREND, "old");

  assert.deepEqual(schedule.next(1001), { chart: TREND, waitMs: 0 });
  schedule.take(TREND);
  assert.equal(schedule.next(9000), null, "the other one is not drawn");
});

test("after a change of theme every drawn chart is drawn again", () => {
  const schedule = drawn({ [TREND]: 1000, [COSTS]: 1000 });
  schedule.redraw();

  const charts = [TREND, COSTS].map(() => {
    const { chart, waitMs } = schedule.next(1001);
    schedule.take(chart);
    assert.equal(waitMs, 0);
    return chart;
  });
  assert.deepEqual(charts, [TREND, COSTS]);
});
