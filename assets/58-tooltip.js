/* The tooltip of the charts. Plotly says where the pointer is; the texts are those of the newest
 * frame, so that they agree with the numbers on the page while the chart follows a second later.
 *
 * On a narrow screen the tooltip is a strip at the bottom of the chart, or at its top if the pointer
 * is at the bottom (58-tooltip.css).
 */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarTooltip = (() => {
  const { named, content, place } = window.dash_clientside.northstarHover;
  const { newest } = window.dash_clientside.northstarPaint;

  const { base } = document.documentElement.dataset;
  const coarse = matchMedia("(pointer: coarse)");
  const TREND = "chart-trend";
  const ISO_DAY = 10; // letters
  const DOUBLE_CLICK_MS = 350; // plotly's is 300

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

  function write(said) {
    const now = JSON.stringify(said);
    if (now === written) return;
    written = now;
    tip.replaceChildren(element("h4", said.title), ...said.rows.map(createRow));
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
    open = null;
    tip?.remove();
  }

  /** Write the open tooltip anew from the newest frame; it closes if its points are gone. */
  function updateTooltip() {
    if (!open || document.hidden) return;
    const said = content(newest().props[open.plot.parentElement.id].figure, open.points);
    if (said) {
      write(said);
      move();
    } else close();
  }

  function show(plot, points) {
    open = { plot, points: points.map(named).toSorted((a, b) => a.trace - b.trace) };
    if (!tip) createTip();
    plot.closest(".chart").prepend(tip);
    updateTooltip();
  }

  /** Open the day of a clicked bar on the history page, unless a second click follows, which ends
   * the zoom. A tap only shows the tooltip. */
  function openDay(plot, { points: [point] }) {
    if (plot.parentElement.id !== TREND || coarse.matches) return;
    const day = point.x.slice(0, ISO_DAY);
    const go = () => location.assign(`${base}history?from=${day}&to=${day}`);
    const timer = setTimeout(go, DOUBLE_CLICK_MS);
    plot.once("plotly_doubleclick", () => clearTimeout(timer));
  }

  function watch(plot) {
    if (watched.has(plot)) return;
    watched.add(plot);
    plot.on("plotly_click", (click) => openDay(plot, click));
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
  function follow({ type, clientX, clientY, pointerType }) {
    Object.assign(pointer, { x: clientX, y: clientY });
    const taps = type === "pointerdown" && pointerType === "touch"; // which may open it anew
    if (taps) close();
    else if (open) move();
  }
  document.addEventListener("pointermove", follow);
  document.addEventListener("pointerdown", follow);
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
