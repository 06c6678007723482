/** The rules of assets/30-figure.js: a figure with a viewer's settings. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const { personalize } = load(["30-figure.js"]).northstarFigure;
const DAYS = ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04"];
const PLAIN = {
  ink: (name) => (String(name).startsWith("--") ? `colour of ${name}` : name),
  isHidden: () => false,
  zoom: undefined,
  still: false,
};

/** A figure as the server sends it. */
const figure = () => ({
  data: [
    { meta: "revenue", name: "--text", y: [1, 2], line: { color: "--fill-revenue" } },
    { meta: "net", y: [3, 4], marker: { colors: ["--fill-gain", "--fill-loss", "#123456"] } },
  ],
  layout: { xaxis: { tickvals: DAYS, range: [DAYS[0], DAYS[3]], gridcolor: "--grid" } },
});

test("colour names are replaced in properties that are colours", () => {
  const { data, layout } = personalize(figure(), PLAIN);

  assert.equal(data[0].line.color, "colour of --fill-revenue");
  assert.deepEqual(data[1].marker.colors, [
    "colour of --fill-gain",
    "colour of --fill-loss",
    "#123456",
  ]);
  assert.equal(layout.xaxis.gridcolor, "colour of --grid");
});

test("a colour name in the data is not replaced", () => {
  const { data } = personalize(figure(), PLAIN);

  assert.equal(data[0].name, "--text");
});

test("on a wall screen text, marks, lines and margins are larger, and data is unchanged", () => {
  const given = {
    data: [{ y: [1, 2], width: 0.66, line: { width: 2 }, marker: { size: 7 } }],
    layout: { font: { size: 12 }, margin: { l: 52, t: 10 }, xaxis: { tickfont: { size: 11 } } },
  };
  const { data, layout } = personalize(given, { ...PLAIN, enlargedBy: 2 });

  const [{ hoverinfo, ...trace }] = data;
  assert.deepEqual(trace, { y: [1, 2], width: 0.66, line: { width: 4 }, marker: { size: 14 } });
  assert.deepEqual(layout.margin, { l: 104, t: 20 });
  assert.deepEqual([layout.font.size, layout.xaxis.tickfont.size], [24, 22]);
});

test("the distance of labels stays an integer, because plotly ignores others", () => {
  const given = { data: [], layout: { xaxis: { ticklabelstandoff: 6 }, margin: { l: 7 } } };
  const { layout } = personalize(given, { ...PLAIN, enlargedBy: 2.34 });

  assert.equal(layout.xaxis.ticklabelstandoff, 14);
  assert.equal(layout.margin.l, 7 * 2.34);
});

test("the frame's figure is not changed", () => {
  const given = figure();
  personalize(given, { ...PLAIN, isHidden: () => true, zoom: 2, still: true });

  assert.deepEqual(given, figure());
});

test("a hidden legend entry hides its own trace only", () => {
  const { data } = personalize(figure(), { ...PLAIN, isHidden: (trace) => trace === "net" });

  assert.deepEqual(
    data.map(({ visible }) => visible),
    [undefined, false],
  );
});

for (const [zoom, range] of [
  [undefined, [DAYS[0], DAYS[3]]],
  [2, ["2026-03-02T12:00:00", "2026-03-04T12:00:00"]],
  [30, ["2026-02-28T12:00:00", "2026-03-04T12:00:00"]], // more days than there are
  [
    ["2026-03-01 12:00", "2026-03-02 06:00"],
    ["2026-03-01 12:00", "2026-03-02 06:00"],
  ],
]) {
  test(`with a zoom of ${zoom}, the axis shows ${range.join(" to ")}`, () => {
    assert.deepEqual(personalize(figure(), { ...PLAIN, zoom }).layout.xaxis.range, range);
  });
}

test("a zoom of the last days follows a new day", () => {
  const next = figure();
  next.layout.xaxis.tickvals = [...DAYS, "2026-03-05"];

  const { range } = personalize(next, { ...PLAIN, zoom: 2 }).layout.xaxis;
  assert.deepEqual(range, ["2026-03-03T12:00:00", "2026-03-05T12:00:00"]);
});

test("a static chart cannot be dragged", () => {
  assert.equal(personalize(figure(), { ...PLAIN, still: true }).layout.dragmode, false);
  assert.equal("dragmode" in personalize(figure(), PLAIN).layout, false);
});

/** A trend of four days, with finer ticks of 10. */
function trend() {
  const texts = Array.from({ length: 16 }, (_, i) => String((i - 5) * 10));
  return {
    data: [
      { meta: "net", x: DAYS, y: [90, -40, 20, 27] },
      { meta: "revenue", x: DAYS, y: [100, 80, 60, null] },
    ],
    layout: {
      meta: { ticks: { first: -50, last: 100, texts } },
      xaxis: { tickvals: DAYS, range: [DAYS[0], DAYS[3]] },
      yaxis: { range: [-50, 110], tickvals: [-50, 0, 50, 100] },
    },
  };
}

test("with all days and lines visible, the range is the server's", () => {
  const { layout } = personalize(trend(), PLAIN);

  assert.deepEqual(layout.yaxis.range, [-50, 110]);
});

test("the amounts' axis follows the days that are visible", () => {
  const { yaxis } = personalize(trend(), { ...PLAIN, zoom: 2 }).layout;

  assert.deepEqual(yaxis.range, [0, 60 + 0.08 * 60]);
  assert.deepEqual(yaxis.tickvals, [0, 20, 40, 60]);
  assert.deepEqual(yaxis.ticktext, ["0", "20", "40", "60"]);
});

test("the amounts' axis follows the lines that are visible", () => {
  const isHidden = (name) => name === "revenue";
  const { yaxis } = personalize(trend(), { ...PLAIN, isHidden, zoom: 3 }).layout;

  assert.deepEqual(yaxis.range, [-40 - 0.08 * 67, 27 + 0.08 * 67]);
  assert.deepEqual(yaxis.tickvals, [-40, -20, 0, 20]);
});

test("the amounts' axis includes a limit near the visible amounts, but no distant one", () => {
  const limited = trend();
  const limit = (level) => ({ meta: "limit", x: DAYS, y: DAYS.map(() => level) });
  limited.data.push(limit(-30), limit(-31));
  const { yaxis } = personalize(limited, { ...PLAIN, zoom: 2 }).layout;

  assert.deepEqual(yaxis.range, [-30 - 0.08 * 90, 60 + 0.08 * 90]);
});

test("without visible data the amounts' axis does not change", () => {
  const { layout } = personalize(trend(), { ...PLAIN, isHidden: () => true });

  assert.deepEqual(layout.yaxis.range, [-50, 110]);
});
