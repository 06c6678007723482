/* Schedule painting: texts at once, charts one per animation frame, and only what has changed.
 *
 * A frame's `props` are the whole content of the page. The page's HTML is written directly; the
 * charts are Dash components.
 */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarPaint = (() => {
  const { dress, zoom, onChange } = window.dash_clientside.northstarChoices;
  const { fit } = window.dash_clientside.northstarFit;
  const CHART_GAP_MS = 950; // 5 % under a second: no delay at one message a second
  const AFTER_FRAME_MS = 5;
  const FLASH_MS = 350;
  const FLASH_GAP_MS = 1000;
  const ATTRIBUTES = { className: "class", dateTime: "datetime" };

  // ---- Texts --------------------------------------------------------------------------------

  const written = new Map(); // component id → the properties written last

  /** Write the changed properties of an element, if it is on the page. */
  function write(id, props) {
    const before = written.get(id);
    const element = document.getElementById(id);
    if (!element) return;
    for (const [name, value] of Object.entries(props)) {
      if (name === "style") writeStyle(element, value);
      else if (before?.[name] === value) continue;
      else if (name === "html") writeRows(element, value);
      else if (name === "data-points") drawLine(element, value);
      else if (name !== "children") element.setAttribute(ATTRIBUTES[name] ?? name, value);
      else if (element.textContent !== value) {
        element.textContent = value;
        if (before) flash(element);
      }
    }
    written.set(id, props);
  }

  /** Insert a list's rows, in which the server has escaped every name. Their numbers follow. */
  function writeRows(list, html) {
    list.innerHTML = html;
    for (const id of written.keys()) if (id.startsWith(`${list.id}-`)) written.delete(id);
  }

  function writeStyle(element, style) {
    for (const [name, value] of Object.entries(style)) {
      if (element.style.getPropertyValue(name) !== String(value)) {
        element.style.setProperty(name, value);
      }
    }
  }

  const LINE = `<svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
    <polyline/></svg>`;

  /** Draw a sparkline through points in percent of its box, and shade the area below it. */
  function drawLine(place, points) {
    if (!place.firstChild) place.innerHTML = LINE;
    const corners = points.split(" ");
    const [first, last] = [corners[0], corners.at(-1)].map((corner) => corner.split(",")[1]);
    // The sides of the area are out of view, because they are stroked too.
    const area = ["-9,109", `-9,${first}`, ...corners, `109,${last}`, "109,109"];
    place.querySelector("polyline").setAttribute("points", points && area.join(" "));
  }

  const flashedAt = new WeakMap(); // element → time, ms on the monotonic clock

  /** Highlight a changed number briefly, at most once a second. */
  function flash(element) {
    const now = performance.now();
    if (now - (flashedAt.get(element) ?? -FLASH_GAP_MS) < FLASH_GAP_MS) return;
    flashedAt.set(element, now);
    element.dataset.flash = "";
    setTimeout(() => delete element.dataset.flash, FLASH_MS);
  }

  // ---- Charts -------------------------------------------------------------------------------

  const drawn = new Map(); // chart id → the figure drawn last, as JSON
  const drawnAt = new Map(); // chart id → time of the last drawing, ms on the monotonic clock
  const due = new Set(); // chart ids
  let placed = false; // whether Dash has rendered the charts
  let pumping = false;
  let pressed = null; // the chart under a pressed pointer; drawing it would abort a drag

  const figureOf = (id) => newest.props[id].figure;

  function draw(id) {
    drawn.set(id, JSON.stringify(figureOf(id)));
    drawnAt.set(id, performance.now());
    const chart = document.getElementById(`${id}-place`).parentElement;
    const { clientWidth: width, clientHeight: height } = chart;
    const figure = fit(dress(id, figureOf(id)), { width, height });
    window.dash_clientside.set_props(id, { figure });
    chart.dataset.drawn = "";
  }

  const watched = new WeakSet(); // plots

  /** Record the viewer's zoom, which plotly would lose when a day is added. */
  function watchZoom(plot) {
    if (!plot || watched.has(plot)) return;
    const { id } = plot.parentElement;
    if (!document.querySelector(`[data-unzoom="${id}"]`)) return; // it has no zoom
    watched.add(plot);
    plot.on("plotly_doubleclick", () => zoom(id, null));
    plot.on("plotly_relayout", (change) => {
      const range = [change["xaxis.range[0]"], change["xaxis.range[1]"]];
      if (range[0] !== undefined) zoom(id, range);
    });
  }

  /** Draw due charts: one per animation frame, each at most once a second, none while hidden. */
  function pump() {
    const ready = [...due].filter((id) => id !== pressed);
    if (!placed || pumping || !ready.length || document.hidden) return;
    pumping = true;
    const dueAt = (id) => (drawnAt.get(id) ?? -CHART_GAP_MS) + CHART_GAP_MS;
    const next = ready.reduce((a, b) => (dueAt(a) <= dueAt(b) ? a : b));
    const work = () => {
      pumping = false;
      if (!document.hidden && next !== pressed && due.delete(next)) draw(next);
      pump();
    };
    // After the animation frame, because drawing a chart within it would delay the texts.
    const soon = () => requestAnimationFrame(() => setTimeout(work, AFTER_FRAME_MS));
    const wait = dueAt(next) - performance.now();
    if (wait > 0) setTimeout(soon, wait);
    else soon();
  }

  /** Move Dash's charts into their places and start drawing them. */
  function placeCharts() {
    for (const plot of document.querySelectorAll("[data-place]")) {
      document.getElementById(plot.dataset.place)?.append(plot);
    }
    placed = true;
    pump();
  }

  /** Redraw a chart, or all of them, at once after a change of this viewer's settings. */
  function redraw(chart) {
    if (!newest) return;
    for (const id of chart ? [chart] : [...drawn.keys()]) {
      drawn.delete(id);
      drawnAt.delete(id);
      due.add(id);
    }
    pump();
  }

  onChange(redraw);
  window.addEventListener("resize", () => redraw());
  document.addEventListener("pointerdown", ({ target }) => {
    const plot = target.closest?.(".js-plotly-plot");
    pressed = plot?.parentElement.id ?? null;
    watchZoom(plot);
  });
  for (const end of ["pointerup", "pointercancel", "contextmenu", "dragend"]) {
    document.addEventListener(end, () => {
      pressed = null;
      pump();
    });
  }

  // ---- Frames -------------------------------------------------------------------------------

  let newest = null; // the newest frame with content

  /** Paint the newest frame; while the page is hidden, only store it. */
  function paint(frame = newest) {
    newest = frame;
    if (!newest || document.hidden) return;
    for (const [id, props] of Object.entries(newest.props)) {
      if (props.rows) continue; // a table, see 60-panels.js
      if (!props.figure) write(id, props);
      else if (drawn.get(id) === JSON.stringify(props.figure)) due.delete(id);
      else due.add(id);
    }
    const { seq } = newest;
    requestAnimationFrame(() => {
      const told = document.getElementById("page-seq");
      if (told) told.dataset.seq = seq;
    });
    pump();
  }

  return { paint, placeCharts, newest: () => newest };
})();
