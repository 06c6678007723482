/* The tooltip of the charts. Plotly reports where the pointer is; the texts are those of the newest
 * frame, so that they agree with the numbers on the page while the chart follows a second later.
 *
 * On a narrow screen the tooltip is a strip at the bottom of the chart, or at its top if the
 * pointer is at the bottom (58-tooltip.css).
 */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarTooltip = (() => {
  const { named, content, nameOf, daysOf, place } = window.dash_clientside.northstarHover;
  const { newest } = window.dash_clientside.northstarPaint;
  const { light, addressOf } = window.dash_clientside.northstarParts;

  const { base } = document.documentElement.dataset;
  const coarse = matchMedia("(pointer: coarse)");
  const KINDS = {
    "chart-waterfall": "category",
    "chart-costs": "category",
    "chart-agents": "agent",
  };
  const TODAY = "chart-today";
  const DOUBLE_CLICK_MS = 500; // the systems' own, and plotly's by its configuration

  const pointer = { x: 0, y: 0 }; // in the viewport
  const watched = new WeakSet(); // plots
  let tip = null; // the element
  let open = null; // the plot and the points of the open tooltip
  let written = ""; // its content as JSON

  function element(name, text, className = "") {
    const made = document.createElement(name);
    made.textContent = text;
    made.className = className;
    return made;
  }

  function createTip() {
    tip = element("aside", "", "tip");
    tip.ariaHidden = "true"; // the chart's table has the same
  }

  function createRow({ name, text, colour }) {
    const row = element("p", "");
    if (colour) {
      const swatch = element("i", "", "swatch");
      swatch.style.setProperty("background", `var(${colour})`);
      row.append(swatch);
    }
    if (name) row.append(element("span", name));
    row.append(element("b", text));
    return row;
  }

  function write(found) {
    const now = JSON.stringify(found);
    if (now === written) return;
    written = now;
    tip.replaceChildren(element("h4", found.title), ...found.rows.map(createRow));
  }

  /** Move the tooltip beside the pointer, within its chart. */
  function move() {
    const chart = tip.parentElement.getBoundingClientRect();
    const at = { x: pointer.x - chart.x, y: pointer.y - chart.y };
    const size = { width: tip.offsetWidth, height: tip.offsetHeight };
    const { x, y } = place(at, size, chart);
    tip.style.setProperty("--x", `${Math.round(x)}px`);
    tip.style.setProperty("--y", `${Math.round(y)}px`);
    tip.toggleAttribute("data-high", at.y > chart.height - size.height); // a strip above the pointer
  }

  function close() {
    if (!open) return;
    delete open.plot.closest(".chart").dataset.leads;
    open = null;
    tip.remove();
    light();
  }

  /** Write the open tooltip anew from the newest frame; it closes if its points are gone. */
  function updateTooltip() {
    if (!open || document.hidden) return;
    const found = content(figureOf(open.plot), open.points);
    if (found) {
      write(found);
      move();
    } else close();
  }

  function show(plot, points) {
    open = { plot, points: points.map(named).toSorted((a, b) => a.trace - b.trace) };
    if (!tip) createTip();
    const chart = plot.closest(".chart");
    chart.prepend(tip);
    chart.toggleAttribute("data-leads", Boolean(destination(plot, open.points)));
    light(partOf(plot, open.points));
    updateTooltip();
  }

  const figureOf = (plot) => newest().props[plot.parentElement.id].figure;

  /** The agent or the category of points, as in `data-part`; "" for other charts. */
  function partOf(plot, [point]) {
    const kind = KINDS[plot.parentElement.id];
    return kind ? `${kind} ${nameOf(figureOf(plot), point)}` : "";
  }

  /** The address that points lead to, undefined for none: their days, agent or category; a total or
   * a moment leads to the running day. */
  function destination(plot, points) {
    const { id } = plot.parentElement;
    const days = daysOf(figureOf(plot), points[0]);
    if (days) return `${base}history?${query(days)}`;
    if (!KINDS[id] && id !== TODAY) return;
    return addressOf(partOf(plot, points)) ?? `${base}history?range=today`;
  }

  /** The query of a period, with the comparison of this page. */
  function query([from, to]) {
    const compare = new URLSearchParams(location.search).get("compare");
    return new URLSearchParams({ from, to, ...(compare && { compare }) });
  }

  const SLOP_PX = 5; // farther than this, a press was a drag
  let leaving = null; // the timer of a click
  let pressed = { clientX: 0, clientY: 0, on: null }; // on the points of the open tooltip

  function stay() {
    clearTimeout(leaving);
    leaving = null;
  }

  function press({ clientX, clientY }) {
    stay();
    pressed = { clientX, clientY, on: open };
  }

  /** Open the address of the points in the open tooltip, on a click that was no drag; in a zoomed
   * chart unless a second one follows, which ends the zoom. A tap only shows the tooltip.
   *
   * Plotly closes the tooltip at a press, and sends its own event only if the pointer has moved
   * since it drew the chart last. */
  function follow({ target, detail, clientX, clientY }) {
    stay();
    const moved = Math.hypot(clientX - pressed.clientX, clientY - pressed.clientY);
    const plot = target.closest?.(".js-plotly-plot");
    const { on } = pressed;
    if (moved > SLOP_PX || !plot || plot !== on?.plot || coarse.matches || detail > 1) return;
    const address = destination(plot, on.points);
    if (!address) return;
    const unzoom = `[data-unzoom="${plot.parentElement.id}"]:not([hidden])`;
    const waitMs = document.querySelector(unzoom) ? DOUBLE_CLICK_MS : 0;
    leaving = setTimeout(() => leave(leaving, address), waitMs);
  }

  /** Go to an address after the input of a busy page, in which a second click may wait. */
  function leave(timer, address) {
    requestAnimationFrame(() => {
      if (leaving === timer) location.assign(address);
    });
  }

  function watch(plot) {
    if (watched.has(plot)) return;
    watched.add(plot);
    for (const event of ["plotly_hover", "plotly_click"]) {
      plot.on(event, ({ points }) => show(plot, points)); // a tap is only a click
    }
    plot.on("plotly_unhover", () => {
      if (open?.plot === plot) close();
    });
  }

  // Before plotly, which gets the mouse's events after these.
  document.addEventListener("pointerover", ({ target }) => {
    const plot = target.closest?.(".js-plotly-plot");
    if (plot?.on) watch(plot);
  });
  function track({ type, clientX, clientY, pointerType }) {
    Object.assign(pointer, { x: clientX, y: clientY });
    const taps = type === "pointerdown" && pointerType === "touch"; // which may open it anew
    if (taps) close();
    else if (open) move();
  }
  document.addEventListener("click", follow, { capture: true }); // plotly stops those on a slice
  document.addEventListener("pointermove", track);
  document.addEventListener("pointerdown", track);
  document.addEventListener("pointerdown", press, { capture: true });
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || !open) return;
      event.stopImmediatePropagation(); // only the tooltip
      close();
    },
    { capture: true },
  );

  return { updateTooltip };
})();
