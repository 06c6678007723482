/* The history page's charts: they come with the page, and are drawn once Dash has them ready. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarHistory = (() => {
  const { applyKept } = window.dash_clientside.northstarChoices;
  const { paint, placeCharts } = window.dash_clientside.northstarPaint;

  clearInterval(window.northstarGuard); // of head.js
  applyKept();
  paint(JSON.parse(document.getElementById("first-frame").textContent));

  /** Dash has the charts ready. */
  function start() {
    placeCharts();
    return "";
  }

  return { start };
})();
