/* Draw the charts of the history page, from the frame in its HTML, once Dash has rendered them. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarHistory = (() => {
  const { applyTheme } = window.dash_clientside.northstarChoices;
  const { paint, placeCharts } = window.dash_clientside.northstarPaint;

  clearInterval(window.northstarGuard); // set in head.js
  applyTheme();
  paint(JSON.parse(document.getElementById("first-frame").textContent));

  /** Called by Dash when it has rendered the charts. */
  function start() {
    placeCharts();
    return "";
  }

  return { start };
})();
