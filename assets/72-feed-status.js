/* Show the status on the page, in the title and in the icon, and the details behind it. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarFeedStatus = (() => {
  const { writeText } = window.dash_clientside.northstarSelection;
  const { titleWord, unreal, texts, detailTexts } = window.dash_clientside.northstarStatus;
  const TITLE = document.title.replace(/ · [A-Z]+$/u, ""); // without a source that is not real

  /** Set the texts of elements by id, where they differ. Dash does not track these texts. */
  function write(textById) {
    for (const [id, text] of Object.entries(textById)) {
      const element = document.getElementById(id);
      if (element && element.textContent !== text) writeText(element, text);
    }
  }

  /** Show the state in the status, next to the numbers' time, in the title and in the icon. */
  function show(state, known) {
    const status = document.getElementById("feed-status");
    if (!status) return;
    for (const { dataset } of [status, document.querySelector(".page")]) {
      if (dataset.state !== state) dataset.state = state;
    }
    if (known.source) status.dataset.source = known.source;
    write(texts(state, known));
    const title = [known.net, titleWord(state, known), TITLE, unreal(known.source)];
    document.title = title.filter(Boolean).join(" · ");
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

  /** Fill the details panel, if it is open. */
  function showDetails(known) {
    if (document.getElementById("feed-details")?.open) write(detailTexts(known));
  }

  /** Close popovers on Escape and on a click outside, because they cover other content. */
  function closePopovers({ type, key, target }) {
    for (const popover of document.querySelectorAll("details[open]")) {
      if (type === "click" && !popover.contains(target)) popover.open = false;
      if (key === "Escape") {
        popover.open = false;
        popover.querySelector("summary").focus();
      }
    }
  }

  document.addEventListener("click", closePopovers);
  document.addEventListener("keydown", closePopovers);

  return { show, showDetails };
})();
