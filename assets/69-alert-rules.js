/* Rules of the queue of alerts: what is sent, shown and announced. No function here uses the page. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarAlertRules = (() => {
  /** The body of a request: the fields of the button, and the note. */
  const bodyOf = (fields, note) => JSON.stringify({ ...JSON.parse(fields), note });

  /** Why the server refused, from its answer. */
  function reasonIn({ error, detail }) {
    if (Array.isArray(detail)) return detail.map(({ msg }) => msg).join(", ");
    return error ?? "the server gave no reason";
  }

  /** What a screen reader announces when a frame comes: only what has changed. */
  const announced = (before, now) => (before?.sentence === now.sentence ? null : now.sentence);

  return { bodyOf, reasonIn, announced };
})();
