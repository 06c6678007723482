/* Apply a viewer's settings to a figure: colours of the theme, hidden entries, zoom. No function
 * here uses the page.
 *
 * The server sends charts with names of colours (`--fill-gain`), the same for all viewers.
 */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarFigure = (() => {
  const COLOUR = /colors?$/u;

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

  /** The first and the last day of a zoom: a range, or a number of last days. */
  const rangeOf = (zoom, days) =>
    Array.isArray(zoom) ? zoom : [days.at(-zoom) ?? days[0], days.at(-1)];

  /** Return a copy of a figure with a viewer's settings: `ink` returns the colour of a name,
   * `isHidden` whether a trace is hidden; `zoom` is undefined for all days; a `still` chart has no
   * gestures. Plotly has no tooltip; the page has (58-tooltip.js). */
  function personalize(figure, { ink, isHidden, zoom, still }) {
    const { data, layout } = coloured(figure, ink);
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
