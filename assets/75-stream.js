/* Receive the frames of the stream, reconnect its socket, and keep the status up to date.
 *
 * The first response contains the numbers and a first frame with their age. Dash calls `receive`
 * and `watch` (see northstar/web/app.py), which drive the rest.
 */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstar = (() => {
  const { sortAgents } = window.dash_clientside.northstarAgents;
  const { showNeeds } = window.dash_clientside.northstarAlerts;
  const { applyTheme } = window.dash_clientside.northstarChoices;
  const { mark, elapsedMs, createLag } = window.dash_clientside.northstarClock;
  const { turnMs, backoffMs, comeBackMs, isMoved, knockMs, reloadMs, isLate, isDead, afterProbe } =
    window.dash_clientside.northstarConnection;
  const { isOlder, isBehind, mayReload, framesBetween } =
    window.dash_clientside.northstarConnection;
  const { updateExplanation } = window.dash_clientside.northstarExplain;
  const { show, showDetails } = window.dash_clientside.northstarFeedStatus;
  const { onKey } = window.dash_clientside.northstarKeys;
  const { paint, placeCharts, togglePause, isPaused, newest } =
    window.dash_clientside.northstarPaint;
  const { createReader } = window.dash_clientside.northstarPatch;
  const { feedState, isOverdue } = window.dash_clientside.northstarStatus;
  const { updateTables } = window.dash_clientside.northstarTables;
  const { updateTooltip } = window.dash_clientside.northstarTooltip;
  const { base } = document.documentElement.dataset; // the base path
  const PROBE_MS = 2000;
  const TICK_MS = 500;
  const SIGN_IN_AGAIN = 4401; // as in northstar/web/auth/access.py

  // ---- Status -------------------------------------------------------------------------------

  const reader = createReader();
  let received = null; // the newest frame, and when it was sent
  let truth = null; // the highest of the frames that were shown
  let dated = null; // when the newest data was at age zero
  let lag = null; // computes the delay of this socket's frames
  let reloading = false; // whether the page will load itself again
  let skipped = 0; // frames replaced by a newer one before this page took them

  function showStatus() {
    const { feed, details } = received.frame;
    const pausedS = elapsedMs(received.at) / 1000;
    const ageS = dated ? elapsedMs(dated) / 1000 : null;
    const pageRetryS = -elapsedMs(link.retryAt ?? mark()) / 1000;
    const shown = isPaused() ? newest() : received.frame;
    const known = {
      feed,
      details,
      source: (newest() ?? received.frame).feed.source, // of the numbers on the page
      net: shown?.props?.["sentence-net"]?.children,
      asOf: document.getElementById("as-of").textContent,
      linkUp: link.up,
      ageS,
      retryS: link.up ? (feed.retry_in_s ?? 0) - pausedS : pageRetryS,
      page: {
        retryS: pageRetryS,
        reason: link.reason,
        signS: elapsedMs(link.lastSign) / 1000,
        reconnects: link.reconnects,
        skipped,
      },
    };
    const state = feedState(feed.state, isOverdue(feed, pausedS, ageS), link.up);
    show(isPaused() ? "paused" : state, known);
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
    booked: false, // whether the server has said when to come back
    lastSign: null,
    probing: false,
    probeAt: null, // the next one
    probes: 0, // since the loss
    gone: false, // whether the server did not answer the last probe
    answers: 0, // to probes since the last try
  };

  /** The time in ms over which all viewers come back, as of the last frame. */
  const spread = () => 1000 * (received.frame.spread_s ?? 0);

  function connect() {
    clearTimeout(link.timer);
    const now = mark();
    lag = createLag(); // reset, because the server's clock stops while its machine sleeps
    Object.assign(link, { timer: null, retryAt: null, lastSign: now, answers: 0, booked: false });
    // The component opens a socket only when its address changes.
    const query = new URLSearchParams({ r: link.opened, key: reader.keyId() });
    const url = new URL(`${base}view-stream?${query}`, location.href);
    link.opened += 1;
    url.protocol = url.protocol.replace("http", "ws");
    window.dash_clientside.set_props("view-stream", { url: url.href });
  }

  function retryLater(reason) {
    if (link.timer) return;
    const booked = comeBackMs(reason);
    const wait = booked ?? backoffMs(link.tries, spread());
    Object.assign(link, { reason, booked: booked !== null, up: false, tries: link.tries + 1 });
    if (!link.probes) link.probeAt = mark(turnMs(spread()));
    link.retryAt = mark(wait);
    link.timer = setTimeout(connect, wait);
    showStatus();
  }

  /** Continue at another instance, without showing it to the viewer. */
  function move() {
    link.tries += 1;
    connect();
  }

  /** The network is back or the page is visible again: try now instead of at the scheduled time,
   * unless it is the server's. */
  function wakeUp() {
    if (link.booked) return;
    const late = link.opened && isLate(elapsedMs(link.lastSign));
    if (link.timer || late) connect();
  }

  /** Reconnect if the socket is dead; many viewers, whose server is dead, in turn. */
  function checkSilence() {
    if (link.timer || !link.opened || !isDead(elapsedMs(link.lastSign))) return;
    if (spread()) {
      retryLater("");
      return;
    }
    link.up = false;
    link.tries += 1;
    connect();
  }

  /** While waiting for the next try, probe the server; this ends long waits after an outage. */
  async function probe() {
    if (!link.timer || link.booked || link.probing || elapsedMs(link.probeAt) < 0) return;
    link.probing = true;
    const signal = AbortSignal.timeout(PROBE_MS);
    const answered = await fetch(`${base}healthz`, { cache: "no-store", signal }).then(
      (response) => response.ok,
      () => false,
    );
    const { back, ...state } = afterProbe(link, answered);
    const probeAt = mark(knockMs(link.probes, spread()));
    Object.assign(link, { probing: false, probeAt, probes: link.probes + 1, ...state });
    if (back && link.timer) comeBack();
  }

  /** Connect in turn, as all viewers learn that the server is back; until then, do not probe. */
  function comeBack() {
    const turn = Math.min(turnMs(spread()), -elapsedMs(link.retryAt));
    clearTimeout(link.timer);
    const at = mark(turn);
    Object.assign(link, { retryAt: at, probeAt: at, timer: setTimeout(connect, turn) });
  }

  // ---- What Dash calls ----------------------------------------------------------------------

  /** Clear Dash's undo history, which stores every message: half a gigabyte an hour. */
  function clearUndo() {
    for (const store of window.dash_stores) store.getState().history.past.length = 0;
  }

  /** Handle a frame; one that was overtaken is dropped, and so is the state of an instance that is
   * behind another, which changes nothing but the key frame. */
  function receive(message) {
    clearUndo();
    const sent = JSON.parse(message.data);
    if (isOlder(sent, received.frame)) return;
    if (sent.protocol !== received.frame.protocol) {
      reload();
      return;
    }
    const frame = reader.read(sent);
    if (!frame) {
      connect(); // a new socket gets the whole frame
      return;
    }
    if (isBehind(frame.truth, truth)) return;
    skipped += framesBetween(received.frame, frame);
    if (!link.up && link.opened > 1) link.reconnects += 1;
    Object.assign(link, { up: true, tries: 0, probes: 0, lastSign: mark(), gone: false });
    take(frame, lag(frame.sent_ms, performance.now()));
  }

  /** Reload the page, which cannot read the server's frames. */
  function reload() {
    const [{ type }] = performance.getEntriesByType("navigation");
    if (reloading || !mayReload(type === "reload", performance.now())) return;
    reloading = true;
    setTimeout(() => location.reload(), reloadMs(spread()));
  }

  /** Sort the agents, and update what is open: a tooltip, tables and an explanation. */
  function updatePanels() {
    sortAgents();
    updateTooltip();
    updateTables();
    updateExplanation();
  }

  /** Keep the numbers as they are until the viewer presses the key again. */
  function pause() {
    togglePause();
    showStatus();
    updatePanels();
  }

  /** Handle a frame with a delay of `lagMs`. */
  function take(frame, lagMs) {
    received = { frame, at: mark(-lagMs) };
    truth = frame.truth ?? truth;
    if (frame.feed.age_s !== null) dated = mark(-lagMs - 1000 * frame.feed.age_s);
    showStatus();
    showNeeds(frame.alerts);
    if (!frame.props) return; // a server without data
    paint(frame);
    updatePanels();
  }

  /** Handle a change of the socket's state; the first call, before any socket, is Dash's start. */
  function watch(state) {
    if (!link.opened) {
      placeCharts();
      connect();
    } else if (state?.readyState === WebSocket.CLOSED) {
      // The server answers a reload with the sign-in page.
      if (state.code === SIGN_IN_AGAIN) location.reload();
      else if (isMoved(state.reason, link.tries)) move();
      else retryLater(state.reason);
    }
  }

  // ---- Before Dash has started --------------------------------------------------------------

  clearInterval(window.northstarGuard); // set in head.js
  const loadingMs = performance.now();
  Object.assign(link, { up: true, lastSign: mark(-loadingMs) });
  applyTheme();
  take(reader.read(JSON.parse(document.getElementById("first-frame").textContent)), loadingMs);
  document.getElementById("feed-details").addEventListener("toggle", showStatus);
  setInterval(() => {
    checkSilence();
    probe();
    showStatus();
  }, TICK_MS);
  onKey("p", "Freeze the numbers, or go on", pause);
  window.addEventListener("online", wakeUp);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    wakeUp();
    showStatus();
    paint();
    updatePanels();
  });

  return { receive, watch };
})();
