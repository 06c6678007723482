/* Paint frames: texts at once, charts one per animation frame, and only what has changed.
 *
 * A frame's `props` are the whole content of the page. The page's HTML is written directly; the
 * charts are Dash components.
 */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarPaint = (() => {
  const { dress, zoom, onChange } = window.dash_clientside.northstarChoices;
  const { arrange } = window.dash_clientside.northstarFit;
  const { isAlike, lookOf } = window.dash_clientside.northstarLook;
  const { createSchedule } = window.dash_clientside.northstarSchedule;
  const { write } = window.dash_clientside.northstarTexts;
  const AFTER_FRAME_MS = 5;

  let newest = null; // the newest painted frame
  let paused = false; // by the viewer
  let held = null; // the newest frame, while paused

  // ---- Charts -------------------------------------------------------------------------------

  const schedule = createSchedule();
  const looks = new Map(); // chart → what plotly has drawn; none if it is drawn in any case
  let placed = false; // whether Dash has rendered the charts
  let pumping = false;
  let pressed = null; // the chart under a pressed pointer; drawing it would abort a drag

  function draw(id) {
    const { figure } = newest.props[id];
    schedule.draw(id, figure, performance.now());
    const chart = document.getElementById(`${id}-place`).parentElement;
    if (!chart.checkVisibility()) return; // a wall screen does not have it
    const { clientWidth: width, clientHeight: height } = chart;
    const dressed = dress(id, figure);
    chart.toggleAttribute("data-lies", arrange(dressed, { width, height }));
    const look = lookOf(dressed, { width, height });
    if (isAlike(looks.get(id), look)) return;
    looks.set(id, look);
    window.dash_clientside.set_props(id, { figure: dressed });
    if (!("drawn" in chart.dataset)) replaceDrawing(id, chart);
  }

  /** Hide the server's drawing of a chart in the frame in which plotly has drawn it. */
  function replaceDrawing(id, chart) {
    const replace = () => {
      const plot = document.querySelector(`#${id} .js-plotly-plot`);
      if (!(plot?.data?.length || plot?.layout?.annotations?.length)) return;
      observer.disconnect();
      chart.dataset.drawn = "";
    };
    const observer = new MutationObserver(replace);
    observer.observe(chart, { childList: true, subtree: true });
    replace();
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

  /** Draw due charts: one per animation frame, none while hidden. */
  function pump() {
    if (!placed || pumping || document.hidden) return;
    const next = schedule.next(performance.now(), pressed);
    if (!next) return;
    pumping = true;
    const { chart, waitMs } = next;
    const work = () => {
      pumping = false;
      if (!document.hidden && chart !== pressed && schedule.take(chart)) draw(chart);
      pump();
    };
    // After the animation frame, because drawing a chart within it would delay the texts.
    const soon = () => requestAnimationFrame(() => setTimeout(work, AFTER_FRAME_MS));
    if (waitMs) setTimeout(soon, waitMs);
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
    if (chart === null) looks.clear();
    else looks.delete(chart);
    schedule.redraw(chart);
    pump();
  }

  onChange(redraw);
  window.addEventListener("resize", () => redraw(null));
  document.addEventListener("pointerdown", ({ target }) => {
    const plot = target.closest?.(".js-plotly-plot");
    pressed = plot?.parentElement.id ?? null;
    watchZoom(plot);
  });
  function release() {
    pressed = null;
    pump();
  }
  for (const end of ["pointerup", "pointercancel", "contextmenu", "dragend"]) {
    document.addEventListener(end, release);
  }

  // ---- Frames -------------------------------------------------------------------------------

  /** Paint the newest frame; while the page is hidden or the viewer has paused, only store it. */
  function paint(frame = held ?? newest) {
    if (paused) {
      held = frame;
      return;
    }
    newest = frame;
    if (!newest || document.hidden) return;
    for (const [id, props] of Object.entries(newest.props)) {
      if (props.rows) continue; // a table, see 60-tables.js
      if (props.figure) schedule.offer(id, props.figure);
      else write(id, props);
    }
    const { seq } = newest;
    requestAnimationFrame(() => {
      const painted = document.getElementById("page-seq");
      if (painted) painted.dataset.seq = seq;
    });
    pump();
  }

  /** Pause painting, or resume it with the newest frame. */
  function togglePause() {
    paused = !paused;
    if (paused) return;
    paint();
    held = null;
  }

  return { paint, placeCharts, togglePause, isPaused: () => paused, newest: () => newest };
})();
