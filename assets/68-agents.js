/* Sort the table of agents by the column that the viewer chose, after each frame: the rows of a frame
 * are in the order of names, so that a change of rank does not send them again. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarAgents = (() => {
  const { valuesOf, setValues, sortText, readSort } = window.dash_clientside.northstarAddress;
  const { numberOf } = window.dash_clientside.northstarCopy;
  const { isSelecting } = window.dash_clientside.northstarSelection;
  const { order, next, markSorted } = window.dash_clientside.northstarSort;
  const NAME = "agent";
  const FIRST = { column: "net", direction: "descending" };
  const isKiosk = "kiosk" in document.documentElement.dataset;

  const body = document.getElementById("agent-rows");
  const heads = [...body.closest("table").tHead.rows[0].cells];
  const headOf = ({ column }) => heads.find(({ dataset }) => dataset.column === column);
  const chosen = isKiosk ? null : readSort(valuesOf("sort")[0] ?? "");
  let sorted = chosen && headOf(chosen) ? chosen : FIRST;

  const numberOfRow = ({ id }) => Number(id.split("-").at(-1));

  /** A cell by which rows are sorted: what it shows, with every digit of what is abbreviated. */
  function readCell(row, { cellIndex }) {
    const cell = row.cells[cellIndex];
    if (sorted.column === NAME) return { text: cell.textContent };
    return { value: numberOf(cell.querySelector("strong") ?? cell) };
  }

  /** Sort the rows, unless the viewer selects or presses something in them. */
  function sortAgents() {
    if (body.rows.length === 0 || body.matches(":active") || isSelecting(body)) return;
    const rows = [...body.rows].sort((one, other) => numberOfRow(one) - numberOfRow(other));
    const head = headOf(sorted);
    const cells = rows.map((row) => readCell(row, head));
    arrange(order(cells, sorted.direction === "descending").map((place) => rows[place]));
  }

  /** Put rows in this order, and move only those that are elsewhere; the focus stays. */
  function arrange(rows) {
    const focused = document.activeElement;
    let at = body.firstElementChild;
    for (const row of rows) {
      if (row === at) at = at.nextElementSibling;
      else body.insertBefore(row, at);
    }
    if (body.contains(focused)) focused.focus({ preventScroll: true });
  }

  function choose(head) {
    const { column } = head.dataset;
    sorted = { column, direction: next(head.getAttribute("aria-sort"), column === NAME) };
    const isFirst = sortText(sorted) === sortText(FIRST);
    setValues("sort", isFirst ? [] : [sortText(sorted)]);
    markSorted(head, sorted.direction);
    sortAgents();
  }

  for (const head of heads) {
    head.firstElementChild.addEventListener("click", () => choose(head));
  }
  const first = headOf(sorted);
  if (first) markSorted(first, sorted.direction);

  return { sortAgents };
})();
