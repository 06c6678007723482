/* The page's last resort, should its scripts not come. */
(() => {
  /* A script did not come, as where the server went away just then: start again when it answers. */
  const RETRY_MS = 5000;
  let broken = null;
  const startAgain = () =>
    fetch(`${document.documentElement.dataset.base}healthz`, { cache: "no-store" }).then(
      (response) => response.ok && location.reload(),
      () => {}, // not yet
    );
  const onLost = ({ target }) => {
    if (target.tagName === "SCRIPT") broken ??= setInterval(startAgain, RETRY_MS);
  };
  addEventListener("error", onLost, true);

  /* Until they come, the numbers grow old all the same. See stream.js. */
  window.northstarGuard = setInterval(() => {
    const status = document.getElementById("feed-status");
    if (!status || performance.now() < 1000 * status.dataset.youngForS) return;
    status.dataset.state = "stale";
    document.getElementById("feed-word").textContent = "Not connected";
  }, 500);
})();
