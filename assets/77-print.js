/* Print a page: light, with its charts at the size of the sheet, and its source, state and time.
 *
 * assets/90-print.css has the layout. Plotly's drawings have the size and the colours of the
 * screen, and are redrawn before the page is printed and after it.
 */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarPrint = (() => {
  const { dress, applyTheme } = window.dash_clientside.northstarChoices;
  const { createArrange } = window.dash_clientside.northstarFit;
  const { newest } = window.dash_clientside.northstarPaint;

  /** The size of a chart on the sheet, in pixels, from the style sheet. */
  function sizeOnPaper(chart) {
    const style = getComputedStyle(chart);
    const [width, height] = ["--paper-width", "--paper-height"].map((name) =>
      Number.parseFloat(style.getPropertyValue(name)),
    );
    return { width, height };
  }

  /** Draw each chart as it is printed, at once. */
  function drawOnPaper() {
    const arrange = createArrange();
    for (const plot of document.querySelectorAll(".chart .js-plotly-plot")) {
      const { id } = plot.parentElement;
      const chart = plot.closest(".chart");
      const figure = newest()?.props[id]?.figure;
      if (!figure) continue;
      const { data, layout } = dress(id, figure);
      const size = sizeOnPaper(chart);
      chart.toggleAttribute("data-lies", arrange({ data, layout }, size));
      window.Plotly.react(plot, data, { ...layout, ...size, autosize: false });
    }
  }

  /** Write which source, state and time the sheet is of; the server did so on the history page.
   * Ages are left out, which would be of the moment at which it was printed. */
  function writeOrigin() {
    const details = newest()?.details;
    if (!details) return;
    const text = (id) => document.getElementById(id).textContent;
    const source = details["feed-details-source"];
    const isLive = document.getElementById("feed-status").dataset.state === "live";
    const detail = isLive && text("feed-detail"); // otherwise an age, or the time of the next try
    const state = [text("feed-word"), detail].filter(Boolean).join(", ");
    const asOf = `as of ${text("as-of")}, ${text("as-of-day")}`;
    const parts = [asOf, source && `Source: ${source}`, `State: ${state}`];
    document.getElementById("printed").textContent = parts.filter(Boolean).join(" · ");
  }

  /** Open the browser's dialog, which also makes a PDF. */
  function printPage() {
    for (const menu of document.querySelectorAll("details[open]")) menu.open = false;
    window.print();
  }

  window.addEventListener("beforeprint", () => {
    applyTheme("light");
    writeOrigin();
    drawOnPaper();
  });
  window.addEventListener("afterprint", () => applyTheme());
  document.addEventListener("click", ({ target }) => {
    if (target.closest?.("button")?.dataset.print !== undefined) printPage();
  });

  return { printPage };
})();
