/* Load the page's scripts after the first paint of the numbers, which they would delay. */
(() => {
  const copy = ({ src, textContent }) =>
    Object.assign(document.createElement("script"), src ? { src, async: false } : { textContent });
  const load = () => {
    const scripts = [...document.getElementById("scripts").content.children].map(copy);
    const start = scripts.pop(); // Dash's start script (`renderer`), which needs the others
    scripts.findLast(({ src }) => src).addEventListener("load", () => document.body.append(start));
    document.body.append(...scripts); // they run in this order
  };
  // A hidden page is not painted.
  if (document.hidden) load();
  else requestAnimationFrame(() => setTimeout(load));
})();
