/* Before anything is painted: the viewer's theme, and whether this is a wall screen. */
(() => {
  const root = document.documentElement;
  const kept = (name) => {
    try {
      return localStorage.getItem(`northstar.${name}`) ?? "";
    } catch {
      return ""; // a browser that keeps nothing
    }
  };
  const system = matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
  root.dataset.theme = kept("theme") || system;
  root.dataset.palette = kept("palette");
  root.toggleAttribute("data-kiosk", new URLSearchParams(location.search).has("kiosk"));
})();
