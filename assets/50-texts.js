/* Write a frame's texts into the page's HTML, only those that changed. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarTexts = (() => {
  const { writeNode, writeText } = window.dash_clientside.northstarSelection;
  const FLASHES = "kpi-net-value";
  const FLASH_MS = 350;
  const FLASH_GAP_MS = 1000;
  const ATTRIBUTES = { className: "class", dateTime: "datetime" };
  const LINE = `<svg preserveAspectRatio="none" aria-hidden="true">
    <polygon/><polyline/><path/></svg>`;

  const DRAWN = new Set(["points", "viewBox", "limits"]); // of a line

  const written = new Map(); // component id → the properties written last
  const flashedAt = new WeakMap(); // element → time, ms on the monotonic clock

  /** Write the changed properties of an element, if it is on the page. */
  function write(id, props) {
    const before = written.get(id);
    if (before === props) return;
    const element = document.getElementById(id);
    if (!element) return;
    if (props.points) drawLine(element, props);
    if (before) removeOthers(element, before, props);
    writeProperties(element, before, props);
    written.set(id, props);
  }

  /** Remove the attributes that an element had before and has not any more. */
  function removeOthers(element, before, props) {
    for (const name of Object.keys(before)) {
      if (!(name in props)) element.removeAttribute(ATTRIBUTES[name] ?? name);
    }
  }

  function writeProperties(element, before, props) {
    for (const [name, value] of Object.entries(props)) {
      if (DRAWN.has(name)) continue;
      if (name === "style") writeStyle(element, value);
      else if (before?.[name] !== value) writeProperty(element, name, value, Boolean(before));
    }
  }

  /** Write one property; net, if it is not the first one, is highlighted if it changed. */
  function writeProperty(element, name, value, highlight) {
    if (name === "html") writeRows(element, value);
    else if (name !== "children") element.setAttribute(ATTRIBUTES[name] ?? name, value);
    else if (element.textContent !== value) {
      const shown = element.textContent;
      if ("point" in element.dataset) writeAmount(element, value);
      else writeText(element, value);
      if (highlight) flash(element, shown, value);
    }
  }

  /** The parts of an amount before, with and after its decimals; `point` is their separator. */
  function partsOf(text, point) {
    const at = point ? text.search(new RegExp(`[${point}]\\d+\\D*$`, "u")) : -1;
    if (at < 0) return [text, "", ""];
    const [cents] = /^.\d+/u.exec(text.slice(at));
    return [text.slice(0, at), cents, text.slice(at + cents.length)];
  }

  /** Write an amount whose decimals are an element of their own, as in the first response
   * (northstar/view/shared/panels.py); its label is the whole number. */
  function writeAmount(element, text) {
    const [before, cents, after] = partsOf(text, element.dataset.point);
    if (element.childNodes.length < 3) {
      element.replaceChildren("", document.createElement("small"), "");
    }
    const [whole, small, rest] = element.childNodes;
    writeNode(whole, before);
    writeText(small, cents);
    writeNode(rest, after);
    Object.assign(element, { role: "img", ariaLabel: text });
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

  /** Draw a sparkline, the area below it and its limits, as northstar/view/shared/sparklines.py does. */
  function drawLine(place, { points, viewBox, limits }) {
    if (!place.firstElementChild) place.innerHTML = LINE;
    const [x, y, width, height] = viewBox.split(" ").map(Number);
    const ends = [`${x + width},${y + height}`, `${x},${y + height}`];
    place.firstElementChild.setAttribute("viewBox", viewBox);
    place.querySelector("polyline").setAttribute("points", points.join(" "));
    const area = points.length > 0 ? [...points, ...ends] : [];
    place.querySelector("polygon").setAttribute("points", area.join(" "));
    const levels = limits.map((level) => `M${x} ${level}h${width}`);
    place.querySelector("path").setAttribute("d", levels.join(" "));
  }

  /** From which letter on an amount that is no loss has changed, and in which direction. */
  function changeOf(before, after) {
    const isAsLong = before.length === after.length;
    const at = isAsLong ? [...after].findIndex((letter, i) => letter !== before[i]) : 0;
    const isMore = isAsLong ? after[at] > before[at] : after.length > before.length;
    return { at, direction: isMore || /[-\u2212]/u.test(before) ? "rise" : "fall" };
  }

  /** The letters of an amount from one of them on; the next text does not move the range. */
  function lettersFrom(element, at) {
    const [whole, small, rest] = element.childNodes;
    const end = { endContainer: element, endOffset: element.childNodes.length };
    let passed = 0;
    for (const node of [whole, small.firstChild ?? small, rest]) {
      const length = node.length ?? 0;
      if (at < passed + length) {
        return new StaticRange({ startContainer: node, startOffset: at - passed, ...end });
      }
      passed += length;
    }
    return new StaticRange({ startContainer: element, startOffset: 0, ...end });
  }

  /** Tint briefly the digits of net that changed, at most once a second; a loss keeps its colour. */
  function flash(element, before, after) {
    if (element.id !== FLASHES || element.classList.contains("loss")) return;
    const now = performance.now();
    if (now - (flashedAt.get(element) ?? -FLASH_GAP_MS) < FLASH_GAP_MS) return;
    flashedAt.set(element, now);
    const { at, direction } = changeOf(before, after);
    const tints = globalThis.CSS?.highlights; // an older browser has none
    element.dataset.flash = direction;
    tints?.set(direction, new Highlight(lettersFrom(element, at)));
    setTimeout(() => {
      delete element.dataset.flash;
      tints?.delete(direction);
    }, FLASH_MS);
  }

  return { write, partsOf, changeOf };
})();
