/* Rules of the status: the state of the feed, its texts, and whether data is too old. No function
 * here uses the page.
 *
 * The `feed` of each frame has the state of the hop from the source to the server. The page adds
 * the hop from the server to itself, and counts every age up between frames.
 */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarStatus = (() => {
  const MINUTE_S = 60;
  const HOUR_S = 3600;
  const DAY_S = 86_400;
  const FIGURE_SPACE = "\u2007"; // as wide as a digit
  const WORDS = {
    connecting: "Connecting",
    live: "Live",
    stale: "Stale",
    reconnecting: "Reconnecting",
    offline: "Offline",
    ended: "Ended",
    paused: "Frozen by you",
  };
  const LINKS = { connecting: "Connecting", open: "Open", waiting: "Waiting", ended: "Ended" };

  /** Format a duration in its two largest units: 9 s, 3 m 10 s, 2 h 5 m, 4 d 1 h. */
  function span(seconds) {
    const s = Math.floor(seconds);
    if (s < MINUTE_S) return `${s} s`;
    if (s < HOUR_S) return `${Math.floor(s / MINUTE_S)} m ${s % MINUTE_S} s`;
    if (s < DAY_S) return `${Math.floor(s / HOUR_S)} h ${Math.floor((s % HOUR_S) / MINUTE_S)} m`;
    return `${Math.floor(s / DAY_S)} d ${Math.floor((s % DAY_S) / HOUR_S)} h`;
  }

  /** Whether data reached its age limit: `silenceS` after the last frame, whose `feed` says for how
   * long the source had been silent, or at an age of `ageS`, null if unknown. */
  const isOverdue = (feed, silenceS, ageS) =>
    Math.max(feed.silence_s + silenceS, ageS ?? 0) >= feed.stale_after_s;

  /** The state of both hops. `feed` is the server's state of its hop at the time of sending;
   * `overdue` is whether the data has reached its age limit since. */
  function feedState(feed, overdue, linkUp) {
    if (!linkUp && overdue) return "offline";
    if (!linkUp) return feed ? "reconnecting" : "connecting";
    if (feed === "live" && overdue) return "stale";
    if (feed === "reconnecting" && overdue) return "offline";
    return feed;
  }

  /** The label of a state. Replayed data is never labelled live. */
  const word = (state, feed) => (state === "live" && feed.replaying ? "Replaying" : WORDS[state]);

  /** The label of data that is not real, "" for real data. */
  const unreal = (source) => (!source || source === "live" ? "" : source.toUpperCase());

  /** The source's text, isolated so that it cannot reorder the text next to it. */
  const isolated = (text) => `\u2068${text}\u2069`;

  /** Why nothing usable comes from an open connection, "" otherwise. */
  const unusable = (feed) => (feed?.link === "open" && feed.problem ? isolated(feed.problem) : "");

  /** The wait before the next try, as text. */
  const retry = (retryS) => (retryS > 0 ? `retry in ${Math.ceil(retryS)} s` : "trying now");

  /** The detail of a state: which hop is down, the age of the data, the time of the next try. */
  function detail(state, { linkUp, ageS, retryS, feed, details }) {
    if (state === "live") return liveDetail(feed, details);
    if (state === "paused") return "press p to go on";
    if (state === "connecting" && unusable(feed)) return lastData(null, feed);
    if (state === "stale") return lastData(ageS, feed);
    if (state === "reconnecting") return `to the ${hop(linkUp)}, ${retry(retryS)}`;
    return state === "offline" ? offlineDetail(linkUp, ageS, retryS, feed) : "";
  }

  /** The part of the way from the source to the page that is down. */
  const hop = (linkUp) => (linkUp ? "source" : "server");

  function offlineDetail(linkUp, ageS, retryS, feed) {
    if (linkUp && ageS === null && feed?.problem)
      return `no source: ${isolated(feed.problem)}, ${retry(retryS)}`;
    return `no ${hop(linkUp)}, ${lastData(ageS, feed)}, ${retry(retryS)}`;
  }

  function liveDetail(feed, details) {
    if (unusable(feed)) return unusable(feed);
    if (feed.history_problem) return "history paused";
    if (feed.clock_off_s && !feed.replaying) {
      const way = feed.clock_off_s > 0 ? "ahead of" : "behind";
      return `source clock ${span(Math.abs(feed.clock_off_s))} ${way} ours`;
    }
    return feed.replaying ? details["feed-details-replaying"] : "";
  }

  /** The age of the data, and why nothing usable comes from an open connection; without data and
   * reason, the number of messages that were not accepted. */
  function lastData(ageS, feed) {
    const why = unusable(feed) ? `: ${unusable(feed)}` : "";
    if (ageS !== null) return `last data ${span(ageS)} ago${why}`;
    if (why) return `no data yet${why}`;
    return feed?.tally.rejected
      ? `no data yet, ${feed.tally.rejected} messages rejected`
      : "no data yet";
  }

  /** How old live data is; one digit takes the room of two, so that the next second moves nothing. */
  const freshness = (ageS) => `live, ${span(ageS).padEnd("00 s".length, FIGURE_SPACE)}`;

  /** Since when the numbers are old: "" if they are not, or if there are none. */
  function frozen(state, { ageS, asOf }, text) {
    if (state === "paused") return `FROZEN BY YOU since ${asOf}`;
    return state === "live" || ageS === null ? "" : text;
  }

  /** The state in the title of the tab. */
  const titleWord = (state, known) => frozen(state, known, "") || word(state, known.feed);

  /** The texts of a state, by the id of their element. */
  const texts = (state, known) => ({
    "feed-word": word(state, known.feed),
    "feed-said": word(state, known.feed), // for screen readers, on changes
    "feed-detail": detail(state, known),
    "sentence-feed": state === "live" && !known.feed.replaying ? freshness(known.ageS) : "",
    "sentence-frozen": frozen(state, known, `frozen ${span(known.ageS)}`),
    "sentence-history": known.feed?.history_problem ? "history paused" : "",
    "kpi-net-frozen": frozen(state, known, `frozen since ${known.asOf}`),
    "as-of-age":
      state === "live" || known.ageS === null || known.feed?.replaying
        ? ""
        : `, ${span(known.ageS)} ago`,
    "sentence-day": known.details?.["sentence-day"] ?? "today",
    ...(known.source && { "source-badge": unreal(known.source) }),
  });

  /** The texts of the details panel, by the id of their element: the server's, and the ages. */
  function detailTexts({ feed, details, linkUp, ageS, retryS, page }) {
    const why = page.reason ? ` (${page.reason})` : "";
    const wait = feed?.link === "waiting" ? `, ${retry(retryS)}` : "";
    return {
      ...details,
      ...(feed && {
        "feed-details-link": `${LINKS[feed.link]}${wait}`,
        "feed-details-data-age": ageS === null ? "no data yet" : `${span(ageS)} ago`,
      }),
      "feed-details-page-link": linkUp ? "Open" : `Down, ${retry(page.retryS)}${why}`,
      "feed-details-page-age": page.signS === null ? "none yet" : `${span(page.signS)} ago`,
      "feed-details-page-reconnects": String(page.reconnects),
      "feed-details-page-skipped": String(page.skipped),
    };
  }

  return { span, isOverdue, feedState, word, titleWord, unreal, detail, texts, detailTexts };
})();
