/* Compare how two figures of a chart look in its box. No function here uses the page. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarLook = (() => {
  const SEEN_PX = 0.25; // a smaller move is invisible
  const ISO_DAY = 10; // letters
  const THICK_PX = 2; // plotly draws thinner bars at whole pixels
  // Placed in pixels; of tooltips, which are HTML (58-tooltip.js); or not read by plotly.
  const APART = new Set(["x", "y", "base", "values", "range", "tickvals", "customdata", "meta"]);

  const isWritten = ({ textposition, textinfo }) => textposition !== "none" && textinfo !== "none";

  /** Everything except positions, as JSON. */
  const style = (seen) =>
    JSON.stringify(seen, function (name, value) {
      return APART.has(name) || (name === "text" && !isWritten(this)) ? undefined : value;
    });

  /** A day, or a time of it, on plotly's clock, which skips no hour. */
  const timeOf = (at) => Date.parse(at.length > ISO_DAY ? `${at.replace(" ", "T")}Z` : at);

  /** Return a function from a value on an axis to its place, of which the pixels of both ends are
   * known; null stays. */
  function placing({ type, range = [] }, [from, to]) {
    const number = type === "date" ? timeOf : Number;
    const [low, high] = [number(range[0]), number(range[1])];
    const share = (value) => (number(value) - low) / (high - low);
    return (value) => (value === null ? null : from + (to - from) * share(value));
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

  /** Both ends of a bar that plotly makes thicker, since it is thinner than two pixels: they are at
   * whole ones, so that it is seen however thin it is; null for other bars, and for one of zero. */
  function thickened(from, to) {
    const end = (one, other) => {
      if (Math.abs(one - other) >= THICK_PX) return one;
      return one > other ? Math.ceil(one) : Math.floor(one);
    };
    if (from === to || !(Math.abs(from - to) < THICK_PX)) return [null, null];
    const start = end(from, to);
    return [start, end(to, start)];
  }

  /** How thin bars are drawn; nothing for other traces. */
  function thinBars({ type, x, y, base = [], orientation }, across, down) {
    if (type !== "bar") return [];
    const [lengths, along] = orientation === "h" ? [x, across] : [y, down];
    return lengths.flatMap((length, i) => {
      const start = base[i] ?? 0;
      return thickened(along(start), along(start + length));
    });
  }

  /** All positions in a figure in a box, in pixels; NaN without a range. */
  function positions({ data, layout }, box) {
    const { l, r, t, b } = layout.margin;
    const across = placing(layout.xaxis, [0, box.width - l - r]);
    const down = placing(layout.yaxis, [box.height - t - b, 0]);
    return [
      ...(layout.xaxis.tickvals ?? []).map(across),
      ...(layout.yaxis.tickvals ?? []).map(down),
      ...data.flatMap((trace) => (trace.values ? turns(trace, box) : points(trace, across, down))),
      ...data.flatMap((trace) => thinBars(trace, across, down)),
    ];
  }

  /** What a viewer sees of a figure in a box of that size in pixels. */
  const lookOf = (figure, box) => ({
    style: style([figure, box]),
    places: positions(figure, box),
  });

  const isNear = (a, b) => a === b || (a !== null && b !== null && Math.abs(a - b) < SEEN_PX);

  /** Whether two looks are indistinguishable; `undefined` is none. */
  function isAlike(one, other) {
    if (one?.style !== other?.style || one.places.length !== other.places.length) return false;
    return one.places.every((place, i) => isNear(place, other.places[i]));
  }

  return { lookOf, isAlike };
})();
