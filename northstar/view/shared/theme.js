/* Set the viewer's theme and the wall-screen mode before the first paint. */
(() => {
  const root = document.documentElement;
  const stored = (name) => {
    try {
      return localStorage.getItem(`northstar.${name}`) ?? "";
    } catch {
      return ""; // storage is unavailable
    }
  };
  const system = matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
  const isForced = matchMedia("(forced-colors: active)").matches; // its ground is the system's
  root.dataset.theme = (!isForced && stored("theme")) || system;
  root.dataset.palette = stored("palette");
  root.toggleAttribute("data-kiosk", new URLSearchParams(location.search).has("kiosk"));
})();
