/* Draw the charts of the history page, from the frame in its HTML, once Dash has rendered them. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarHistory = (() => {
  const { applyTheme } = window.dash_clientside.northstarChoices;
  const { paint, placeCharts } = window.dash_clientside.northstarPaint;
  const { addButtons } = window.dash_clientside.northstarHistorySort;
  const { watch } = window.dash_clientside.northstarHistoryNews;
  const { start: startNotes } = window.dash_clientside.northstarHistoryNotes;

  clearInterval(window.northstarGuard); // set in head.js
  applyTheme();
  paint(JSON.parse(document.getElementById("first-frame").textContent));

  // The live page's socket is closed when its session ends; this page has none, and follows the
  // sign-in page of its browser: the server answers a reload with the sign-in page, too.
  const sessions = new BroadcastChannel(`northstar ${document.documentElement.dataset.base}`);
  sessions.onmessage = () => location.reload();

  const news = document.getElementById("history-news");
  if (news) watch(news);
  const notes = document.getElementById("day-notes");
  if (notes) startNotes(notes);
  addButtons(document.querySelectorAll(".sheet table"));

  /** Called by Dash when it has rendered the charts. */
  function start() {
    placeCharts();
    return "";
  }

  return { start };
})();
