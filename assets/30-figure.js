/* Apply a viewer's settings to a figure: colours of the theme, hidden entries, zoom. No function
 * here uses the page.
 *
 * The server sends charts with names of colours (`--fill-gain`), the same for all viewers.
 */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarFigure = (() => {
  const COLOUR = /colors?$/u;
  const HALF_A_DAY_MS = 12 * 3600 * 1000;
  const ISO_SECOND = 19; // letters

  /** Replace names of colours, only in the properties of a figure that are colours; `ink` returns
   * the colour of a name. */
  function coloured(node, ink, key = "") {
    if (Array.isArray(node)) {
      const plain = typeof node[0] !== "object" && !COLOUR.test(key);
      return plain ? node : node.map((inner) => coloured(inner, ink, key));
    }
    if (node === null || typeof node !== "object") return COLOUR.test(key) ? ink(node) : node;
    const entries = Object.entries(node).map(([name, inner]) => [name, coloured(inner, ink, name)]);
    return Object.fromEntries(entries);
  }

  /** Multiply every size of letters and marks, width of lines and margin of a figure. */
  function enlarged(node, by, key = "") {
    if (Array.isArray(node)) {
      return typeof node[0] === "object" ? node.map((inner) => enlarged(inner, by)) : node;
    }
    if (node === null || typeof node !== "object") return node;
    const grows = (name) =>
      name === "size" || key === "margin" || (key === "line" && name === "width");
    const entries = Object.entries(node).map(([name, inner]) => [
      name,
      grows(name) && typeof inner === "number" ? inner * by : enlarged(inner, by, name),
    ]);
    return Object.fromEntries(entries);
  }

  /** Half a day before a day's start (-1), or after it (1): where its bar begins, or ends. */
  const halfADay = (day, way) =>
    new Date(Date.parse(day) + way * HALF_A_DAY_MS).toISOString().slice(0, ISO_SECOND);

  /** The ends of a zoom: a range, or a number of last days with the whole of their bars. */
  const rangeOf = (zoom, days) =>
    Array.isArray(zoom)
      ? zoom
      : [halfADay(days.at(-zoom) ?? days[0], -1), halfADay(days.at(-1), 1)];

  /** Return a copy of a figure with a viewer's settings: `ink` returns the colour of a name,
   * `isHidden` whether a trace is hidden; `zoom` is undefined for all days; a `still` chart has no
   * gestures; on a wall screen everything is `enlargedBy` a factor. Plotly has no tooltip; the page has (58-tooltip.js). */
  function personalize(figure, { ink, isHidden, zoom, still, enlargedBy = 1 }) {
    const { data, layout } = enlarged(coloured(figure, ink), enlargedBy);
    for (const trace of data) {
      trace.hoverinfo ??= "none"; // which still sends events
      if (isHidden(trace.meta)) trace.visible = false;
    }
    if (zoom) layout.xaxis.range = rangeOf(zoom, layout.xaxis.tickvals);
    if (still) layout.dragmode = false;
    return { data, layout };
  }

  return { personalize };
})();
