/* Rules of the page's connection to the server: when to retry and to give up, which frame is newer.
 * No function here uses the page.
 */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarConnection = (() => {
  const HEARTBEAT_MS = 5000; // as in northstar/live/broadcast.py
  const SILENCE_LIMIT_MS = 3 * HEARTBEAT_MS;
  const MARGIN_MS = 500; // for a heartbeat on its way
  const PROBES_ANSWERED = 2; // by a server that was never away, before a retry ahead of time
  const FIRST_WAIT_MS = 1000;
  const LONGEST_WAIT_MS = 30_000;
  const JITTER_MS = 1000;
  const KNOCK_MS = 2000;
  const MOVED = "served by another instance"; // as in northstar/web/sockets/draining.py
  const PAGE_COST = 4; // of a page load, in new sockets
  const COME_BACK = /try again in (?<seconds>\d+) s/u; // as in northstar/live/hub.py
  const RELOAD_GAP_MS = 60_000;

  /** A time within the `spread` in ms over which all viewers come back, so that the server is not
   * overrun by them; at once if they are few. */
  const turnMs = (spread, random = Math.random) => spread * random();

  /** The wait before try number `tries`: 1, 2, 4 … 30 s, plus up to a second of jitter. The first
   * one is spread. */
  const backoffMs = (tries, spread, random = Math.random) =>
    Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries) +
    JITTER_MS * random() +
    (tries === 0 ? turnMs(spread, random) : 0);

  /** The time after which the server asks the viewer to return, in ms; null if it does not. */
  function comeBackMs(reason, random = Math.random) {
    const found = COME_BACK.exec(reason ?? "");
    return found && 1000 * Number(found.groups.seconds) + JITTER_MS * random();
  }

  /** Whether another instance serves the viewer from now on. If the viewer was moved before it got
   * a frame, the next try waits. */
  const isMoved = (reason, tries) => reason === MOVED && tries === 0;

  /** The time from one probe to the next: 2 s and jitter, and with many viewers twice as long each
   * time, up to their spread. */
  const knockMs = (knocks, spread, random = Math.random) =>
    Math.min(KNOCK_MS * 2 ** knocks, KNOCK_MS + spread) * (1 + random() / 4);

  /** The time within which a page loads itself again. */
  const reloadMs = (spread, random = Math.random) => turnMs(PAGE_COST * spread, random);

  /** Whether a heartbeat is missing, so that the socket may be dead. */
  const isLate = (silentMs) => silentMs > HEARTBEAT_MS + MARGIN_MS;

  /** Whether three heartbeats are missing: a half-open socket still looks open. */
  const isDead = (silentMs) => silentMs >= SILENCE_LIMIT_MS;

  /** The state of probing after one more probe. `back` is whether to retry at once: a server that
   * did not answer and now does was away; one that always answered gets a few probes. */
  function afterProbe({ gone, answers }, answered) {
    if (!answered) return { gone: true, answers, back: false };
    const count = gone ? answers : answers + 1;
    return { gone: false, answers: count, back: gone || count > PROBES_ANSWERED };
  }

  /** Whether `frame` is older than `other`; frames of different epochs are not comparable. */
  const isOlder = (frame, other) => frame.epoch === other.epoch && frame.seq < other.seq;

  /** Whether a frame's truth, `[epoch, number]`, is lower than another. It is the same on all
   * instances of a cluster; a single process has none. */
  const isBehind = (truth, other) =>
    Boolean(truth && other) && (truth[0] - other[0] || truth[1] - other[1]) < 0;

  /** Whether a page that is open for `openMs` reloads for frames of another protocol. One that was
   * itself reloaded waits: a cache or a balancer may serve the old page again. */
  const mayReload = (isReloaded, openMs) => !isReloaded || openMs > RELOAD_GAP_MS;

  /** The number of frames between two that followed each other on this page. */
  const framesBetween = (before, frame) =>
    before.epoch === frame.epoch ? Math.max(0, frame.seq - before.seq - 1) : 0;

  return {
    turnMs,
    backoffMs,
    comeBackMs,
    isMoved,
    knockMs,
    reloadMs,
    isLate,
    isDead,
    afterProbe,
    isOlder,
    isBehind,
    mayReload,
    framesBetween,
  };
})();
