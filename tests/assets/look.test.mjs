/** The rules of assets/42-look.js: which changes of a figure are invisible. */

import assert from "node:assert/strict";
import { env } from "node:process";
import { test } from "node:test";

import { load } from "./load.mjs";

const { isAlike, lookOf } = load(["42-look.js"]).northstarLook;
env.TZ = "Europe/Berlin"; // clocks skip 02:00 to 03:00 of 29 March 2026
const BOX = { width: 400, height: 200 };
const margin = { l: 0, r: 0, t: 0, b: 0 };

/** Bars that start at `base` on an axis of amounts to 100,000: one pixel is 500. */
function bars({
  y = [40_000, 60_000],
  base,
  colour = "green",
  range = [0, 100_000],
  text = ["a"],
}) {
  const trace = { type: "bar", x: [0, 1], y, base, text, textposition: "none" };
  return {
    data: [{ ...trace, marker: { color: colour }, customdata: y.map(String) }],
    layout: {
      margin,
      xaxis: { range: [-0.5, 1.5], tickvals: [0, 1], ticktext: ["A", "B"] },
      yaxis: { range, tickvals: [0, 50_000], ticktext: ["0", "50k"] },
      meta: { amounts_px: y[0] },
    },
  };
}

/** The line of a day at minutes of its first hour. */
function line(minutes, y) {
  const x = minutes.map((minute) => `2026-03-02 00:${String(minute).padStart(2, "0")}:00`);
  const range = ["2026-03-02 00:00:00", "2026-03-03 00:00:00"];
  const layout = { margin, xaxis: { type: "date", range }, yaxis: { range: [0, 100_000] } };
  return { data: [{ type: "scatter", x, y }], layout };
}

const ring = (values, text = ["a", "b"]) => ({
  data: [{ type: "pie", values, text, textinfo: "none" }],
  layout: { margin, xaxis: {}, yaxis: {} },
});

const alike = (one, other) => isAlike(lookOf(one, BOX), lookOf(other, BOX));

test("a move of less than a quarter of a pixel is invisible", () => {
  const now = (net) => bars({ y: [40_000, net] });

  assert.ok(alike(now(60_000), now(60_100)));
  assert.ok(!alike(now(60_000), now(60_200)));
});

test("small moves add up to a visible one", () => {
  const first = lookOf(bars({ y: [40_000, 60_000] }), BOX);
  const seen = [60_050, 60_100, 60_150].map(
    (net) => !isAlike(first, lookOf(bars({ y: [40_000, net] }), BOX)),
  );

  assert.deepEqual(seen, [false, false, true]);
});

test("a range that grows with its amounts moves the labels and the zero of bars", () => {
  const grown = (by) => bars({ y: [40_000 * by, 60_000 * by], range: [0, 100_000 * by] });

  assert.ok(alike(grown(1), grown(1.0005)));
  assert.ok(!alike(grown(1), grown(1.01)), "the label of 50k");
  const lowered = bars({ y: [40_000, 60_000], range: [-1000, 100_000] });
  assert.ok(!alike(bars({}), lowered));
});

test("a bar that appears or fills another pixel is visible, however thin it is", () => {
  const thin = (y) => bars({ y: [40_000, y] });

  assert.ok(!alike(thin(0), thin(5)), "plotly draws it a pixel thick");
  assert.ok(!alike(thin(null), thin(5)));
  assert.ok(!alike(thin(5), thin(-5)), "on the other side of zero");
  assert.ok(alike(thin(400), thin(480)), "both are a pixel thick");
  assert.ok(!alike(thin(480), thin(520)), "now two");
  assert.ok(alike(thin(40_000), thin(40_100)));
});

test("a thin horizontal bar fills whole pixels vertically", () => {
  const lies = (x) => ({
    data: [{ type: "bar", orientation: "h", x: [x], y: [0], base: [50_000] }],
    layout: { margin, xaxis: { range: [0, 100_000] }, yaxis: { range: [0.5, -0.5] } },
  });

  assert.ok(!alike(lies(0), lies(5)));
  assert.ok(alike(lies(5), lies(50)));
});

