/* The content and the position of a chart's tooltip. No function here uses the page. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarHover = (() => {
  const APART_PX = 14; // from the pointer
  const DAY_MS = 24 * 3600 * 1000;
  const ISO_DAY = 10; // letters

  const ofPoint = (colour, at) => (Array.isArray(colour) ? colour[at] : colour);
  const colourOf = ({ line, marker }, at) => line?.color ?? ofPoint(marker.color, at);

  /** A point from plotly, in a form that can be found in another figure of the chart. */
  function named({ curveNumber, pointNumber, data }) {
    return { trace: curveNumber, at: pointNumber, x: data.x?.[pointNumber] };
  }

  /** The trace of a point and its place there, -1 if the figure has no such point. Days are found
   * by date, all else, like times of a day, or names and the amounts beside them, by position. */
  function find({ data, layout }, { trace, at, x }) {
    const found = data[trace];
    const isDay = layout.xaxis.type === "date" && !x?.includes(" ");
    const now = isDay ? (found?.x ?? []).indexOf(x) : at;
    return { trace: found, at: now < (found?.customdata ?? found?.text ?? []).length ? now : -1 };
  }

  function titleOf({ layout }, { trace, at }) {
    const { meta, xaxis } = layout;
    if (xaxis.unifiedhovertitle) return xaxis.unifiedhovertitle.text;
    if (xaxis.type === "date") return trace.x[at].split(" ").at(-1); // the day, or the time of day
    return (meta?.names ?? trace.text)[at];
  }

  /** The content of the tooltip of points: a title, and a row with name, text and colour for each.
   * Null if it has none of them. */
  function content(figure, points) {
    const found = points.map((point) => find(figure, point)).filter(({ at }) => at >= 0);
    if (found.length === 0) return null;
    const rows = found.map(({ trace, at }) => ({
      name: trace.name ?? "",
      text: (trace.customdata ?? trace.text)[at],
      colour: trace.name ? colourOf(trace, at) : null,
    }));
    return { title: titleOf(figure, found[0]), rows };
  }

  /** The name of the agent, category or step of a point, "" if the figure does not have it. */
  function nameOf(figure, point) {
    const found = find(figure, point);
    return found.at < 0 ? "" : titleOf(figure, found);
  }

  /** The first and the last day of a point, null if it has none. */
  function daysOf({ layout }, { x }) {
    if (layout.xaxis.type !== "date" || !x || x.includes(" ")) return null;
    const lastMs = Date.parse(x) + ((layout.meta?.days ?? 1) - 1) * DAY_MS;
    return [x, new Date(lastMs).toISOString().slice(0, ISO_DAY)];
  }

  const within = (value, least, most) => Math.max(least, Math.min(value, most));

  /** Where a tooltip of that size goes in a chart: beside the pointer, or above or below it if it
   * fits on neither side. */
  function place(pointer, { width, height }, chart) {
    const [right, left] = [pointer.x + APART_PX, pointer.x - APART_PX - width];
    const y = within(pointer.y - height / 2, 0, chart.height - height);
    if (right + width <= chart.width) return { x: right, y };
    if (left >= 0) return { x: left, y };
    const above = pointer.y - APART_PX - height;
    const x = within(pointer.x - width / 2, 0, chart.width - width);
    return { x, y: above >= 0 ? above : pointer.y + APART_PX };
  }

  return { named, content, nameOf, daysOf, place };
})();
