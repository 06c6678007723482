/* Write a frame's texts into the page's HTML, only those that changed. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarTexts = (() => {
  const FLASHES = "kpi-net-value";
  const FLASH_MS = 350;
  const FLASH_GAP_MS = 1000;
  const ATTRIBUTES = { className: "class", dateTime: "datetime" };
  const LINE = `<svg preserveAspectRatio="none" aria-hidden="true">
    <polygon/><polyline/></svg>`;

  const DRAWN = new Set(["points", "viewBox"]); // of a line

  const written = new Map(); // component id → the properties written last
  const flashedAt = new WeakMap(); // element → time, ms on the monotonic clock

  /** Write the changed properties of an element, if it is on the page. */
  function write(id, props) {
    const before = written.get(id);
    if (before === props) return;
    const element = document.getElementById(id);
    if (!element) return;
    if (props.points) drawLine(element, props);
    for (const [name, value] of Object.entries(props)) {
      if (DRAWN.has(name)) continue;
      if (name === "style") writeStyle(element, value);
      else if (before?.[name] !== value) writeProperty(element, name, value, Boolean(before));
    }
    written.set(id, props);
  }

  /** Write one property; net, if it is not the first one, is highlighted if it changed. */
  function writeProperty(element, name, value, highlight) {
    if (name === "html") writeRows(element, value);
    else if (name !== "children") element.setAttribute(ATTRIBUTES[name] ?? name, value);
    else if (element.textContent !== value) {
      element.textContent = value;
      if (highlight) flash(element);
    }
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

  /** Draw a sparkline and the area below it, as northstar/view/live/sparklines.py does. */
  function drawLine(place, { points, viewBox }) {
    if (!place.firstElementChild) place.innerHTML = LINE;
    const [x, y, width, height] = viewBox.split(" ").map(Number);
    const ends = [`${x + width},${y + height}`, `${x},${y + height}`];
    place.firstElementChild.setAttribute("viewBox", viewBox);
    place.querySelector("polyline").setAttribute("points", points.join(" "));
    const area = points.length ? [...points, ...ends] : [];
    place.querySelector("polygon").setAttribute("points", area.join(" "));
  }

  /** Highlight net briefly when it changes, at most once a second; a loss keeps its colour. */
  function flash(element) {
    if (element.id !== FLASHES || element.classList.contains("loss")) return;
    const now = performance.now();
    if (now - (flashedAt.get(element) ?? -FLASH_GAP_MS) < FLASH_GAP_MS) return;
    flashedAt.set(element, now);
    element.dataset.flash = "";
    setTimeout(() => delete element.dataset.flash, FLASH_MS);
  }

  return { write };
})();
