/* The page's scripts run once its numbers are on the screen: they would hold up the first frame. */
(() => {
  const copy = ({ src, textContent }) =>
    Object.assign(document.createElement("script"), src ? { src, async: false } : { textContent });
  const load = () => {
    const scripts = [...document.getElementById("scripts").content.children].map(copy);
    const start = scripts.pop(); // Dash's own, which needs the others
    scripts.findLast(({ src }) => src).addEventListener("load", () => document.body.append(start));
    document.body.append(...scripts); // they run in this order
  };
  if (document.hidden) load(); // there is no frame to wait for
  else requestAnimationFrame(() => setTimeout(load));
})();
