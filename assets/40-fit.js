/* Fit the labels of a chart into its box; only the browser knows how wide they are. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarFit = (() => {
  const NAME_PX = 11; // as in northstar/view/live/figures.py
  const AMOUNT_PX = [10, 13]; // sizes of an amount above its bar
  const NAME_SHARE = 0.4; // largest share of the width for names beside bars
  const APART_PX = 4;
  const LINE = 1.3; // plotly's line height, relative to the font size
  const LEAST_LETTERS = 2; // of a name, before the ellipsis
  const DAY_PX = 58; // room for a day below an axis
  const ISO_DAY = 10; // letters

  let pen = null; // a canvas, to measure texts

  /** The width of a text at that size, in the page's font. */
  function widthOnPage(text, px) {
    pen ??= document.createElement("canvas").getContext("2d");
    pen.font = `${px}px ${getComputedStyle(document.body).fontFamily}`;
    return pen.measureText(text).width;
  }

  const escaped = (text) =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

  /** A name shortened to `room` pixels; empty if too few letters would remain. */
  function shortened(name, room, widthOf) {
    const letters = [...name];
    if (widthOf(name, NAME_PX) <= room) return name;
    while (letters.length > 0 && widthOf(`${letters.join("")}…`, NAME_PX) > room) letters.pop();
    return letters.length < LEAST_LETTERS ? "" : `${letters.join("")}…`;
  }

  /** Drop labels of days out of view, then as many as needed to fit; the newest day stays. */
  function thin(axis, room) {
    const [first, last] = axis.range;
    const labels = axis.tickvals.map((day, i) => [day, axis.ticktext[i]]);
    const days = labels.filter(([day]) => day >= first.slice(0, ISO_DAY) && day <= last);
    const stride = Math.ceil((days.length * DAY_PX) / room) || 1;
    const stays = days.filter((_, i) => (days.length - 1 - i) % stride === 0);
    axis.tickvals = stays.map(([day]) => day);
    axis.ticktext = stays.map(([, text]) => text);
  }

  /** Shrink the amounts above the bars until none touch; return whether they are legible. */
  function fitAmounts(bars, room, widthOf) {
    const [least, most] = AMOUNT_PX;
    const widest = Math.max(...bars.text.map((text) => widthOf(text, most) + APART_PX));
    bars.textfont.size = Math.min(most, Math.floor((most * room) / widest));
    return bars.textfont.size >= least;
  }

  /** Make the bars horizontal, each with its name and amount beside it. */
  function lay({ data: [bars], layout }, { width, height }, widthOf) {
    const names = layout.meta.names.map((name) => shortened(name, NAME_SHARE * width, widthOf));
    const size = Math.min(NAME_PX, Math.floor(height / names.length / (2 * LINE)));
    const texts = [...names, ...bars.text].map((text) => widthOf(text, size));
    const ticktext = bars.text.map((amount, i) => {
      const written = `<span style="color:${bars.textfont.color}">${amount}</span>`;
      return `${escaped(names[i])}<br>${written}`;
    });
    const { xaxis: places, yaxis: amounts } = layout;
    Object.assign(bars, { x: bars.y, y: bars.x, orientation: "h", textposition: "none" });
    layout.xaxis = amounts;
    const range = [...places.range].reverse(); // the first bar at the top
    layout.yaxis = { ...places, ticktext, tickfont: { size }, range, ticklabelstandoff: APART_PX };
    layout.margin = { l: Math.max(...texts) + 2 * APART_PX, r: APART_PX, t: 0, b: 0 };
  }

  /** Return a function that fits the texts of a chart into its box, in pixels; `widthOf` returns
   * the width of a text at a size. `layout.meta.names` are the unescaped names of the chart's
   * bars; plotly interprets tags in displayed text. */
  function createFit(widthOf) {
    const laidAt = new Set(); // widths at which bars stay horizontal, even if amounts get shorter

    return (figure, place) => {
      const { data, layout } = figure;
      const width = place.width - layout.margin.l - layout.margin.r;
      if (layout.xaxis.type === "date") thin(layout.xaxis, width);
      const names = layout.meta?.names;
      if (!names) return figure;
      const [bars] = data;
      const room = width / names.length - APART_PX;
      const fits = (name) => widthOf(name, NAME_PX) <= room;
      const stands = () => names.every(fits) && fitAmounts(bars, width / names.length, widthOf);
      if (bars.textfont && (laidAt.has(place.width) || !stands())) {
        laidAt.add(place.width);
        lay(figure, place, widthOf);
      } else {
        layout.xaxis.ticktext = names.map((name) => escaped(shortened(name, room, widthOf)));
      }
      return figure;
    };
  }

  return { createFit, fit: createFit(widthOnPage) };
})();
