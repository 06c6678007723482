/** The rules of assets/38-hover.js: a tooltip's content and position. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const { named, content, nameOf, daysOf, place } = load(["38-hover.js"]).northstarHover;
const CHART = { width: 400, height: 200 };
const TIP = { width: 100, height: 50 };

const line = (name, x, customdata, colour) => ({ name, x, customdata, line: { color: colour } });
const days = (x, net) => ({
  data: [
    line("Revenue", x, ["$3", "$4"], "--fill-revenue"),
    { ...line("Net", x, net, "--fill-net"), marker: { color: "--fill-gain" } },
  ],
  layout: { xaxis: { type: "date" } },
});
const bars = (names, amounts) => ({
  data: [
    { name: "Revenue", customdata: amounts, marker: { color: "--fill-revenue" } },
    { name: "Net", customdata: amounts, marker: { color: ["--fill-gain", "--fill-loss"] } },
    { marker: { color: [] } }, // marks, without texts
  ],
  layout: { xaxis: { type: "linear" }, meta: { names } },
});

test("a point of plotly is identified by trace, position and date", () => {
  const point = { curveNumber: 1, pointNumber: 2, data: { x: ["a", "b", "c"] }, x: "formatted" };

  assert.deepEqual(named(point), { trace: 1, at: 2, x: "c" });
  assert.deepEqual(named({ curveNumber: 0, pointNumber: 3, data: {} }), {
    trace: 0,
    at: 3,
    x: undefined,
  });
});

test("a day is found by its date, even after days were added before it", () => {
  const points = [0, 1].map((trace) => ({ trace, at: 0, x: "2026-03-02" }));

  assert.deepEqual(content(days(["2026-03-01", "2026-03-02"], ["$1", "$2"]), points), {
    title: "2026-03-02",
    rows: [
      { name: "Revenue", text: "$4", colour: "--fill-revenue" },
      { name: "Net", text: "$2", colour: "--fill-net" },
    ],
  });
});

test("a time has no date, and the given title comes first", () => {
  const minutes = days(["2026-03-01 09:30:00", "2026-03-01 09:31:00"], ["$1", "$2"]);
  const points = [{ trace: 0, at: 0, x: "2026-03-01 09:30:00" }];
  assert.equal(content(minutes, points).title, "09:30:00");

  minutes.layout.xaxis.unifiedhovertitle = { text: "1 Mar 2026" };
  assert.equal(content(minutes, points).title, "1 Mar 2026");
});

test("a bar is found by its position and has its current name and amount", () => {
  const now = bars(["John", "Cliff"], ["$5", "-$6"]);

  assert.deepEqual(content(now, [{ trace: 0, at: 1, x: 1 }]), {
    title: "Cliff",
    rows: [{ name: "Revenue", text: "-$6", colour: "--fill-revenue" }],
  });
  assert.equal(content(now, [{ trace: 1, at: 1, x: 1 }]).rows[0].colour, "--fill-loss");
});

test("a step and a slice have no trace name and so no colour", () => {
  const axis = { xaxis: {} };
  const step = { data: [{ text: ["$7"] }], layout: { ...axis, meta: { names: ["Net P&L"] } } };
  const slice = { data: [{ text: ["Fees"], customdata: ["$1 · 9%"] }], layout: axis };
  const point = [{ trace: 0, at: 0, x: 0 }];

  assert.deepEqual(content(step, point), {
    title: "Net P&L",
    rows: [{ name: "", text: "$7", colour: null }],
  });
  assert.deepEqual(content(slice, point), {
    title: "Fees",
    rows: [{ name: "", text: "$1 · 9%", colour: null }],
  });
});

test("a figure without the points has no tooltip", () => {
  const gone = [{ trace: 0, at: 2, x: "2026-03-03" }];

  assert.equal(content(days(["2026-03-01", "2026-03-02"], ["$1", "$2"]), gone), null);
  assert.equal(content(bars(["John", "Cliff"], ["$5", "$6"]), gone), null);
  assert.equal(content({ data: [], layout: { xaxis: {} } }, gone), null);
  assert.equal(content(bars(["John"], ["$5"]), [{ trace: 2, at: 0, x: 0 }]), null);
});

for (const [where, pointer, expected] of [
  ["to the right", { x: 100, y: 100 }, { x: 114, y: 75 }],
  ["to the left at the right edge", { x: 350, y: 100 }, { x: 236, y: 75 }],
  ["below the top edge", { x: 100, y: 5 }, { x: 114, y: 0 }],
  ["above the bottom edge", { x: 100, y: 195 }, { x: 114, y: 150 }],
]) {
  test(`a tooltip is ${where}`, () => assert.deepEqual(place(pointer, TIP, CHART), expected));
}

test("a tooltip that fits on neither side is above or below the pointer", () => {
  const narrow = { width: 150, height: 200 };

  assert.deepEqual(place({ x: 60, y: 100 }, TIP, narrow), { x: 10, y: 36 });
  assert.deepEqual(place({ x: 70, y: 20 }, TIP, narrow), { x: 20, y: 34 });
});

test("a bar has its day or the seven days of its week; a moment has none", () => {
  const layout = { xaxis: { type: "date" } };
  const week = { xaxis: { type: "date" }, meta: { days: 7 } };

  assert.deepEqual(daysOf({ layout }, { x: "2026-02-25" }), ["2026-02-25", "2026-02-25"]);
  assert.deepEqual(daysOf({ layout: week }, { x: "2026-12-28" }), ["2026-12-28", "2027-01-03"]);
  assert.equal(daysOf({ layout }, { x: "2026-02-25 14:00:00" }), null);
  assert.equal(daysOf(bars(["Ada"], ["$1"]), { x: 0 }), null);
});

test("a bar has the name of its label; a mark without texts has none", () => {
  const figure = bars(["Ada", "Ben"], ["$1", "$2"]);

  assert.equal(nameOf(figure, { trace: 1, at: 1 }), "Ben");
  assert.equal(nameOf(figure, { trace: 2, at: 0 }), "");
});
