/* The page's end of the stream: takes the frames, keeps the socket up, tells how fresh it all is.
 *
 * The page comes with its numbers in it, and with a first frame that says how fresh they are. Dash
 * calls `receive` and `watch` (see northstar/server.py); the rest is theirs.
 */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstar = (() => {
  const { feedState, backoffMs, createLag, show, showDetails } =
    window.dash_clientside.northstarStatus;
  const { applyKept } = window.dash_clientside.northstarChoices;
  const { paint, placeCharts, newest } = window.dash_clientside.northstarPaint;
  const { update } = window.dash_clientside.northstarPanels;
  const { base } = document.documentElement.dataset; // the path it is all served under
  const HEARTBEAT_MS = 5000; // the server's; see northstar/pipeline.py
  const SILENCE_LIMIT_MS = 3 * HEARTBEAT_MS;
  const KNOCK_MS = 2000;
  const KNOCKS_ANSWERED = 2;
  const TICK_MS = 500;
  const LOAD_GAP_MS = 60000;
  const SIGN_IN_AGAIN = 4401; // see northstar/access.py

  // ---- Time ---------------------------------------------------------------------------------

  const mark = (shiftMs = 0) => ({
    steady: performance.now() + shiftMs,
    wall: Date.now() + shiftMs,
  });

  /** Milliseconds since a mark. The steady clock stands still while a laptop sleeps, the wall
   * clock can be set back: the longer of the two never makes old data look young. */
  const since = (then) =>
    Math.max(performance.now() - then.steady, Date.now() - then.wall);

  // ---- Status -------------------------------------------------------------------------------

  let heard = null; // the newest frame, and when what it says was true
  let dated = null; // when the numbers on the page were young
  let lag = null; // of the frames of this socket
  let skipped = 0; // frames that were overtaken on their way

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
    tries: 0, // in a row, without a frame
    opened: 0, // sockets so far
    reconnects: 0,
    timer: null, // of the next try
    retryAt: null,
    reason: "", // the server's, for having closed the last socket
    lastSign: null,
    knocking: false,
    knockedAt: null,
    gone: false, // the server was found not to answer
    answers: 0, // to knocks since the last try
  };

  function connect() {
    clearTimeout(link.timer);
    const now = mark();
    lag = createLag(); // anew: the server's clock stood still if its machine did
    Object.assign(link, { timer: null, retryAt: null, lastSign: now, answers: 0 });
    // The component opens a socket when its address changes, and at no other time.
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

  /** The network is back, or somebody looks: do not wait for the time that was set for later. */
  function wakeUp() {
    const silent = link.opened && since(link.lastSign) > HEARTBEAT_MS + TICK_MS;
    if (link.timer || silent) connect();
  }

  /** A half-open socket says it is open and stays silent: after three heartbeats, try anew. */
  function checkSilence() {
    if (link.timer || !link.opened || since(link.lastSign) < SILENCE_LIMIT_MS) return;
    link.up = false;
    link.tries++;
    connect();
  }

  /** While waiting for the next try, ask whether the server answers: one that did not and does
   * again is tried at once, one that does all the time soon. No long outage ends in a long wait. */
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

  /** Dash keeps every message, for an undo that the page does not have: half a gigabyte an hour. */
  function forgetPast() {
    for (const store of window.dash_stores) store.getState().history.past.length = 0;
  }

  /** A frame has come. The newest wins; one that was overtaken is dropped. */
  function receive(message) {
    forgetPast();
    const frame = JSON.parse(message.data);
    const sameEpoch = heard.frame.epoch === frame.epoch;
    if (sameEpoch) skipped += Math.max(0, frame.seq - heard.frame.seq - 1);
    link.reconnects += !link.up && link.opened > 1;
    Object.assign(link, { up: true, tries: 0, lastSign: mark(), gone: false });
    take(frame, lag(frame.sent_ms, performance.now()));
  }

  /** A page of another version than the server's does not know what its frames mean. */
  function loadAnew() {
    if (performance.now() > LOAD_GAP_MS) location.reload(); // else something hands out the old page
  }

  /** Take a frame that was `lagMs` on its way. */
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

  /** The socket's state has changed; the first call, before there is one, says that Dash is there. */
  function watch(state) {
    if (!link.opened) {
      placeCharts();
      connect();
    } else if (state && state.readyState === WebSocket.CLOSED) {
      if (state.code === SIGN_IN_AGAIN) location.reload(); // the server then asks who is there
      else retryLater(state.reason);
    }
  }

  // ---- Before Dash is there -----------------------------------------------------------------

  clearInterval(window.northstarGuard); // of head.js
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
