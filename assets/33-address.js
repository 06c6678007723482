/* What a viewer has set, in the fragment of the page's address: it survives Back and a reload, and
 * can be sent to somebody. The server never sees it. No function here uses the page.
 */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarAddress = (() => {
  const DAYS = /^\d{1,2}$/u;
  const RANGE = /^\d{4}-\d\d-\d\d[\d:. ]*$/u;
  const SORT = /^(?<column>[a-z]+) (?<direction>ascending|descending)$/u;

  const settings = () => new URLSearchParams(location.hash.slice(1));

  /** The values of a setting in the address. */
  const valuesOf = (name) => settings().getAll(name);

  /** Replace the values of a setting in the address. */
  function setValues(name, values) {
    const all = settings();
    all.delete(name);
    for (const value of values) all.append(name, value);
    const fragment = all.size > 0 ? `#${all}` : "";
    history.replaceState(history.state, "", `${location.pathname}${location.search}${fragment}`);
  }

  /** A zoom as a text: a number of days, or the ends of a range. */
  const zoomText = (zoom) => (Array.isArray(zoom) ? zoom.join("/") : String(zoom));

  /** A zoom from a text, null if it is none. */
  function readZoom(text) {
    if (DAYS.test(text)) return Number(text);
    const ends = text.split("/");
    return ends.length === 2 && ends.every((end) => RANGE.test(end)) ? ends : null;
  }

  /** The column and the direction by which a table is sorted, as a text. */
  const sortText = ({ column, direction }) => `${column} ${direction}`;

  /** A column and a direction from a text, null if it is none. */
  function readSort(text) {
    const found = SORT.exec(text);
    return found && { ...found.groups };
  }

  return { valuesOf, setValues, zoomText, readZoom, sortText, readSort };
})();
