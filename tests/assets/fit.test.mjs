/** The rules of assets/40-fit.js: which labels a chart shows in a box of that width. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const { createFit } = load(["40-fit.js"]).northstarFit;
/** Every letter is as wide as half its height. */
const widthOf = (text, px) => (text.length * px) / 2;
const MARGIN = { l: 10, r: 10, t: 0, b: 0 };
const HEIGHT = 200;

/** A chart of bars with amounts above them. */
function bars(names, amounts) {
  return {
    data: [
      { x: names.map((_, i) => i), y: amounts, text: amounts.map(String), textfont: { size: 13 } },
    ],
    layout: {
      margin: MARGIN,
      meta: { names },
      xaxis: { range: [-0.5, names.length - 0.5] },
      yaxis: { range: [0, 10] },
    },
  };
}

/** A chart of days. */
function days(count, range) {
  const tickvals = Array.from(
    { length: count },
    (_, i) => `2026-03-${String(i + 1).padStart(2, "0")}`,
  );
  const ticktext = tickvals.map((day) => `${Number(day.slice(-2))} Mar`);
  const [first, last] = range ?? [tickvals[0], tickvals.at(-1)];
  return {
    data: [{}],
    layout: { margin: MARGIN, xaxis: { type: "date", tickvals, ticktext, range: [first, last] } },
  };
}

const fit = (figure, width) => createFit(widthOf)(figure, { width, height: HEIGHT });

test("amounts and names that fit stay as they are", () => {
  const { data, layout } = fit(bars(["Ada", "Bob"], [100, 250]), 400);

  assert.equal(data[0].textfont.size, 13);
  assert.equal(data[0].orientation, undefined);
  assert.deepEqual(layout.xaxis.ticktext, ["Ada", "Bob"]);
});

test("amounts shrink until they fit beside each other", () => {
  // 30 px for each: at 13 px, five digits are 32.5 px wide, and 4 px apart.
  const { data } = fit(bars(["A", "B"], [10_000, 99_999]), 20 + 2 * 30);

  assert.equal(data[0].textfont.size, 10);
  assert.equal(data[0].orientation, undefined);
});

test("where amounts would be too small, the bars are horizontal", () => {
  const { data, layout } = fit(bars(["A", "B"], [1_000_000, 2_000_000]), 20 + 2 * 30);

  assert.equal(data[0].orientation, "h");
  assert.deepEqual(data[0].y, [0, 1]);
  assert.deepEqual(data[0].x, [1_000_000, 2_000_000]);
  assert.deepEqual(layout.yaxis.range, [1.5, -0.5], "the first is at the top");
  assert.match(layout.yaxis.ticktext[0], /^A<br>.*1000000/u);
});

test("where names do not fit, the bars are horizontal too", () => {
  const { data } = fit(bars(["Infrastructure", "Personnel"], [1, 2]), 20 + 2 * 40);

  assert.equal(data[0].orientation, "h");
});

test("bars that are horizontal once stay so at that width", () => {
  const fitted = createFit(widthOf);
  const place = { width: 80, height: HEIGHT };
  fitted(bars(["A", "B"], [1_000_000, 2_000_000]), place);

  assert.equal(fitted(bars(["A", "B"], [1, 2]), place).data[0].orientation, "h");
  assert.equal(
    fitted(bars(["A", "B"], [1, 2]), { ...place, width: 90 }).data[0].orientation,
    undefined,
  );
});

test("without amounts, long names are shortened, and those of a letter or none left out", () => {
  const figure = bars(["Infrastructure", "Ada"], [1, 2]);
  figure.data[0].textfont = undefined;
  const wide = fit(structuredClone(figure), 20 + 2 * 40).layout.xaxis.ticktext;
  const narrow = fit(structuredClone(figure), 20 + 2 * 15).layout.xaxis.ticktext;

  assert.deepEqual(wide, ["Infra…", "Ada"]);
  assert.deepEqual(narrow, ["", ""]);
});

test("markup in a name is shown as text", () => {
  const { layout } = fit(bars(["<b>&"], [1]), 400);

  assert.deepEqual(layout.xaxis.ticktext, ["&lt;b&gt;&amp;"]);
});

test("days are thinned from the newest, which always has its label", () => {
  const { xaxis } = fit(days(8), 20 + 4 * 58).layout;

  assert.deepEqual(xaxis.ticktext, ["2 Mar", "4 Mar", "6 Mar", "8 Mar"]);
  assert.equal(xaxis.tickvals.at(-1), "2026-03-08");
});

test("days that all fit keep their labels", () => {
  assert.equal(fit(days(7), 20 + 7 * 58).layout.xaxis.tickvals.length, 7);
});

test("days out of view have no labels, and leave their room to the others", () => {
  const { xaxis } = fit(days(7, ["2026-03-05 06:00", "2026-03-07"]), 20 + 3 * 58).layout;

  assert.deepEqual(xaxis.ticktext, ["5 Mar", "6 Mar", "7 Mar"]);
});
