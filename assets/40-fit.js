/* Arrange a chart in its box: which days are labelled, and whether its bars are vertical or
 * horizontal.
 *
 * The server's drawing follows the same rules in assets/52-drawn.css. On the page the names and
 * amounts of bars are HTML (northstar/view/live/bar_labels.py); in a picture plotly writes them.
 */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarFit = (() => {
  const NAME_PX = 11; // as in northstar/view/live/bar_labels.py
  const AMOUNT_PX = [10, 13]; // sizes of an amount above its bar
  const NAME_SHARE = 0.4; // largest share of the width for names beside bars
  const BESIDE_PX = 8; // between names and amounts beside bars and both of their sides
  const APART_PX = 4;
  const LINE = 1.3; // plotly's line height, relative to the font size
  const LEAST_LETTERS = 2; // of a name, before the ellipsis
  const DAY_PX = 58; // room for a day below an axis; as in northstar/view/shared/drawn/axes.py
  const AMOUNT_LINE_PX = 16; // room for an amount beside an axis
  const LETTERS_PX = 12; // size of the charts' letters, for which DAY_PX is

  let pen = null; // a canvas, to measure texts

  /** The width of a text at that size, in the page's font. */
  function widthOnPage(text, px) {
    pen ??= document.createElement("canvas").getContext("2d");
    pen.font = `${px}px ${getComputedStyle(document.body).fontFamily}`;
    return pen.measureText(text).width;
  }

  /** A text in which plotly finds no tags. */
  const escaped = (text) =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

  /** A name shortened to `room` pixels; empty if too few letters would remain. */
  function shortened(name, room, widthOf) {
    const letters = [...name];
    if (widthOf(name, NAME_PX) <= room) return name;
    while (letters.length > 0 && widthOf(`${letters.join("")}…`, NAME_PX) > room) letters.pop();
    return letters.length < LEAST_LETTERS ? "" : `${letters.join("")}…`;
  }

  /** Drop labels of days out of view, then all but every second, fourth, … as needed to fit; the
   * newest day stays. The letters are `enlargedBy` a factor. */
  function thin(axis, room, enlargedBy) {
    const [first, last] = axis.range;
    const labels = axis.tickvals.map((day, i) => [day, axis.ticktext[i]]);
    const days = labels.filter(([day]) => day >= first && day <= last);
    let stride = 1;
    while (stride < days.length && days.length * DAY_PX * enlargedBy > room * stride) stride *= 2;
    const stays = days.filter((_, i) => (days.length - 1 - i) % stride === 0);
    axis.tickvals = stays.map(([day]) => day);
    axis.ticktext = stays.map(([, text]) => text);
  }

  /** Drop all but every second, fourth, … amount beside an axis as needed to fit; zero stays. */
  function thinAmounts(axis, room, enlargedBy) {
    const { tickvals, ticktext } = axis;
    const needed = tickvals.length * AMOUNT_LINE_PX * enlargedBy;
    let stride = 1;
    while (stride < tickvals.length && needed > room * stride) stride *= 2;
    const zero = Math.max(0, tickvals.indexOf(0));
    const stays = (_, i) => (i - zero) % stride === 0;
    Object.assign(axis, { tickvals: tickvals.filter(stays), ticktext: ticktext.filter(stays) });
  }

  /** Make the bars horizontal, the first on top, with room for names and amounts beside them. */
  function lay({ data, layout }, width) {
    const { xaxis: places, yaxis: amounts, meta } = layout;
    for (const trace of data) Object.assign(trace, { x: trace.y, y: trace.x });
    Object.assign(data[0], { orientation: "h", textposition: "none" });
    layout.xaxis = amounts;
    layout.yaxis = { ...places, range: [...places.range].reverse() };
    const names = Math.min(NAME_SHARE * width, meta.names_px);
    const beside = Math.round(Math.max(names, meta.amounts_px) + BESIDE_PX);
    layout.margin = { l: beside, r: APART_PX, t: 0, b: 0 };
  }

  /** Arrange a figure in a box of that size in pixels; return whether its bars are horizontal, as
   * they always are if `laid`. */
  function place({ data, layout }, box, laid = false) {
    const { margin, meta, xaxis, yaxis } = layout;
    const enlargedBy = (layout.font?.size ?? LETTERS_PX) / LETTERS_PX;
    if (xaxis.type === "date") thin(xaxis, box.width - margin.l - margin.r, enlargedBy);
    if (yaxis?.tickvals) thinAmounts(yaxis, box.height - margin.t - margin.b, enlargedBy);
    const lies = box.width < meta?.least_px || (laid && Boolean(meta?.least_px));
    if (lies) lay({ data, layout }, box.width);
    return lies;
  }

  /** Return a function that arranges a chart of the page, whose names and amounts of bars are HTML,
   * and returns whether its bars are horizontal. Once horizontal at a width, they stay so: an
   * amount without cents is shorter than the next one. */
  function createArrange() {
    const laidAt = new Set(); // widths

    return (figure, box) => {
      const { data, layout } = figure;
      const lies = place(figure, box, laidAt.has(box.width));
      if (lies) laidAt.add(box.width);
      if (layout.meta?.names) (lies ? layout.yaxis : layout.xaxis).showticklabels = false;
      if (data[0]?.textposition) data[0].textposition = "none";
      return lies;
    };
  }

  /** Write the names below the bars, and the amounts as large as fits. */
  function writeStanding({ data: [bars], layout }, width, widthOf) {
    const { names } = layout.meta;
    const room = width / names.length - APART_PX;
    layout.xaxis.ticktext = names.map((name) => escaped(shortened(name, room, widthOf)));
    if (!bars.textfont) return;
    const [least, most] = AMOUNT_PX;
    const widest = Math.max(...bars.text.map((text) => widthOf(text, most)));
    const size = Math.floor((most * room) / widest);
    bars.textfont.size = Math.max(least, Math.min(most, size));
  }

  /** Write each name and amount beside its bar. */
  function writeLying({ data: [bars], layout }, { width, height }, widthOf) {
    const names = layout.meta.names.map((name) => shortened(name, NAME_SHARE * width, widthOf));
    const size = Math.min(NAME_PX, Math.floor(height / names.length / (2 * LINE)));
    const ticktext = bars.text.map((amount, i) => {
      const written = `<span style="color:${bars.textfont.color}">${amount}</span>`;
      return `${escaped(names[i])}<br>${written}`;
    });
    Object.assign(layout.yaxis, { ticktext, tickfont: { size }, ticklabelstandoff: APART_PX });
  }

  /** Arrange a chart for a picture; `widthOf` returns the width of a text at a size.
   * `layout.meta.names` are the unescaped names of bars; plotly interprets tags in texts. */
  function arrangeWithTexts(figure, box, widthOf = widthOnPage) {
    const { layout } = figure;
    if (place(figure, box)) writeLying(figure, box, widthOf);
    else if (layout.meta?.names) {
      writeStanding(figure, box.width - layout.margin.l - layout.margin.r, widthOf);
    }
    return figure;
  }

  return { createArrange, arrange: createArrange(), arrangeWithTexts, escaped };
})();
