/* Draw the charts of the history page, which are in the page, once Dash has rendered them. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarHistory = (() => {
  const { applyKept } = window.dash_clientside.northstarChoices;
  const { paint, placeCharts } = window.dash_clientside.northstarPaint;

  clearInterval(window.northstarGuard); // set in head.js
  applyKept();
  paint(JSON.parse(document.getElementById("first-frame").textContent));

  /** Called by Dash when it has rendered the charts. */
  function start() {
    placeCharts();
    return "";
  }

  return { start };
})();
