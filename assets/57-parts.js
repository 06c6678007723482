/* Highlight the marks of one agent or category, at the pointer or the focus: its row, its bar, its
 * slice. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarParts = (() => {
  /** The marks of a part, by `data-part`: its kind and name. */
  const marksOf = (part) =>
    [...document.querySelectorAll("[data-part]")].filter((mark) => mark.dataset.part === part);

  /** The slices of a row of costs, in the order of which plotly draws them; none for other marks. */
  function slicesOf(mark) {
    const { id, children } = mark.parentElement;
    const slices = document.querySelectorAll("#chart-costs .slice");
    return [...slices].filter((_, i) => id === "costs-legend" && children[i] === mark);
  }

  /** Highlight the marks of a part, and no others; "" stands for none. */
  function light(part = "") {
    for (const mark of document.querySelectorAll("[data-lit]")) delete mark.dataset.lit;
    const marks = marksOf(part);
    for (const mark of [...marks, ...marks.flatMap(slicesOf)]) mark.dataset.lit = "";
  }

  /** The address of the page of a part, undefined if it has none. */
  const addressOf = (part) =>
    marksOf(part)
      .map((mark) => mark.querySelector("a")?.href)
      .find(Boolean);

  let pointed = ""; // the part at the pointer or the focus; charts have their own, see 58-tooltip.js

  function lightAt({ target, type }) {
    const part = type === "focusout" ? "" : (target.closest?.("[data-part]")?.dataset.part ?? "");
    if (part !== pointed) light(part);
    pointed = part;
  }

  for (const event of ["pointerover", "focusin", "focusout"]) {
    document.addEventListener(event, lightAt);
  }

  return { light, addressOf };
})();
