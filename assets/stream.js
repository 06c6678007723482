/* The page's end of the stream: keeps the socket up, decides when to paint, tells how fresh it is.
 *
 * What is painted comes from the server as a whole, in every frame; here is only when. Dash calls
 * `receive` and `watch` (see northstar/server.py); the rest is theirs.
 */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstar = (() => {
  const TITLE = document.title.split(" · ")[0];
  const HEARTBEAT_MS = 5000; // the server's; see northstar/pipeline.py
  const SILENCE_LIMIT_MS = 3 * HEARTBEAT_MS;
  const CHART_GAP_MS = 1000;
  const TICK_MS = 500;
  const WORDS = {
    connecting: "Connecting",
    live: "Live",
    stale: "Stale",
    reconnecting: "Reconnecting",
    offline: "Offline",
  };

  // ---- Time ---------------------------------------------------------------------------------

  const mark = () => ({ steady: performance.now(), wall: Date.now() });

  /** Milliseconds since a mark. The steady clock stands still while a laptop sleeps, the wall
   * clock can be set back: the longer of the two never makes old data look young. */
  const since = (then) =>
    Math.max(performance.now() - then.steady, Date.now() - then.wall);

  /** The wait before try number `tries`: 1, 2, 4 … 30 s, and up to a second of jitter. */
  const backoffMs = (tries, random = Math.random) =>
    Math.min(30000, 1000 * 2 ** tries) + 1000 * random();

  /** A span of time as people say it: 9 s, 3 m 10 s, 2 h 5 m. */
  function span(seconds) {
    const s = Math.floor(seconds);
    if (s < 60) return `${s} s`;
    if (s < 3600) return `${Math.floor(s / 60)} m ${s % 60} s`;
    return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} m`;
  }

  // ---- Status -------------------------------------------------------------------------------

  /** The word for both hops together. `feed` is the server's word for its own hop, true when
   * it was sent; `overdue` says whether the data has reached its age limit since. */
  function feedState(feed, overdue, linkUp) {
    if (!linkUp) return overdue ? "offline" : feed ? "reconnecting" : "connecting";
    if (feed === "live" && overdue) return "stale";
    if (feed === "reconnecting" && overdue) return "offline";
    return feed;
  }

  /** What stands behind the word: which hop is down, how old the data is, when the next try is. */
  function detail(state, { linkUp, ageS, retryS }) {
    const hop = linkUp ? "source" : "server";
    const age = ageS === null ? "no data yet" : `last data ${span(ageS)} ago`;
    const retry = retryS > 0 ? `retry in ${Math.ceil(retryS)} s` : "trying now";
    if (state === "stale") return age;
    if (state === "reconnecting") return `to the ${hop}, ${retry}`;
    if (state === "offline") return `no ${hop}, ${age}, ${retry}`;
    return "";
  }

  let heard = null; // the newest frame's `feed`, and when it came

  function showStatus() {
    const feed = heard ? heard.feed : { state: "", source: "", silence_s: 0, age_s: null };
    const pausedS = since(heard ? heard.at : link.firstTry) / 1000;
    const overdue = feed.silence_s + pausedS >= (feed.stale_after_s ?? SILENCE_LIMIT_MS / 1000);
    const state = feedState(feed.state, overdue, link.up);
    const told = detail(state, {
      linkUp: link.up,
      ageS: feed.age_s === null ? null : feed.age_s + pausedS,
      retryS: link.up ? (feed.retry_in_s ?? 0) - pausedS : -since(link.retryAt ?? mark()) / 1000,
    });
    setProps("feed-status", { "data-state": state, ...(heard && { "data-source": feed.source }) });
    setProps("feed-word", { children: WORDS[state] });
    setProps("feed-detail", { children: told });
    if (heard) showSource(feed.source);
  }

  function showSource(source) {
    const unreal = source === "live" ? "" : source.toUpperCase();
    setProps("source-badge", { children: unreal });
    document.title = unreal ? `${TITLE} · ${unreal}` : TITLE;
  }

  // ---- Link ---------------------------------------------------------------------------------

  const link = { up: false, tries: 0, opened: 0, timer: null, retryAt: null, lastSign: null };

  function connect() {
    clearTimeout(link.timer);
    const now = mark();
    link.firstTry ??= now;
    Object.assign(link, { timer: null, retryAt: null, lastSign: now });
    // The component opens a socket when its address changes, and at no other time.
    window.dash_clientside.set_props("view-stream", { url: `${streamUrl()}?r=${link.opened++}` });
  }

  function streamUrl() {
    const config = JSON.parse(document.getElementById("_dash-config").textContent);
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    return `${scheme}//${location.host}${config.requests_pathname_prefix}view-stream`;
  }

  function retryLater() {
    if (link.timer) return;
    const wait = backoffMs(link.tries++);
    link.up = false;
    link.retryAt = { steady: performance.now() + wait, wall: Date.now() + wait };
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
    heard = { feed: frame.feed, at: mark() };
    Object.assign(link, { up: true, tries: 0, lastSign: heard.at });
    showStatus();
    const overtaken = newest && newest.epoch === frame.epoch && newest.seq > frame.seq;
    if (!frame.props || overtaken) return;
    newest = frame;
    paint();
  }

  /** The socket's state has changed; the first call, before there is one, starts everything. */
  function watch(state) {
    if (!link.firstTry) {
      connect();
      setInterval(() => {
        checkSilence();
        showStatus();
      }, TICK_MS);
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

  return { receive, watch, backoffMs, span, feedState, detail };
})();
