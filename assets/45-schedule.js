/* Decide which chart is redrawn next, and when. No function here uses the page. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarSchedule = (() => {
  const CHART_GAP_MS = 950; // 5 % under a second: no delay at one message a second

  /** Return a schedule that redraws a chart only if its figure changed, and each at most once a
   * second. Times are in ms on the monotonic clock. */
  function createSchedule() {
    const drawn = new Map(); // chart → the figure drawn last
    const drawnAt = new Map(); // chart → time of the last drawing
    const due = new Set(); // charts

    const dueAt = (chart) => (drawnAt.get(chart) ?? -CHART_GAP_MS) + CHART_GAP_MS;

    /** Take note of a chart's newest figure; one that did not change is the same object. */
    function offer(chart, figure) {
      if (drawn.get(chart) === figure) due.delete(chart);
      else due.add(chart);
    }

    /** The chart to draw next and the wait until then, or null. `pressed` is a chart that is not
     * drawn now. Of several charts, the one that has been due for longest is next. */
    function next(nowMs, pressed = null) {
      const ready = [...due].filter((each) => each !== pressed);
      if (ready.length === 0) return null;
      const chart = ready.reduce((a, b) => (dueAt(a) <= dueAt(b) ? a : b));
      return { chart, waitMs: Math.max(0, dueAt(chart) - nowMs) };
    }

    /** Remove a chart from the due ones; return whether it was one. */
    const take = (chart) => due.delete(chart);

    /** Take note that a chart is drawn with that figure. */
    function draw(chart, figure, nowMs) {
      drawn.set(chart, figure);
      drawnAt.set(chart, nowMs);
    }

    /** Make a chart due at once although its figure is the same; null stands for all. */
    function redraw(chart = null) {
      for (const each of chart === null ? [...drawn.keys()] : [chart]) {
        drawn.delete(each);
        drawnAt.delete(each);
        due.add(each);
      }
    }

    return { offer, next, take, draw, redraw };
  }

  return { createSchedule };
})();
