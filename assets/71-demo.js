/* The caption of the demo: what is shown now, and the choice of a scene for all viewers. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarDemo = (() => {
  const { span } = window.dash_clientside.northstarStatus;
  const { base } = document.documentElement.dataset;
  const GAP_MS = 1000;
  const LIMIT_MS = 5000;
  const part = (name) => document.getElementById(`demo-caption-${name}`);
  let timer = null; // of the next question

  function write(name, text) {
    if (part(name).textContent !== text) part(name).textContent = text;
  }

  function show(caption, { scene, text, left_s: leftS }) {
    write("text", text);
    write("left", leftS === null ? "" : `Next in ${span(Math.ceil(leftS))}`);
    for (const button of caption.querySelectorAll("[data-scene]")) {
      button.setAttribute("aria-pressed", String(button.dataset.scene === scene));
    }
  }

  /** The server's answer to a request, or the reason why there is none as `error`. */
  async function ask(options) {
    const signal = AbortSignal.timeout(LIMIT_MS);
    try {
      const response = await fetch(`${base}demo`, { cache: "no-store", signal, ...options });
      return await response.json();
    } catch {
      return { error: "The server does not answer." };
    }
  }

  /** Keep an open caption up to date. */
  async function follow(caption) {
    clearTimeout(timer);
    if (!caption.open) return;
    if (!document.hidden) {
      const answer = await ask();
      if (answer.error) write("left", answer.error);
      else show(caption, answer);
    }
    clearTimeout(timer); // of a second question meanwhile
    timer = setTimeout(follow, GAP_MS, caption);
  }

  async function choose(caption, scene) {
    const answer = await ask({ method: "POST", body: new URLSearchParams({ scene }) });
    write("problem", answer.error ?? "");
    if (!answer.error) show(caption, answer);
  }

  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (target.id === "demo-caption") follow(target);
    },
    true, // it does not bubble
  );
  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("button[data-scene]");
    if (button) choose(document.getElementById("demo-caption"), button.dataset.scene);
  });

  const atStart = document.getElementById("demo-caption");
  if (atStart) follow(atStart); // opened before this script has run

  return {};
})();
