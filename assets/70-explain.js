/* The panel that explains a key figure, or the numbers of a chart: formulas and message, fetched from
 * the server. Its numbers are those of the page. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarExplain = (() => {
  const { newest, isPaused } = window.dash_clientside.northstarPaint;
  const { writeText, isSelecting } = window.dash_clientside.northstarSelection;
  const { base } = document.documentElement.dataset;
  const GAP_MS = 1000;
  const LIMIT_MS = 5000;
  const NUMERIC = { numeric: true };

  // The open explanation: its key figure ("" for none), the button that opened it, and the request.
  const explain = { kpi: "", button: null, at: 0, asking: false, timer: null };

  function toggle(kpi, button) {
    const panel = document.getElementById("explain");
    const close = !kpi || explain.kpi === kpi;
    if (close) explain.button?.focus();
    Object.assign(explain, { kpi: close ? "" : kpi, button: close ? null : button, at: 0 });
    panel.hidden = close;
    for (const opener of document.querySelectorAll("button[data-explain][aria-expanded]")) {
      opener.setAttribute("aria-expanded", String(opener.dataset.explain === explain.kpi));
    }
    if (close) return;
    panel.querySelector(".body").textContent = "…";
    show();
    document.getElementById("explain-title").focus();
  }

  /** The element of the page with the number of a slot; a row of a list is found by its name, and
   * among those of one name by its number, because the viewer may have sorted them. */
  function sourceOf({ of, list, row, nth }) {
    if (list === undefined) return document.getElementById(of);
    const rows = document.getElementById(list).querySelectorAll("[data-part]");
    const found = [...rows]
      .filter(({ dataset }) => dataset.part === row)
      .map((each) => each.querySelector(`[id$="${CSS.escape(of)}"]`));
    return found.sort((one, other) => one.id.localeCompare(other.id, "en", NUMERIC))[nth];
  }

  /** Write into each slot what the page shows, unless that is the number it has with every digit. */
  function writeSlots(panel) {
    for (const slot of panel.querySelectorAll("[data-of]")) {
      const shown = sourceOf(slot.dataset)?.textContent;
      if (shown === undefined || shown === slot.dataset.shown) continue;
      slot.dataset.shown = shown;
      writeText(slot, shown);
    }
  }

  /** Write the figures of the newest frame, so that they agree with those on the cards. */
  function writeFigures() {
    writeSlots(document.getElementById("explain"));
    const figures = newest()?.props[`explain-${explain.kpi}`];
    const part = (name) => document.getElementById(`explain-${name}`);
    if (!(figures && part("heading"))) return;
    const write = (element, text) => {
      if (element.textContent !== text) writeText(element, text);
    };
    write(part("heading"), figures.heading);
    write(part("formula"), figures.formula);
    for (const [i, place] of part("inputs").querySelectorAll("dd").entries())
      write(place, figures.inputs[i]);
    for (const [i, { lastChild }] of part("checks").querySelectorAll("li").entries()) {
      [lastChild.className] = figures.checks[i];
      write(lastChild, figures.checks[i][1]);
    }
  }

  /** Fetch the content of the open panel with the current message. The message does not change
   * while the viewer selects text in the panel. */
  async function show() {
    const panel = document.getElementById("explain");
    if (!explain.kpi || explain.asking || isSelecting(panel)) return;
    clearTimeout(explain.timer);
    const wait = explain.at + GAP_MS - performance.now();
    if (explain.at && wait > 0) {
      explain.timer = setTimeout(show, wait);
      return;
    }
    Object.assign(explain, { asking: true, at: performance.now() });
    const { kpi } = explain;
    const asOf = newest();
    const answer = await load(kpi);
    explain.asking = false;
    if (kpi !== explain.kpi || asOf !== newest()) show(); // of the newer frame
    if (kpi === explain.kpi) showAnswer(panel.querySelector(".body"), answer);
  }

  /** The HTML of an explanation, or null if the server does not answer. */
  function load(kpi) {
    const signal = AbortSignal.timeout(LIMIT_MS);
    return fetch(`${base}explain/${kpi}`, { cache: "no-store", signal }).then(
      (response) => (response.ok ? response.text() : null),
      () => null, // the old content stays, with its time
    );
  }

  /** Replace the content; focus and scroll position stay. */
  function showAnswer(body, answer) {
    if (answer === null) {
      if (!body.firstElementChild) body.textContent = "The server does not answer; trying again.";
      explain.timer = setTimeout(show, GAP_MS);
      return;
    }
    const scrolled = body.querySelector("pre")?.scrollTop ?? 0;
    const reachable = () => [...body.querySelectorAll("pre, button")];
    const focused = reachable().indexOf(document.activeElement);
    body.innerHTML = answer; // from our server, which escapes data from the stream
    writeFigures();
    reachable()[focused]?.focus();
    for (const pre of body.querySelectorAll("pre")) pre.scrollTop = scrolled;
  }

  /** Copy the raw message. Without TLS, browsers can copy only a selection. */
  async function copyMessage(button) {
    const raw = document.querySelector("#explain pre");
    let copied = true;
    try {
      await navigator.clipboard.writeText(raw.textContent);
    } catch {
      getSelection().selectAllChildren(raw);
      copied = document.execCommand("copy");
      if (copied) getSelection().removeAllRanges();
    }
    button.textContent = copied ? "Copied" : "Selected: copy it by hand";
  }

  /** Update the open explanation with the newest frame. */
  function updateExplanation() {
    if (document.hidden || isPaused()) return;
    writeFigures();
    show();
  }

  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("button");
    if (!button) return;
    const { explain: kpi, copy } = button.dataset;
    if (kpi !== undefined) toggle(kpi, button);
    if (copy !== undefined) copyMessage(button);
  });
  document.addEventListener("keydown", ({ key }) => {
    // An open popover covers the panel and is closed first, by 72-feed-status.js.
    const covered = document.querySelector("details[open]");
    if (key === "Escape" && explain.kpi && !covered) toggle("");
  });

  return { updateExplanation };
})();
