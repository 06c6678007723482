/* Copy a number with a click: all its digits, as a plain decimal in every locale. A click that
 * leads somewhere does not copy, and neither does one that ends a selection.
 */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarCopy = (() => {
  const NUMBERS =
    "#sentence strong, .kpi-value, .kpi-change, .kpi-before, .stats dd, .facts dd, .agent strong, .agent dd," +
    " .earners strong, .earners td[id], .amount, .bar-amount, .share, #costs-total, .table td, .sheet td, #explain .number";
  const LEADS = "a, button, summary, input, label";
  const SHOWN_MS = 1500;

  /** The first number of a text, as a plain decimal; "" if it has none. `separators` are those of
   * the decimals and of groups of digits. */
  function plain(text, [decimal, group]) {
    const start = text.search(/\d/u);
    if (start < 0) return "";
    let end = start;
    while (end < text.length && (/\d/u.test(text[end]) || `${decimal}${group}`.includes(text[end])))
      end += 1;
    const digits = text.slice(start, end).split(group).join("").replace(decimal, ".");
    const isLoss = text.slice(0, start).includes("-") || text[end] === "-";
    return `${isLoss ? "-" : ""}${digits.replace(/\.$/u, "")}`;
  }

  /** The number of an element: its exact amount, where the text has been rounded. */
  function numberOf(element) {
    const { value, separators = ".," } = {
      ...document.querySelector("[data-separators]")?.dataset,
      ...element.dataset,
    };
    return value ?? plain(element.title || element.textContent, separators);
  }

  /** Put a text on the clipboard. Without TLS, browsers can copy only a selection. */
  async function copyText(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const place = document.createElement("textarea");
      const focused = document.activeElement;
      place.value = text;
      document.body.append(place);
      place.select();
      const copied = document.execCommand("copy");
      place.remove();
      focused?.focus();
      return copied;
    }
  }

  let note = null; // says what was copied
  let timer = null;

  /** Show that the number was copied, beside it and to screen readers. */
  function announce(element, text) {
    if (!note) {
      note = document.createElement("output");
      note.className = "copied";
      document.body.append(note);
    }
    const { left, top } = element.getBoundingClientRect();
    note.style.setProperty("--x", `${Math.round(left)}px`);
    note.style.setProperty("--y", `${Math.round(top)}px`);
    note.textContent = text;
    note.dataset.shown = "";
    clearTimeout(timer);
    timer = setTimeout(() => delete note.dataset.shown, SHOWN_MS);
  }

  async function copy({ target }) {
    const element = target.closest?.(NUMBERS);
    if (!element || target.closest(LEADS) || !getSelection().isCollapsed) return;
    const number = numberOf(element);
    if (!number) return;
    const copied = await copyText(number);
    announce(element, copied ? `${number} copied` : "The browser does not let the page copy.");
  }

  document.addEventListener("click", copy);

  return { plain, numberOf };
})();
