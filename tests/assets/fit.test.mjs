/** The rules of assets/40-fit.js: the layout of a chart in a box of some size. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const { createArrange, arrangeWithTexts } = load(["40-fit.js"]).northstarFit;
/** Every letter is as wide as half its height. */
const widthOf = (text, px) => (text.length * px) / 2;
const MARGIN = { l: 10, r: 10, t: 0, b: 0 };
const HEIGHT = 200;

/** A chart of bars with amounts above them, which are vertical from 300 px on. */
function bars(names, amounts) {
  return {
    data: [
      {
        x: names.map((_, i) => i),
        y: amounts,
        text: amounts.map(String),
        textposition: "outside",
        textfont: { size: 13, color: "black" },
      },
      { x: [0.3, 0.7], y: [amounts[0], amounts[0]] },
    ],
    layout: {
      margin: MARGIN,
      meta: { names, least_px: 300, names_px: 90, amounts_px: 60 },
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

/** Return a figure arranged as on the page. */
function onPage(figure, width, arrange = createArrange()) {
  arrange(figure, { width, height: HEIGHT });
  return figure;
}

const inPicture = (figure, width) => arrangeWithTexts(figure, { width, height: HEIGHT }, widthOf);

test("bars with enough room are vertical, and plotly draws none of their texts", () => {
  const { data, layout } = onPage(bars(["Ada", "Bob"], [100, 250]), 300);

  assert.equal(data[0].orientation, undefined);
  assert.equal(data[0].textposition, "none");
  assert.equal(layout.xaxis.showticklabels, false);
});

test("bars without enough room are horizontal, first on top, beside their texts", () => {
  const { data, layout } = onPage(bars(["Ada", "Bob"], [100, 250]), 299);

  assert.equal(data[0].orientation, "h");
  assert.deepEqual(data[0].y, [0, 1]);
  assert.deepEqual(data[0].x, [100, 250]);
  assert.deepEqual(data[1], { x: [100, 100], y: [0.3, 0.7] }, "the lines between them too");
  assert.deepEqual(layout.yaxis.range, [1.5, -0.5]);
  assert.equal(layout.yaxis.showticklabels, false);
  assert.deepEqual(layout.margin, { l: 98, r: 4, t: 0, b: 0 });
});

test("bars that are horizontal once stay so at that width", () => {
  const arrange = createArrange();
  const roomy = () => {
    const figure = bars(["A", "B"], [1, 2]);
    figure.layout.meta.least_px = 100;
    return figure;
  };
  onPage(bars(["A", "B"], [1_000_000, 2_000_000]), 200, arrange);

  assert.equal(arrange(roomy(), { width: 200, height: HEIGHT }), true);
  assert.equal(arrange(roomy(), { width: 210, height: HEIGHT }), false);
  assert.equal(arrange(days(3), { width: 200, height: HEIGHT }), false);
});

test("names beside bars take at most two fifths of the width, amounts as much as needed", () => {
  assert.equal(onPage(bars(["A"], [1]), 200).layout.margin.l, 80 + 8);
  assert.equal(onPage(bars(["A"], [1]), 100).layout.margin.l, 60 + 8);
});

test("a picture has names and amounts", () => {
  const { data, layout } = inPicture(bars(["Ada", "Bob"], [100, 250]), 400);

  assert.equal(data[0].textfont.size, 13);
  assert.equal(data[0].textposition, "outside");
  assert.deepEqual(layout.xaxis.ticktext, ["Ada", "Bob"]);
  assert.equal(layout.xaxis.showticklabels, undefined);
});

test("in a picture, amounts shrink until they fit beside each other", () => {
  // 30 px for each: at 13 px, five digits are 32.5 px wide, with gaps of 4 px.
  const figure = bars(["A", "B"], [10_000, 99_999]);
  figure.layout.meta.least_px = 0;

  assert.equal(inPicture(figure, 20 + 2 * 30).data[0].textfont.size, 10);
});

test("in a picture, horizontal bars have their texts beside them", () => {
  const { data, layout } = inPicture(bars(["A", "B"], [1_000_000, 2_000_000]), 200);

  assert.equal(data[0].orientation, "h");
  assert.match(layout.yaxis.ticktext[0], /^A<br>.*1000000/u);
});

test("without amounts, long names are shortened, or left out if only a letter would fit", () => {
  const figure = bars(["Infrastructure", "Ada"], [1, 2]);
  figure.data[0].textfont = undefined;
  figure.layout.meta = { names: figure.layout.meta.names };
  const wide = inPicture(structuredClone(figure), 20 + 2 * 40).layout.xaxis.ticktext;
  const narrow = inPicture(structuredClone(figure), 20 + 2 * 15).layout.xaxis.ticktext;

  assert.deepEqual(wide, ["Infra…", "Ada"]);
  assert.deepEqual(narrow, ["", ""]);
});

test("markup in a name is shown as text", () => {
  const { layout } = inPicture(bars(["<b>&"], [1]), 400);

  assert.deepEqual(layout.xaxis.ticktext, ["&lt;b&gt;&amp;"]);
});

test("labels of days are thinned, and the newest day always has one", () => {
  const { xaxis } = onPage(days(8), 20 + 4 * 58).layout;

  assert.deepEqual(xaxis.ticktext, ["2 Mar", "4 Mar", "6 Mar", "8 Mar"]);
  assert.equal(xaxis.tickvals.at(-1), "2026-03-08");
});

test("larger labels of days need more room", () => {
  const figure = days(8);
  figure.layout.font = { size: 24 };
  const { xaxis } = onPage(figure, 20 + 4 * 58).layout;

  assert.deepEqual(xaxis.ticktext, ["4 Mar", "8 Mar"]);
});

test("amounts beside an axis are thinned until they fit, and zero stays", () => {
  const figure = days(2);
  figure.layout.yaxis = { tickvals: [-1, 0, 1, 2, 3], ticktext: ["-1k", "0", "1k", "2k", "3k"] };
  arrangeWithTexts(figure, { width: 500, height: 50 }, widthOf);

  assert.deepEqual(figure.layout.yaxis, { tickvals: [0, 2], ticktext: ["0", "2k"] });
});

test("the distance between labels of days is a power of two", () => {
  assert.equal(onPage(days(30), 20 + 10 * 58).layout.xaxis.tickvals.length, 8);
});

test("in a box without width only the newest day is labelled", () => {
  assert.deepEqual(onPage(days(5), 20).layout.xaxis.ticktext, ["5 Mar"]);
});

test("days that all fit keep their labels", () => {
  assert.equal(onPage(days(7), 20 + 7 * 58).layout.xaxis.tickvals.length, 7);
});

test("days out of view have no labels and take no room", () => {
  const { xaxis } = onPage(days(7, ["2026-03-05 06:00", "2026-03-07"]), 20 + 3 * 58).layout;

  assert.deepEqual(xaxis.ticktext, ["6 Mar", "7 Mar"]);
});
