/* What this viewer chose: theme, palette, hidden legend entries, zoom. Nobody else is affected.
 *
 * A chart comes from the server with names of colours in place of colours (`--fill-gain`), the same
 * for all viewers; `dress` puts in the colours of this viewer's theme and what else was chosen.
 */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarChoices = (() => {
  const root = document.documentElement;
  const COLOUR = /colors?$/;
  const KEPT = ["theme", "palette"];
  const lightSystem = matchMedia("(prefers-color-scheme: light)");
  const touch = matchMedia("(pointer: coarse)");

  const hidden = new Set(); // "chart-trend revenue"
  const zooms = new Map(); // chart id → [first day, last day], or how many of the last days
  const inks = new Map(); // name of a colour → colour, in the present theme
  const listeners = []; // told of a chart to draw again, or of null for all

  const changed = (chart) => listeners.forEach((listener) => listener(chart));

  // ---- Theme and palette --------------------------------------------------------------------

  /** What the viewer chose, "" where that is to follow the system. Browsers may keep nothing. */
  function kept(name) {
    try {
      return localStorage.getItem(`northstar.${name}`) ?? "";
    } catch {
      return root.dataset[name];
    }
  }

  function keep(name, value) {
    try {
      localStorage.setItem(`northstar.${name}`, value);
    } catch {
      root.dataset[name] = value;
    }
  }

  function applyKept() {
    root.dataset.theme = kept("theme") || (lightSystem.matches ? "light" : "dark");
    root.dataset.palette = kept("palette");
    const ground = getComputedStyle(root).getPropertyValue("--ground-1").trim();
    document.querySelector("meta[name=theme-color]").content = ground;
    inks.clear();
    showChoices();
    changed(null);
  }

  /** Mark the buttons of what is chosen. */
  function showChoices() {
    for (const button of document.querySelectorAll("[data-choice]")) {
      const { choice, value } = button.dataset;
      button.setAttribute("aria-pressed", String(kept(choice) === value));
    }
  }

  /** The colour of that name in the present theme. */
  function ink(name) {
    if (typeof name !== "string" || !name.startsWith("--")) return name;
    if (!inks.has(name)) inks.set(name, getComputedStyle(root).getPropertyValue(name).trim());
    return inks.get(name);
  }

  // ---- Charts -------------------------------------------------------------------------------

  /** Put colours in the place of their names, where a figure has colours and nowhere else. */
  function inked(node, key = "") {
    if (Array.isArray(node)) {
      const plain = typeof node[0] !== "object" && !COLOUR.test(key);
      return plain ? node : node.map((inner) => inked(inner, key));
    }
    if (node === null || typeof node !== "object") return COLOUR.test(key) ? ink(node) : node;
    return Object.fromEntries(Object.entries(node).map(([k, inner]) => [k, inked(inner, k)]));
  }

  /** A figure as this viewer wants to see it. */
  function dress(chart, figure) {
    const { data, layout } = inked(figure);
    for (const trace of data) if (hidden.has(`${chart} ${trace.meta}`)) trace.visible = false;
    if (zooms.has(chart)) layout.xaxis.range = rangeOf(zooms.get(chart), layout.xaxis);
    // On a touch screen a drag scrolls the page; on a wall nobody drags.
    if (touch.matches || "kiosk" in root.dataset) layout.dragmode = false;
    return { data, layout };
  }

  function rangeOf(zoom, { tickvals: days }) {
    return Array.isArray(zoom) ? zoom : [days.at(-zoom) ?? days[0], days.at(-1)];
  }

  function toggleTrace(button) {
    const { chart, trace } = button.dataset;
    const entry = `${chart} ${trace}`;
    const shown = hidden.delete(entry);
    if (!shown) hidden.add(entry);
    button.setAttribute("aria-pressed", String(shown));
    changed(chart);
  }

  /** Keep a part of the time axis in sight, or all of it where `part` is null. */
  function zoom(chart, part) {
    const reset = document.querySelector(`[data-unzoom="${chart}"]`);
    if (part) zooms.set(chart, part);
    else zooms.delete(chart);
    if (!part && reset === document.activeElement) reset.nextElementSibling.focus();
    reset.hidden = !part;
    changed(chart);
  }

  // ---- Page ---------------------------------------------------------------------------------

  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("button");
    if (!button) return;
    const { choice, value, trace, unzoom, zoom: zoomed, days } = button.dataset;
    if (choice) {
      keep(choice, value);
      applyKept();
    }
    if (trace) toggleTrace(button);
    if (unzoom) zoom(unzoom, null);
    if (zoomed) zoom(zoomed, Number(days));
  });
  if ("kiosk" in root.dataset) document.querySelector(".page").inert = true; // no key does a thing
  lightSystem.addEventListener("change", applyKept);
  window.addEventListener("storage", ({ key }) => {
    if (KEPT.some((name) => key === `northstar.${name}`)) applyKept(); // chosen in another tab
  });

  return { dress, ink, zoom, applyKept, onChange: (listener) => listeners.push(listener) };
})();
