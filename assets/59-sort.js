/* How tables are sorted: the order of their rows, and what a click on a header does. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarSort = (() => {
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

  /** Mark the header of the column by which its table is sorted. */
  function markSorted(head, direction) {
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", direction);
  }

  return { order, next, markSorted };
})();
