/* Display settings of this viewer: theme, palette, comparison, hidden legend entries, zoom.
 *
 * The first three are stored in the browser; the last three are in the page's address.
 */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarChoices = (() => {
  const { valuesOf, setValues, zoomText, readZoom } = window.dash_clientside.northstarAddress;
  const { personalize } = window.dash_clientside.northstarFigure;
  const root = document.documentElement;
  const STORED = ["theme", "palette", "compare"];
  const lightSystem = matchMedia("(prefers-color-scheme: light)");
  const forcedColours = matchMedia("(forced-colors: active)");
  const touch = matchMedia("(pointer: coarse)");
  const isKiosk = "kiosk" in root.dataset;
  const LETTERS_PX = 12; // size of the charts' letters

  const hidden = new Set(valuesOf("hide")); // "chart-trend revenue"
  const zooms = new Map(); // chart id → [first day, last day], or a number of last days
  const inks = new Map(); // name of a colour → colour in the current theme
  const listeners = []; // called with the id of a chart to redraw, or null for all

  function notify(chart) {
    for (const listener of listeners) listener(chart);
  }

  // ---- Theme and palette --------------------------------------------------------------------

  /** The stored setting, "" to follow the system. Browser storage may be unavailable. */
  function stored(name) {
    try {
      return localStorage.getItem(`northstar.${name}`) ?? "";
    } catch {
      return root.dataset[name];
    }
  }

  function store(name, value) {
    try {
      localStorage.setItem(`northstar.${name}`, value);
    } catch {
      root.dataset[name] = value;
    }
  }

  /** The stored theme, or the system's. Where the system forces its colours, only its own fits. */
  function currentTheme() {
    const system = lightSystem.matches ? "light" : "dark";
    return (!forcedColours.matches && stored("theme")) || system;
  }

  /** Apply a theme, by default the current one, and the stored palette to the page and its charts. */
  function applyTheme(theme = currentTheme()) {
    root.dataset.theme = theme;
    root.dataset.palette = stored("palette");
    root.dataset.compare = valuesOf("compare")[0] ?? stored("compare");
    const ground = getComputedStyle(root).getPropertyValue("--ground-1").trim();
    document.querySelector("meta[name=theme-color]").content = ground;
    inks.clear();
    markChoices();
    notify(null);
  }

  /** Store a setting, and apply it. */
  function choose(name, value) {
    store(name, value);
    if (name === "compare") setValues(name, [value]);
    applyTheme();
  }

  /** Mark the buttons of the current settings; without a choice, the server chose a comparison. */
  function markChoices() {
    const basis = document.getElementById("kpis")?.dataset.basis;
    for (const button of document.querySelectorAll("[data-choice]")) {
      const { choice, value } = button.dataset;
      const current = choice === "compare" ? root.dataset.compare || basis : stored(choice);
      button.setAttribute("aria-pressed", String(current === value));
    }
  }

  /** The colour of that name in the current theme. */
  function ink(name) {
    if (typeof name !== "string" || !name.startsWith("--")) return name;
    if (!inks.has(name)) inks.set(name, getComputedStyle(root).getPropertyValue(name).trim());
    return inks.get(name);
  }

  // ---- Charts -------------------------------------------------------------------------------

  /** A chart's figure with this viewer's settings. */
  function dress(chart, figure) {
    return personalize(figure, {
      ink,
      isHidden: (trace) => hidden.has(`${chart} ${trace}`),
      zoom: zooms.get(chart),
      // On a touch screen a drag scrolls the page; a wall screen has no pointer.
      still: touch.matches || isKiosk,
      enlargedBy: isKiosk ? lettersPx() / LETTERS_PX : 1,
    });
  }

  /** The size of the page's letters. */
  const lettersPx = () => Number.parseFloat(getComputedStyle(document.body).fontSize);

  function toggleTrace(button) {
    const { chart, trace } = button.dataset;
    const entry = `${chart} ${trace}`;
    const shown = hidden.delete(entry);
    if (!shown) hidden.add(entry);
    setValues("hide", hidden);
    button.setAttribute("aria-pressed", String(shown));
    notify(chart);
  }

  /** Zoom the time axis to `part`, or to all of it if `part` is null. */
  function zoom(chart, part) {
    setZoom(chart, part);
    setValues(
      "zoom",
      [...zooms].map(([each, shown]) => `${each} ${zoomText(shown)}`),
    );
    notify(chart);
  }

  function setZoom(chart, part) {
    const reset = document.querySelector(`[data-unzoom="${chart}"]`);
    if (part) zooms.set(chart, part);
    else zooms.delete(chart);
    if (!part && reset === document.activeElement) reset.nextElementSibling.focus();
    reset.hidden = !part;
    let shown = part ? "part" : "all";
    for (const button of document.querySelectorAll(`[data-zoom="${chart}"]`)) {
      const isPressed = Number(button.dataset.days) === part;
      button.setAttribute("aria-pressed", String(isPressed));
      if (isPressed) shown = String(part);
    }
    reset.closest(".panel").dataset.shown = shown; // of which days its averages are
  }

  /** Let nothing have the keyboard's focus; screen readers still read it. */
  function keepOffFocus() {
    document.addEventListener("focusin", ({ target }) => target.blur());
  }

  // ---- Page ---------------------------------------------------------------------------------

  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("button");
    if (!button) return;
    const { choice, value, trace, unzoom, zoom: zoomed, days } = button.dataset;
    if (choice) choose(choice, value);
    if (trace) toggleTrace(button);
    if (unzoom) zoom(unzoom, null);
    if (zoomed) zoom(zoomed, Number(days));
  });
  for (const button of document.querySelectorAll("[data-trace]")) {
    const { chart, trace } = button.dataset;
    button.setAttribute("aria-pressed", String(!hidden.has(`${chart} ${trace}`)));
  }
  for (const value of valuesOf("zoom")) {
    const [chart, text] = [value.split(" ")[0], value.slice(value.indexOf(" ") + 1)];
    const part = readZoom(text);
    if (part && document.querySelector(`[data-unzoom="${CSS.escape(chart)}"]`))
      setZoom(chart, part);
  }
  window.addEventListener("hashchange", () => location.reload()); // another address was entered
  if (isKiosk) keepOffFocus();
  lightSystem.addEventListener("change", () => applyTheme());
  forcedColours.addEventListener("change", () => applyTheme());
  window.addEventListener("storage", ({ key }) => {
    if (STORED.some((name) => key === `northstar.${name}`)) applyTheme(); // changed in another tab
  });

  return {
    dress,
    ink,
    zoom,
    choose,
    stored,
    applyTheme,
    onChange: (listener) => listeners.push(listener),
  };
})();
