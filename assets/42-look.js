/* Tell whether two figures of a chart look the same in its box. No function here uses the page. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarLook = (() => {
  const SEEN_PX = 0.25; // a smaller move is not seen
  // Placed in pixels; of tooltips, which are HTML (58-tooltip.js); or not read by plotly.
  const APART = new Set(["x", "y", "base", "values", "range", "tickvals", "customdata", "meta"]);

  const isWritten = ({ textposition, textinfo }) => textposition !== "none" && textinfo !== "none";

  /** All that is no position, as JSON. */
  const style = (seen) =>
    JSON.stringify(seen, function (name, value) {
      return APART.has(name) || (name === "text" && !isWritten(this)) ? undefined : value;
    });

  /** Return a function from a value on an axis to its place on `px` pixels; null stays. */
  function placing({ type, range = [] }, px) {
    const number = type === "date" ? (day) => Date.parse(day) : Number;
    const [low, high] = [number(range[0]), number(range[1])];
    return (value) => (value === null ? null : (px * (number(value) - low)) / (high - low));
  }

  /** The ends of slices along the edge of a ring. */
  function turns({ values }, { width, height }) {
    const edge = Math.PI * Math.min(width, height);
    const all = values.reduce((sum, value) => sum + value, 0);
    let passed = 0;
    return values.map((value) => {
      passed += value;
      return (edge * passed) / all;
    });
  }

  /** Where the points of a trace are, and where its bars begin. */
  function points({ x, y, base, orientation }, across, down) {
    const lies = orientation === "h";
    const ends = (lengths) => (base ? lengths.map((length, i) => base[i] + length) : lengths);
    return [
      ...(lies ? ends(x) : x).map(across),
      ...(lies ? y : ends(y)).map(down),
      ...(base ?? [0]).map(lies ? across : down),
    ];
  }

  /** All positions in a figure in a box, in pixels; NaN without a range. */
  function positions({ data, layout }, box) {
    const across = placing(layout.xaxis, box.width);
    const down = placing(layout.yaxis, box.height);
    return [
      ...(layout.xaxis.tickvals ?? []).map(across),
      ...(layout.yaxis.tickvals ?? []).map(down),
      ...data.flatMap((trace) => (trace.values ? turns(trace, box) : points(trace, across, down))),
    ];
  }

  /** What a viewer sees of a figure in a box of that size in pixels. */
  const lookOf = (figure, box) => ({
    style: style([figure, box]),
    places: positions(figure, box),
  });

  const isNear = (a, b) => a === b || (a !== null && b !== null && Math.abs(a - b) < SEEN_PX);

  /** Whether nobody could tell two looks apart; `undefined` is none. */
  function isAlike(one, other) {
    if (one?.style !== other?.style || one.places.length !== other.places.length) return false;
    return one.places.every((place, i) => isNear(place, other.places[i]));
  }

  return { lookOf, isAlike };
})();
