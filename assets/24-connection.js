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

  /** The wait before try number `tries`: 1, 2, 4 … 30 s, plus up to a second of jitter. */
  const backoffMs = (tries, random = Math.random) =>
    Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries) + JITTER_MS * random();

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

  /** The number of frames between two that followed each other on this page. */
  const framesBetween = (before, frame) =>
    before.epoch === frame.epoch ? Math.max(0, frame.seq - before.seq - 1) : 0;

  return { backoffMs, isLate, isDead, afterProbe, isOlder, framesBetween };
})();
