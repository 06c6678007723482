/* The client of the stream: receives frames, reconnects the socket, shows the age of the data.
 *
 * The first response contains the numbers and a first frame with their age. Dash calls `receive`
 * and `watch` (see northstar/web/app.py), which drive the rest.
 */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstar = (() => {
  const { feedState, backoffMs, createLag, show, showDetails } =
    window.dash_clientside.northstarStatus;
  const { applyKept } = window.dash_clientside.northstarChoices;
  const { paint, placeCharts, newest } = window.dash_clientside.northstarPaint;
  const { update } = window.dash_clientside.northstarPanels;
  const { base } = document.documentElement.dataset; // the base path
  const HEARTBEAT_MS = 5000; // as in northstar/live/broadcast.py
  const SILENCE_LIMIT_MS = 3 * HEARTBEAT_MS;
  const KNOCK_MS = 2000;
  const KNOCKS_ANSWERED = 2;
  const TICK_MS = 500;
  const LOAD_GAP_MS = 60000;
  const SIGN_IN_AGAIN = 4401; // as in northstar/web/auth/access.py

  // ---- Time ---------------------------------------------------------------------------------

  const mark = (shiftMs = 0) => ({
    steady: performance.now() + shiftMs,
    wall: Date.now() + shiftMs,
  });

  /** Milliseconds since a mark. The monotonic clock stops while a laptop sleeps, and the wall clock
   * can be set back; the larger of the two never makes old data look young. */
  const since = (then) =>
    Math.max(performance.now() - then.steady, Date.now() - then.wall);

  // ---- Status -------------------------------------------------------------------------------

  let heard = null; // the newest frame, and when it was sent
  let dated = null; // when the newest data was at age zero
  let lag = null; // computes the delay of this socket's frames
  let skipped = 0; // frames replaced by a newer one before this page took them

  function showStatus() {
    const { feed, details } = heard.frame;
    const pausedS = since(heard.at) / 1000;
    const ageS = dated ? since(dated) / 1000 : null;
    const overdue = Math.max(feed.silence_s + pausedS, ageS ?? 0) >= feed.stale_after_s;
    const pageRetryS = -since(link.retryAt ?? mark()) / 1000;
    const known = {
      feed,
      details,
      source: (newest() ?? heard.frame).feed.source, // of the numbers on the page
      linkUp: link.up,
      ageS,
      retryS: link.up ? (feed.retry_in_s ?? 0) - pausedS : pageRetryS,
      page: {
        retryS: pageRetryS,
        reason: link.reason,
        signS: since(link.lastSign) / 1000,
        reconnects: link.reconnects,
        skipped,
      },
    };
    show(feedState(feed.state, overdue, link.up), known);
    showDetails(known);
  }

  // ---- Link ---------------------------------------------------------------------------------

  const link = {
    up: false,
    tries: 0, // consecutive, without a frame
    opened: 0, // number of sockets so far
    reconnects: 0,
    timer: null, // of the next try
    retryAt: null,
    reason: "", // the server's reason for closing the last socket
    lastSign: null,
    knocking: false,
    knockedAt: null,
    gone: false, // whether the server did not answer the last knock
    answers: 0, // to knocks since the last try
  };

  function connect() {
    clearTimeout(link.timer);
    const now = mark();
    lag = createLag(); // reset, because the server's clock stops while its machine sleeps
    Object.assign(link, { timer: null, retryAt: null, lastSign: now, answers: 0 });
    // The component opens a socket only when its address changes.
    const url = new URL(`${base}view-stream?r=${link.opened++}`, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    window.dash_clientside.set_props("view-stream", { url: url.href });
  }

  function retryLater(reason) {
    if (link.timer) return;
    link.reason = reason;
    const wait = backoffMs(link.tries++);
    link.up = false;
    link.retryAt = mark(wait);
    link.timer = setTimeout(connect, wait);
    showStatus();
  }

  /** The network is back or the page is visible again: try now instead of at the scheduled time. */
  function wakeUp() {
    const silent = link.opened && since(link.lastSign) > HEARTBEAT_MS + TICK_MS;
    if (link.timer || silent) connect();
  }

  /** Reconnect after three silent heartbeats, because a half-open socket still looks open. */
  function checkSilence() {
    if (link.timer || !link.opened || since(link.lastSign) < SILENCE_LIMIT_MS) return;
    link.up = false;
    link.tries++;
    connect();
  }

  /** While waiting for the next try, probe the server. If it answers again after not answering, try
   * at once; if it always answered, after a few probes. This ends long waits after an outage. */
  async function knock() {
    if (!link.timer || link.knocking) return;
    if (link.knockedAt && since(link.knockedAt) < KNOCK_MS) return;
    Object.assign(link, { knocking: true, knockedAt: mark() });
    const signal = AbortSignal.timeout(KNOCK_MS);
    const answers = await fetch(`${base}healthz`, { cache: "no-store", signal }).then(
      (response) => response.ok,
      () => false,
    );
    const back = answers && (link.gone || ++link.answers > KNOCKS_ANSWERED);
    Object.assign(link, { knocking: false, gone: !answers });
    if (back && link.timer) connect();
  }

  // ---- What Dash calls ----------------------------------------------------------------------

  /** Clear Dash's undo history, which stores every message: half a gigabyte an hour. */
  function forgetPast() {
    for (const store of window.dash_stores) store.getState().history.past.length = 0;
  }

  /** Handle a frame; one older than the newest is not painted. */
  function receive(message) {
    forgetPast();
    const frame = JSON.parse(message.data);
    const sameEpoch = heard.frame.epoch === frame.epoch;
    if (sameEpoch) skipped += Math.max(0, frame.seq - heard.frame.seq - 1);
    link.reconnects += !link.up && link.opened > 1;
    Object.assign(link, { up: true, tries: 0, lastSign: mark(), gone: false });
    take(frame, lag(frame.sent_ms, performance.now()));
  }

  /** Reload a page whose version differs from the server's, because it cannot read its frames. */
  function loadAnew() {
    if (performance.now() > LOAD_GAP_MS) location.reload(); // otherwise a cache serves the old page
  }

  /** Handle a frame with a delay of `lagMs`. */
  function take(frame, lagMs) {
    if (heard && heard.frame.version !== frame.version) loadAnew();
    heard = { frame, at: mark(-lagMs) };
    if (frame.feed.age_s !== null) dated = mark(-lagMs - 1000 * frame.feed.age_s);
    showStatus();
    const before = newest();
    const overtaken = before && before.epoch === frame.epoch && before.seq > frame.seq;
    if (!frame.props || overtaken) return;
    paint(frame);
    update();
  }

  /** Handle a change of the socket's state; the first call, before any socket, is Dash's start. */
  function watch(state) {
    if (!link.opened) {
      placeCharts();
      connect();
    } else if (state && state.readyState === WebSocket.CLOSED) {
      if (state.code === SIGN_IN_AGAIN) location.reload(); // the server then shows the sign-in page
      else retryLater(state.reason);
    }
  }

  // ---- Before Dash has started --------------------------------------------------------------

  clearInterval(window.northstarGuard); // set in head.js
  const loadingMs = performance.now();
  Object.assign(link, { up: true, lastSign: mark(-loadingMs) });
  applyKept();
  take(JSON.parse(document.getElementById("first-frame").textContent), loadingMs);
  document.getElementById("feed-details").addEventListener("toggle", showStatus);
  setInterval(() => {
    checkSilence();
    knock();
    showStatus();
  }, TICK_MS);
  window.addEventListener("online", wakeUp);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    wakeUp();
    showStatus();
    paint();
    update();
  });

  return { receive, watch };
})();
