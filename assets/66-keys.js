/* Keys of the pages: a list of them, and what each does. Another script may add its own. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarKeys = (() => {
  const { choose, stored } = window.dash_clientside.northstarChoices;
  const root = document.documentElement;
  const FIELDS = "input, textarea, select, [contenteditable]";

  const keys = new Map(); // key → its text and what it does
  let list = null; // the dialog

  /** Whether a pressed key is one of ours: without modifiers, and not in a field. Shift may be needed
   * to type the key. */
  const isOurs = ({ ctrlKey, metaKey, altKey, repeat }, isTyping) =>
    !(ctrlKey || metaKey || altKey || repeat || isTyping);

  const onKey = (key, text, act) => keys.set(key, { text, act });
  const isOff = () => stored("keys") === "off";

  function element(name, ...content) {
    const made = document.createElement(name);
    made.append(...content);
    return made;
  }

  function createButton(text, act) {
    const button = element("button", text);
    button.className = "control";
    button.addEventListener("click", () => act(button));
    return button;
  }

  function createList() {
    list = element("dialog");
    list.id = "keys";
    list.setAttribute("aria-labelledby", "keys-title");
    const title = element("h2", "Keys");
    title.id = "keys-title";
    const head = element(
      "div",
      title,
      createButton("Close", () => list.close()),
    );
    head.className = "head";
    const rows = [...keys].map(([key, { text }]) =>
      element("div", element("dt", element("kbd", key)), element("dd", text)),
    );
    list.append(head, element("dl", ...rows), createButton(switchText(), switchKeys));
    document.body.append(list);
  }

  const switchText = () => (isOff() ? "Turn the keys on" : "Turn the keys off");

  function switchKeys(button) {
    choose("keys", isOff() ? "" : "off");
    button.textContent = switchText();
  }

  function showList() {
    if (!list) createList();
    for (const menu of document.querySelectorAll("details[open]")) menu.open = false;
    list.showModal();
  }

  function toggleFullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else root.requestFullscreen?.();
  }

  /** Show the page as on a wall screen, or with its controls again. */
  function toggleKiosk() {
    const query = new URLSearchParams(location.search);
    if (query.has("kiosk")) query.delete("kiosk");
    else query.set("kiosk", "");
    location.assign(`${location.pathname}?${query}${location.hash}`);
  }

  onKey("?", "This list", showList);
  const other = document.querySelector("a.other-page");
  if (other) onKey("h", "History, or the live page", () => location.assign(other.href));
  onKey("t", "Dark or light theme", () =>
    choose("theme", root.dataset.theme === "dark" ? "light" : "dark"),
  );
  onKey("f", "Full screen", toggleFullScreen);
  if (document.getElementById("feed-details")) onKey("k", "Wall screen", toggleKiosk);
  const field = document.querySelector("#history-ranges input");
  if (field) onKey("/", "First day of the period", () => field.focus());

  document.addEventListener("keydown", (event) => {
    const isTyping = Boolean(event.target.closest?.(FIELDS));
    if (list?.open || isOff() || !isOurs(event, isTyping) || !keys.has(event.key)) return;
    event.preventDefault();
    keys.get(event.key).act();
  });
  document.addEventListener("click", ({ target }) => {
    if (target.closest?.("button")?.dataset.keys !== undefined) showList();
  });

  return { isOurs, onKey };
})();
