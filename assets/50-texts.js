/* Write a frame's texts into the page's HTML, only those that changed. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarTexts = (() => {
  const FLASH_MS = 350;
  const FLASH_GAP_MS = 1000;
  const ATTRIBUTES = { className: "class", dateTime: "datetime" };
  const LINE = `<svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
    <polyline/></svg>`;

  const written = new Map(); // component id → the properties written last
  const flashedAt = new WeakMap(); // element → time, ms on the monotonic clock

  /** Write the changed properties of an element, if it is on the page. */
  function write(id, props) {
    const before = written.get(id);
    if (before === props) return;
    const element = document.getElementById(id);
    if (!element) return;
    for (const [name, value] of Object.entries(props)) {
      if (name === "style") writeStyle(element, value);
      else if (before?.[name] !== value) writeProperty(element, name, value, Boolean(before));
    }
    written.set(id, props);
  }

  /** Write one property; a text other than the first is highlighted if it changed. */
  function writeProperty(element, name, value, highlight) {
    if (name === "html") writeRows(element, value);
    else if (name === "data-points") drawLine(element, value);
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

  /** Draw a sparkline through points in percent of its box, and shade the area below it. */
  function drawLine(place, points) {
    if (!place.firstChild) place.innerHTML = LINE;
    const corners = points.split(" ");
    const [first, last] = [corners[0], corners.at(-1)].map((corner) => corner.split(",")[1]);
    // The sides of the area are out of view, because they are stroked too.
    const area = ["-9,109", `-9,${first}`, ...corners, `109,${last}`, "109,109"];
    place.querySelector("polyline").setAttribute("points", points && area.join(" "));
  }

  /** Highlight a changed number briefly, at most once a second. */
  function flash(element) {
    const now = performance.now();
    if (now - (flashedAt.get(element) ?? -FLASH_GAP_MS) < FLASH_GAP_MS) return;
    flashedAt.set(element, now);
    element.dataset.flash = "";
    setTimeout(() => delete element.dataset.flash, FLASH_MS);
  }

  return { write };
})();
