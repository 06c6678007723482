/* Display settings of this viewer: theme, palette, hidden legend entries, zoom.
 *
 * The server sends charts with names of colours (`--fill-gain`), the same for all viewers; `dress`
 * replaces them with the colours of this viewer's theme and applies the other settings.
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
  const zooms = new Map(); // chart id → [first day, last day], or a number of last days
  const inks = new Map(); // name of a colour → colour in the current theme
  const listeners = []; // called with the id of a chart to redraw, or null for all

  const changed = (chart) => listeners.forEach((listener) => listener(chart));

  // ---- Theme and palette --------------------------------------------------------------------

  /** The stored setting, "" to follow the system. Browser storage may be unavailable. */
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

  /** Mark the buttons of the current settings. */
  function showChoices() {
    for (const button of document.querySelectorAll("[data-choice]")) {
      const { choice, value } = button.dataset;
      button.setAttribute("aria-pressed", String(kept(choice) === value));
    }
  }

  /** The colour of that name in the current theme. */
  function ink(name) {
    if (typeof name !== "string" || !name.startsWith("--")) return name;
    if (!inks.has(name)) inks.set(name, getComputedStyle(root).getPropertyValue(name).trim());
    return inks.get(name);
  }

  // ---- Charts -------------------------------------------------------------------------------

  /** Replace names of colours, only in the properties of a figure that are colours. */
  function inked(node, key = "") {
    if (Array.isArray(node)) {
      const plain = typeof node[0] !== "object" && !COLOUR.test(key);
      return plain ? node : node.map((inner) => inked(inner, key));
    }
    if (node === null || typeof node !== "object") return COLOUR.test(key) ? ink(node) : node;
    return Object.fromEntries(Object.entries(node).map(([k, inner]) => [k, inked(inner, k)]));
  }

  /** A figure with this viewer's settings. */
  function dress(chart, figure) {
    const { data, layout } = inked(figure);
    for (const trace of data) if (hidden.has(`${chart} ${trace.meta}`)) trace.visible = false;
    if (zooms.has(chart)) layout.xaxis.range = rangeOf(zooms.get(chart), layout.xaxis);
    // On a touch screen a drag scrolls the page; a wall screen has no pointer.
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

  /** Zoom the time axis to `part`, or to all of it if `part` is null. */
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
  if ("kiosk" in root.dataset) document.querySelector(".page").inert = true; // no keyboard focus
  lightSystem.addEventListener("change", applyKept);
  window.addEventListener("storage", ({ key }) => {
    if (KEPT.some((name) => key === `northstar.${name}`)) applyKept(); // changed in another tab
  });

  return { dress, ink, zoom, applyKept, onChange: (listener) => listeners.push(listener) };
})();
