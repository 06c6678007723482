/* The page's end of the stream: keeps the socket up, decides when to paint, tells how fresh it is.
 *
 * What is painted comes from the server as a whole, in every frame; here is only when. Dash calls
 * `receive` and `watch` (see northstar/server.py); the rest is theirs.
 */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstar = (() => {
  const { feedState, createLag, show, showDetails } = window.dash_clientside.northstarStatus;
  const HEARTBEAT_MS = 5000; // the server's; see northstar/pipeline.py
  const SILENCE_LIMIT_MS = 3 * HEARTBEAT_MS;
  const KNOCK_MS = 2000;
  const KNOCKS_ANSWERED = 2;
  const CHART_GAP_MS = 1000;
  const TICK_MS = 500;

  // ---- Time ---------------------------------------------------------------------------------

  const mark = (shiftMs = 0) => ({
    steady: performance.now() + shiftMs,
    wall: Date.now() + shiftMs,
  });

  /** Milliseconds since a mark. The steady clock stands still while a laptop sleeps, the wall
   * clock can be set back: the longer of the two never makes old data look young. */
  const since = (then) =>
    Math.max(performance.now() - then.steady, Date.now() - then.wall);

  /** The wait before try number `tries`: 1, 2, 4 … 30 s, and up to a second of jitter. */
  const backoffMs = (tries, random = Math.random) =>
    Math.min(30000, 1000 * 2 ** tries) + 1000 * random();

  // ---- Status -------------------------------------------------------------------------------

  let heard = null; // the newest frame, and when what it says was true
  let dated = null; // when the numbers on the page were young
  let lag = null; // of the frames of this socket
  let skipped = 0; // frames that were overtaken on their way

  function showStatus() {
    const { feed, details } = heard?.frame ?? {};
    const pausedS = since(heard ? heard.at : link.firstTry) / 1000;
    const ageS = dated ? since(dated) / 1000 : null;
    const limitS = feed ? feed.stale_after_s : SILENCE_LIMIT_MS / 1000;
    const overdue = Math.max((feed?.silence_s ?? 0) + pausedS, ageS ?? 0) >= limitS;
    const pageRetryS = -since(link.retryAt ?? mark()) / 1000;
    const known = {
      feed,
      details,
      source: (newest ?? heard?.frame)?.feed.source, // of the numbers on the page
      linkUp: link.up,
      ageS,
      retryS: link.up ? (feed?.retry_in_s ?? 0) - pausedS : pageRetryS,
      page: {
        retryS: pageRetryS,
        signS: heard && since(link.lastSign) / 1000,
        reconnects: link.reconnects,
        skipped,
      },
    };
    show(feedState(feed?.state ?? "", overdue, link.up), known);
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
    firstTry: null,
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
    link.firstTry ??= now;
    Object.assign(link, { timer: null, retryAt: null, lastSign: now, answers: 0 });
    // The component opens a socket when its address changes, and at no other time.
    const url = new URL(`${base()}view-stream?r=${link.opened++}`, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    window.dash_clientside.set_props("view-stream", { url: url.href });
  }

  /** The path that the dashboard is served under. */
  const base = () =>
    JSON.parse(document.getElementById("_dash-config").textContent).requests_pathname_prefix;

  function retryLater() {
    if (link.timer) return;
    const wait = backoffMs(link.tries++);
    link.up = false;
    link.retryAt = mark(wait);
    link.timer = setTimeout(connect, wait);
    showStatus();
  }

  /** The network is back, or somebody looks: do not wait for the time that was set for later. */
  function wakeUp() {
    if (link.timer || since(link.lastSign) > HEARTBEAT_MS + TICK_MS) connect();
  }

  /** A half-open socket says it is open and stays silent: after three heartbeats, try anew. */
  function checkSilence() {
    if (link.timer || !link.lastSign || since(link.lastSign) < SILENCE_LIMIT_MS) return;
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
    const answers = await fetch(`${base()}healthz`, { cache: "no-store", signal }).then(
      (response) => response.ok,
      () => false,
    );
    const back = answers && (link.gone || ++link.answers > KNOCKS_ANSWERED);
    Object.assign(link, { knocking: false, gone: !answers });
    if (back && link.timer) connect();
  }

  // ---- Painting -----------------------------------------------------------------------------

  const shown = new Map(); // component id → its newest properties, as text
  const due = new Map(); // chart id → properties not drawn yet
  const drawnAt = new Map(); // chart id → when it was drawn last, ms on the steady clock
  let newest = null; // the newest frame that carries content
  let pumping = false;

  const lists = []; // ids of components whose children came as a list of rows

  const isShown = (id, props) => shown.get(id) === JSON.stringify(props);
  const isPart = (id) => lists.some((list) => id.startsWith(`${list}-`));

  /** Set a component's properties, if they are others than before and it is on the page: in the
   * document, or in a list just set that is not drawn yet. */
  function setProps(id, props) {
    if (isShown(id, props) || !(document.getElementById(id) || isPart(id))) return;
    if (Array.isArray(props.children)) forgetParts(id);
    shown.set(id, JSON.stringify(props));
    window.dash_clientside.set_props(id, props);
  }

  /** A list set anew has none of the numbers that stood in it before. */
  function forgetParts(list) {
    if (!lists.includes(list)) lists.push(list);
    for (const id of shown.keys()) if (id.startsWith(`${list}-`)) shown.delete(id);
  }

  /** Set all texts at once, and queue the charts. Nothing is done for a page nobody sees. */
  function paint() {
    if (!newest || document.hidden) return;
    for (const [id, props] of Object.entries(newest.props)) {
      if (!id.startsWith("chart-")) setProps(id, props);
      else if (isShown(id, props)) due.delete(id);
      else due.set(id, props);
    }
    const { seq } = newest;
    requestAnimationFrame(() => {
      const element = document.getElementById("page-seq");
      if (element) element.dataset.seq = seq;
    });
    pump();
  }

  /** Draw charts that are due, one an animation frame, each at most once a second. */
  function pump() {
    if (pumping || !due.size || document.hidden) return;
    pumping = true;
    const dueAt = (id) => (drawnAt.get(id) ?? -CHART_GAP_MS) + CHART_GAP_MS;
    const next = [...due.keys()].reduce((a, b) => (dueAt(a) <= dueAt(b) ? a : b));
    const draw = () => {
      pumping = false;
      const props = due.get(next);
      if (document.hidden) return;
      due.delete(next);
      if (!props) return pump();
      drawnAt.set(next, performance.now());
      setProps(next, props);
      pump();
    };
    const wait = dueAt(next) - performance.now();
    if (wait > 0) setTimeout(() => requestAnimationFrame(draw), wait);
    else requestAnimationFrame(draw);
  }

  // ---- What Dash calls ----------------------------------------------------------------------

  /** A frame has come. The newest wins; one that was overtaken is dropped. */
  function receive(message) {
    const frame = JSON.parse(message.data);
    const sameEpoch = heard?.frame.epoch === frame.epoch;
    if (sameEpoch) skipped += Math.max(0, frame.seq - heard.frame.seq - 1);
    const lagMs = lag(frame.sent_ms, performance.now());
    heard = { frame, at: mark(-lagMs) };
    if (frame.feed.age_s !== null) dated = mark(-lagMs - 1000 * frame.feed.age_s);
    link.reconnects += !link.up && link.opened > 1;
    Object.assign(link, { up: true, tries: 0, lastSign: mark(), gone: false });
    showStatus();
    const overtaken = newest && newest.epoch === frame.epoch && newest.seq > frame.seq;
    if (!frame.props || overtaken) return;
    newest = frame;
    paint();
  }

  /** The socket's state has changed; the first call, before there is one, starts everything. */
  function watch(state) {
    if (!link.firstTry) {
      const { ageS } = document.getElementById("as-of").dataset;
      dated = ageS ? mark(-1000 * ageS) : null;
      connect();
      setInterval(() => {
        checkSilence();
        knock();
        showStatus();
      }, TICK_MS);
      document.getElementById("feed-details").addEventListener("toggle", showStatus);
      window.addEventListener("online", wakeUp);
      document.addEventListener("visibilitychange", () => {
        if (document.hidden) return;
        wakeUp();
        showStatus();
        paint();
      });
    } else if (state && state.readyState === WebSocket.CLOSED) {
      retryLater();
    }
  }

  return { receive, watch, backoffMs };
})();
