/* Sort the tables of the history page by a column; their totals stay last. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarHistorySort = (() => {
  const { order, next, markSorted } = window.dash_clientside.northstarSort;

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
    markSorted(head, direction);
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

  return { addButtons };
})();