test("positions are relative to the plot area within the margins", () => {
  const within = (net) => {
    const { data, layout } = bars({ y: [40_000, net] });
    return { data, layout: { ...layout, margin: { ...margin, t: 60, b: 40 } } };
  };

  assert.ok(alike(within(60_000), within(60_200)), "a pixel is 1000 there");
  assert.ok(!alike(within(60_000), within(60_300)));
});

test("a move of either end of a floating bar is visible", () => {
  const floats = (base, y) => bars({ base, y });

  assert.ok(alike(floats([0, 10_000], [40_000, 50_000]), floats([0, 10_100], [40_000, 49_950])));
  assert.ok(!alike(floats([0, 10_000], [40_000, 50_000]), floats([0, 12_000], [40_000, 48_000])));
  assert.ok(!alike(floats([0, 10_000], [40_000, 50_000]), floats([0, 10_000], [40_000, 48_000])));
});

test("a horizontal bar is positioned on the horizontal axis", () => {
  const lies = (net) => {
    const { data, layout } = bars({ base: [0, 0] });
    const [trace] = data;
    return {
      data: [{ ...trace, orientation: "h", x: [40_000, net], y: [0, 1] }],
      layout: { ...layout, xaxis: layout.yaxis, yaxis: layout.xaxis },
    };
  };

  assert.ok(alike(lies(60_000), lies(60_050)));
  assert.ok(!alike(lies(60_000), lies(60_200)));
});

test("texts that plotly does not draw, and those of the tooltip, are invisible", () => {
  assert.ok(alike(bars({ text: ["$1"] }), bars({ text: ["$2"] })));
  const labelled = (text) => {
    const figure = bars({ text: [text] });
    figure.data[0].textposition = "outside";
    return figure;
  };
  assert.ok(!alike(labelled("$1"), labelled("$2")));
});

test("changes of colours, hidden traces and the size of the box are visible", () => {
  assert.ok(!alike(bars({}), bars({ colour: "red" })));
  const hidden = bars({});
  hidden.data[0].visible = false;
  assert.ok(!alike(bars({}), hidden));
  assert.ok(!isAlike(lookOf(bars({}), BOX), lookOf(bars({}), { width: 401, height: 200 })));
});

test("a line's moves in time, new points and gaps are visible", () => {
  const drawn = line([0, 5, 10], [0, 1000, 2000]);

  assert.ok(alike(drawn, line([0, 5, 10], [0, 1000, 2040])));
  assert.ok(!alike(drawn, line([0, 5, 11], [0, 1000, 2000])), "a minute is 0.28 px");
  assert.ok(!alike(drawn, line([0, 5, 10, 15], [0, 1000, 2000, 2000])));
  assert.ok(!alike(drawn, line([0, 5, 10], [0, null, 2000])));
  assert.ok(alike(line([0, 5], [0, null]), line([0, 5], [0, null])));
});

test("a move by an hour that the viewer's clocks skip is visible", () => {
  const mark = (time) => {
    const range = ["2026-03-29 00:00:00", "2026-03-30 00:00:00"];
    const layout = { margin, xaxis: { type: "date", range }, yaxis: { range: [0, 10] } };
    return { data: [{ type: "scatter", x: [`2026-03-29 ${time}:00`], y: [5] }], layout };
  };

  assert.ok(!alike(mark("02:15"), mark("03:15")));
});

test("a rotation of the ring is visible", () => {
  assert.ok(alike(ring([3000, 7000]), ring([3001, 7002])));
  assert.ok(alike(ring([3000, 7000]), ring([6000, 14_000])), "twice of all");
  assert.ok(!alike(ring([3000, 7000]), ring([3100, 7000])));
  assert.ok(!alike(ring([3000, 7000]), ring([3000, 6000, 1000])));
});

test("a chart without a known look or range is drawn", () => {
  assert.ok(!isAlike(undefined, lookOf(bars({}), BOX)));
  const without = (y) => ({ data: [{ x: [0], y: [y] }], layout: { margin, xaxis: {}, yaxis: {} } });
  assert.ok(!alike(without(1), without(2)));
});
