/* The status of the page: pure rules, and their display.
 *
 * The `feed` of each frame has the state of the hop from the source to the server. The page adds
 * the hop from the server to itself, and counts every age up between frames.
 */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarStatus = (() => {
  const TITLE = document.title.split(" · ")[0];
  const WORDS = {
    connecting: "Connecting",
    live: "Live",
    stale: "Stale",
    reconnecting: "Reconnecting",
    offline: "Offline",
    ended: "Ended",
  };
  const LINKS = { connecting: "Connecting", open: "Open", waiting: "Waiting", ended: "Ended" };

  // ---- Rules --------------------------------------------------------------------------------

  /** Format a duration in its two largest units: 9 s, 3 m 10 s, 2 h 5 m. */
  function span(seconds) {
    const s = Math.floor(seconds);
    if (s < 60) return `${s} s`;
    if (s < 3600) return `${Math.floor(s / 60)} m ${s % 60} s`;
    return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} m`;
  }

  /** The state of both hops. `feed` is the server's state of its hop at the time of sending;
   * `overdue` is whether the data has reached its age limit since. */
  function feedState(feed, overdue, linkUp) {
    if (!linkUp) return overdue ? "offline" : feed ? "reconnecting" : "connecting";
    if (feed === "live" && overdue) return "stale";
    if (feed === "reconnecting" && overdue) return "offline";
    return feed;
  }

  /** The label of a state. Replayed data is never labelled live. */
  const word = (state, feed) =>
    state === "live" && feed.replaying ? "Replaying" : WORDS[state];

  /** The wait before the next try, as text. */
  const retry = (retryS) => (retryS > 0 ? `retry in ${Math.ceil(retryS)} s` : "trying now");

  /** The detail of a state: which hop is down, the age of the data, the time of the next try. */
  function detail(state, { linkUp, ageS, retryS, feed, details }) {
    const hop = linkUp ? "source" : "server";
    const refused = feed?.tally.rejected ? `, ${feed.tally.rejected} messages rejected` : "";
    const age = ageS === null ? `no data yet${refused}` : `last data ${span(ageS)} ago`;
    if (state === "live" && feed.history_problem) return "history paused";
    if (state === "live") return feed.replaying ? details["feed-details-replaying"] : "";
    if (state === "stale") return age;
    if (state === "reconnecting") return `to the ${hop}, ${retry(retryS)}`;
    if (state === "offline") return `no ${hop}, ${age}, ${retry(retryS)}`;
    return "";
  }

  /** The wait before try number `tries`: 1, 2, 4 … 30 s, plus up to a second of jitter. */
  const backoffMs = (tries, random = Math.random) =>
    Math.min(30000, 1000 * 2 ** tries) + 1000 * random();

  /** Return a function that computes the delay of each frame, in ms. The clocks of server and page
   * have no common zero, so the fastest frame counts as immediate; their rates may differ by a
   * thousandth. */
  function createLag() {
    let least = Infinity;
    let last = 0;
    return (sentMs, nowMs) => {
      least = Math.min(nowMs - sentMs, least + (nowMs - last) / 1000);
      last = nowMs;
      return nowMs - sentMs - least;
    };
  }

  // ---- Page ---------------------------------------------------------------------------------

  /** Set an element's text if it differs. Dash does not track these texts. */
  function write(id, text) {
    const element = document.getElementById(id);
    if (element && element.textContent !== text) element.textContent = text;
  }

  /** Show the state in the status, next to the numbers' time, in the title and in the icon. */
  function show(state, known) {
    const { feed, source, ageS } = known;
    const status = document.getElementById("feed-status");
    if (!status) return;
    const unreal = !source || source === "live" ? "" : source.toUpperCase();
    status.dataset.state = state;
    if (source) status.dataset.source = source;
    write("feed-word", word(state, feed));
    write("feed-said", word(state, feed)); // for screen readers, on changes
    write("feed-detail", detail(state, known));
    const told = state !== "live" && ageS !== null && !feed?.replaying;
    write("as-of-age", told ? `, ${span(ageS)} ago` : "");
    if (source) write("source-badge", unreal);
    document.title = [word(state, feed), TITLE, unreal].filter(Boolean).join(" · ");
    showIcon(state);
  }

  let icon = null; // the original icon, as SVG text
  let iconState = null;

  /** Add a mark to the icon: a dot for live, a triangle for any other state. */
  async function showIcon(state) {
    if (state === iconState) return;
    iconState = state;
    const link = document.querySelector("link[rel=icon]");
    icon ??= fetch(link.href).then((response) => response.text());
    const colour = { live: "#10b981", offline: "#ef4444" }[state] ?? "#f59e0b";
    const shape = state === "live" ? "M24 16a8 8 0 1 0 .1 0z" : "M23 11l9 20H14z";
    const mark = `<path d="${shape}" fill="${colour}" stroke="#16213e" stroke-width="1.5"/>`;
    const marked = (await icon).replace("</svg>", `${mark}</svg>`);
    if (state === iconState) link.href = `data:image/svg+xml,${encodeURIComponent(marked)}`;
  }

  /** Fill the details panel, if it is open, with the server's texts and the current ages. */
  function showDetails({ feed, details, linkUp, ageS, retryS, page }) {
    if (!document.getElementById("feed-details")?.open) return;
    for (const [id, text] of Object.entries(details ?? {})) write(id, text);
    if (feed) {
      const waiting = feed.link === "waiting" ? `, ${retry(retryS)}` : "";
      write("feed-details-link", `${LINKS[feed.link]}${waiting}`);
      write("feed-details-data-age", ageS === null ? "no data yet" : `${span(ageS)} ago`);
    }
    const why = page.reason ? ` (${page.reason})` : "";
    write("feed-details-page-link", linkUp ? "Open" : `Down, ${retry(page.retryS)}${why}`);
    write("feed-details-page-age", page.signS === null ? "none yet" : `${span(page.signS)} ago`);
    write("feed-details-page-reconnects", String(page.reconnects));
    write("feed-details-page-skipped", String(page.skipped));
  }

  /** Close popovers on Escape and on a click outside, because they cover other content. */
  function closePopovers({ type, key, target }) {
    for (const popover of document.querySelectorAll("details[open]")) {
      if (type === "click" && !popover.contains(target)) popover.open = false;
      if (key !== "Escape") continue;
      popover.open = false;
      popover.querySelector("summary").focus();
    }
  }

  document.addEventListener("click", closePopovers);
  document.addEventListener("keydown", closePopovers);

  return { span, feedState, detail, backoffMs, createLag, show, showDetails };
})();
