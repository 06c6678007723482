/* Fallback for scripts that fail to load. */
(() => {
  /* If a script fails to load, as when the server has stopped, reload once the server answers. */
  const RETRY_MS = 5000;
  let retrying = false;
  const startAgain = () =>
    fetch(`${document.documentElement.dataset.base}healthz`, { cache: "no-store" }).then(
      (response) => response.ok && location.reload(),
      () => null, // no answer yet
    );
  const onLost = ({ target }) => {
    if (retrying || target.tagName !== "SCRIPT") return;
    retrying = true;
    setInterval(startAgain, RETRY_MS * (1 + Math.random()));
  };
  addEventListener("error", onLost, true);

  /* Mark the numbers as stale if they reach their age limit before 75-stream.js has loaded. */
  window.northstarGuard = setInterval(() => {
    const status = document.getElementById("feed-status");
    if (!status || performance.now() < 1000 * status.dataset.youngForS) return;
    status.dataset.state = "stale";
    document.querySelector(".page").dataset.state = "stale";
    document.getElementById("feed-word").textContent = "Not connected";
  }, 500);
})();
