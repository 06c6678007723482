/* Sort the tables of the history page by a column; their totals stay last. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarHistorySort = (() => {
  const isKnown = ({ value }) => value !== "";

  /** The order of rows by their cells in one column: `value` is a number as text, "" if unknown, or
   * undefined for a text. Unknown cells are last in both directions, equal ones keep their order. */
  function order(cells, descending) {
    const sign = descending ? -1 : 1;
    const compare = (one, other) =>
      one.value === undefined
        ? one.text.localeCompare(other.text)
        : Number(one.value) - Number(other.value);
    const places = cells.map((_, place) => place);
    const known = places.filter((place) => isKnown(cells[place]));
    known.sort((one, other) => sign * compare(cells[one], cells[other]));
    return [...known, ...places.filter((place) => !isKnown(cells[place]))];
  }

  /** The direction of the next click: numbers begin with the largest, texts with the first. */
  function next(sorted, isText) {
    if (sorted === null) return isText ? "ascending" : "descending";
    return sorted === "ascending" ? "descending" : "ascending";
  }

  const readCell = (row, column) => ({
    value: row.cells[column].dataset.value,
    text: row.cells[column].textContent,
  });

  function sort(head) {
    const [body] = head.closest("table").tBodies;
    const rows = [...body.rows];
    const cells = rows.map((row) => readCell(row, head.cellIndex));
    const isText = cells.every(({ value }) => value === undefined || value === "");
    const direction = next(head.getAttribute("aria-sort"), isText);
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", direction);
    body.append(...order(cells, direction === "descending").map((place) => rows[place]));
  }

  /** Make the headers of tables with at least two rows buttons that sort. */
  function addButtons(tables) {
    for (const table of tables) {
      if (table.tBodies[0].rows.length < 2) continue;
      for (const head of table.tHead.rows[0].cells) {
        const button = document.createElement("button");
        button.append(...head.childNodes);
        button.addEventListener("click", () => sort(head));
        head.append(button);
      }
    }
  }

  return { order, next, addButtons };
})();
