/* Show a chart as a table of its data, updated with each frame while it is open. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarTables = (() => {
  const { valuesOf, setValues } = window.dash_clientside.northstarAddress;
  const { newest } = window.dash_clientside.northstarPaint;
  const { writeText } = window.dash_clientside.northstarSelection;
  const { base } = document.documentElement.dataset;

  const DAY = /^\d{4}-\d\d-\d\d$/u;

  const open = new Set(); // ids of charts that are shown as a table

  /** The heading of a chart's panel. */
  const heading = (chart) =>
    document.getElementById(`${chart}-place`).closest(".panel").querySelector("h2").textContent;

  function toggle(chart, button) {
    const opened = !open.delete(chart);
    if (opened) open.add(chart);
    setValues("table", open);
    button.setAttribute("aria-pressed", String(opened));
    document.getElementById(`${chart}-table`).hidden = !opened;
    button.closest(".panel").toggleAttribute("data-table-open", opened);
    show(chart);
  }

  /** Update an open table; unchanged cells are not written. */
  function show(chart) {
    const content = newest()?.props[`${chart}-table`];
    if (!(content && open.has(chart))) return;
    const place = document.getElementById(`${chart}-table`);
    const { columns, rows } = content;
    const days = daysOf(chart, rows);
    const cells = () => [...place.querySelectorAll("td, tbody th")];
    if (!place.firstChild || cells().length !== rows.length * columns.length) {
      place.replaceChildren(createTable(heading(chart), columns, rows));
    }
    const texts = rows.flat();
    for (const [i, cell] of cells().entries()) {
      if (cell.textContent === texts[i]) continue;
      const isName = i % columns.length === 0;
      write(cell, texts[i], isName ? days[i / columns.length] : undefined);
    }
  }

  /** The days of the rows, newest first: those of the chart, if it has as many. */
  function daysOf(chart, rows) {
    const drawn = newest().props[chart]?.figure.data[0]?.x ?? [];
    return drawn.length === rows.length && drawn.every((x) => DAY.test(x))
      ? drawn.toReversed()
      : [];
  }

  /** Write a cell; the name of a row that is a `day` is a link to it. */
  function write(cell, text, day) {
    if (!day) {
      writeText(cell, text);
      return;
    }
    const link = document.createElement("a");
    link.href = `${base}history?from=${day}&to=${day}`;
    link.textContent = text;
    cell.replaceChildren(link);
  }

  function createTable(caption, columns, rows) {
    const table = document.createElement("table");
    table.createCaption().textContent = caption;
    const head = table.createTHead().insertRow();
    for (const column of columns) head.append(createHead("col", column));
    const body = table.createTBody();
    for (const [, ...values] of rows) {
      const line = body.insertRow();
      line.append(createHead("row", ""));
      for (const _ of values) line.insertCell();
    }
    return table;
  }

  function createHead(scope, text) {
    const head = document.createElement("th");
    head.scope = scope;
    head.textContent = text;
    return head;
  }

  /** Update the open tables with the newest frame. */
  function updateTables() {
    if (document.hidden) return;
    for (const chart of open) show(chart);
  }

  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("button");
    if (button?.dataset.table) toggle(button.dataset.table, button);
  });
  for (const chart of valuesOf("table")) {
    const button = document.querySelector(`[data-table="${CSS.escape(chart)}"]`);
    if (button && !open.has(chart)) toggle(chart, button);
  }

  return { heading, updateTables };
})();
