/* Show a notice on the history page when newer data has arrived; a link reloads the page. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarHistoryNews = (() => {
  const EVERY_MS = 60_000;

  /** Whether data of the time `asOf` is newer than what is shown; times are ISO 8601 or empty. */
  function isNews(shown, asOf) {
    return Boolean(asOf) && (shown === "" || Date.parse(asOf) > Date.parse(shown));
  }

  /** Ask the server once a minute, and when the tab is shown again, until there is newer data. */
  function watch(line) {
    const news = line.firstElementChild;
    const ask = async () => {
      if (document.hidden || !news.hidden) return;
      const answer = await fetch("api/feed").catch(() => null); // the next one may succeed
      if (!answer?.ok) return;
      const { as_of: asOf } = await answer.json();
      if (!isNews(line.dataset.asOf, asOf)) return;
      news.hidden = false;
      clearInterval(timer);
    };
    const timer = setInterval(ask, EVERY_MS);
    document.addEventListener("visibilitychange", ask);
  }

  return { isNews, watch };
})();
