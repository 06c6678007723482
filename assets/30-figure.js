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
  const PADDING = 0.08; // of the range
  const REACH = 0.5; // of the range: a limit farther away is not shown
  const STRIDES = [1, 2, 5, 10, 20];
  const MOST_TICKS = 6;

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

  /** A size as plotly takes it: it ignores a distance of labels that is not whole. */
  const sized = (name, px) => (name === "ticklabelstandoff" ? Math.round(px) : px);

  /** Multiply every size of letters and marks, width of lines and margin of a figure. */
  function enlarged(node, by, key = "") {
    if (Array.isArray(node)) {
      return typeof node[0] === "object" ? node.map((inner) => enlarged(inner, by)) : node;
    }
    if (node === null || typeof node !== "object") return node;
    const grows = (name) =>
      name === "size" ||
      name === "ticklabelstandoff" ||
      key === "margin" ||
      (key === "line" && name === "width");
    const entries = Object.entries(node).map(([name, inner]) => [
      name,
      grows(name) && typeof inner === "number"
        ? sized(name, inner * by)
        : enlarged(inner, by, name),
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

  /** The limits that are near these amounts, as `is_near` in northstar/view/shared/limits.py. */
  function near(limits, amounts) {
    const [low, high] = [Math.min(...amounts), Math.max(...amounts)];
    const room = REACH * (high - low);
    const levels = limits.flatMap(({ y }) => y.slice(0, 1));
    return levels.filter((level) => level >= low - room && level <= high + room);
  }

  /** The amounts of visible traces on visible days, zero, and the limits near them. */
  function shownAmounts({ data, layout }) {
    const [first, last] = layout.xaxis.range;
    const shown = data.filter(({ visible }) => visible !== false);
    const isLimit = ({ meta }) => meta === "limit";
    const amounts = shown
      .filter((trace) => !isLimit(trace))
      .flatMap(({ x, y }) => y.filter((_, i) => x[i] >= first && x[i] <= last));
    const known = [0, ...amounts.filter((amount) => amount !== null)];
    return [...known, ...near(shown.filter(isLimit), known)];
  }

  /** Let the axis of amounts follow what is visible, with ticks of the finer ones that the server
   * sent, at most six; as `padded` in northstar/view/shared/charts.py. */
  function follow(figure) {
    const { ticks } = figure.layout.meta ?? {};
    const amounts = ticks ? shownAmounts(figure) : [];
    const [low, high] = [Math.min(...amounts), Math.max(...amounts)];
    if (!(high > low)) return;
    const padding = PADDING * (high - low);
    const range = [low && low - padding, high && high + padding];
    const step = (ticks.last - ticks.first) / (ticks.texts.length - 1);
    const zero = Math.round(-ticks.first / step);
    const inRange = ticks.texts
      .map((text, i) => ({ text, i: i - zero, value: (i - zero) * step }))
      .filter(({ value }) => value >= range[0] && value <= range[1]);
    const strides = STRIDES.map((stride) => inRange.filter(({ i }) => i % stride === 0));
    const few = strides.find(({ length }) => length <= MOST_TICKS) ?? strides.at(-1);
    const [tickvals, ticktext] = [few.map(({ value }) => value), few.map(({ text }) => text)];
    Object.assign(figure.layout.yaxis, { range, tickvals, ticktext });
  }

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
    if (zoom || data.some(({ visible }) => visible === false)) follow({ data, layout });
    if (still) layout.dragmode = false;
    return { data, layout };
  }

  return { personalize };
})();
