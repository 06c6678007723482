/* The exception queue: a pill in the header and a part of the sentence say how many alerts need
 * attention, and open a panel whose content is fetched, and in which they are acknowledged. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarAlerts = (() => {
  const { bodyOf, reasonIn, announced } = window.dash_clientside.northstarAlertRules;
  const { base } = document.documentElement.dataset;
  const GAP_MS = 5000; // between two requests while nothing changes
  const LIMIT_MS = 5000;
  const isKiosk = "kiosk" in document.documentElement.dataset;
  const SILENT = "The server does not answer; trying again.";

  // The open panel: the button that opened it, the version of its content, and the viewer's token.
  const queue = {
    isOpen: false,
    opener: null,
    version: null,
    token: "",
    asking: false,
    timer: null,
  };
  let needs = null; // of the newest frame

  function writeNeed(element, text, level) {
    if (element.textContent !== text) element.textContent = text;
    element.dataset.level = level;
  }

  /** Show the texts about alerts in a frame; null without rules. */
  function showNeeds(now) {
    const pill = document.getElementById("alerts-pill");
    if (!pill) return;
    pill.hidden = !now;
    if (now) {
      pill.dataset.brief = now.brief;
      writeNeed(pill, (isKiosk && now.worst) || now.pill, now.level);
      writeNeed(document.getElementById("sentence-alerts"), now.sentence, now.level);
      const text = needs && announced(needs, now);
      if (text !== null) document.getElementById("alerts-queue-said").textContent = text;
    }
    needs = now;
    if (queue.isOpen && now?.version !== queue.version) load();
  }

  function toggle(opener) {
    const panel = document.getElementById("alerts-queue");
    const isOpen = panel.hidden && Boolean(opener);
    if (!isOpen) queue.opener?.focus();
    Object.assign(queue, { isOpen, opener: isOpen ? opener : null, version: null });
    panel.hidden = !isOpen;
    for (const each of document.querySelectorAll("[data-alerts][aria-expanded]")) {
      each.setAttribute("aria-expanded", String(isOpen));
    }
    clearTimeout(queue.timer);
    if (!isOpen) return;
    panel.querySelector(".body").textContent = "…";
    load();
    document.getElementById("alerts-title").focus();
  }

  /** Fetch the content of the open panel, now and as long as it is open. */
  async function load() {
    clearTimeout(queue.timer);
    if (!queue.isOpen || queue.asking) return;
    queue.asking = true;
    const version = needs?.version;
    const signal = AbortSignal.timeout(LIMIT_MS);
    const answer = await fetch(`${base}alerts/queue`, { cache: "no-store", signal })
      .then(async (response) => response.ok && { html: await response.text(), response })
      .catch(() => null);
    queue.asking = false;
    if (!queue.isOpen) return;
    if (answer) {
      Object.assign(queue, { version, token: answer.response.headers.get("X-CSRF-Token") });
      showAnswer(answer.html);
    } else if (!document.querySelector("#alerts-queue .body").firstElementChild) {
      document.querySelector("#alerts-queue .body").textContent = SILENT;
    }
    clearTimeout(queue.timer);
    queue.timer = setTimeout(load, answer && version !== needs?.version ? 0 : GAP_MS);
  }

  /** The parts of the content that a viewer can change or reach, by names that stay. */
  function partsOf(body) {
    const parts = new Map();
    for (const details of body.querySelectorAll("[data-keep]")) {
      const { keep } = details.dataset;
      parts.set(keep, details);
      for (const [i, each] of details.querySelectorAll("summary, input, button").entries())
        parts.set(`${keep} ${i}`, each);
    }
    for (const heading of body.querySelectorAll("[data-alert] h3"))
      parts.set(`${heading.parentElement.dataset.alert} heading`, heading);
    return parts;
  }

  /** Replace the content; what is open, typed or focused stays, and so does a problem. */
  function showAnswer(html) {
    const body = document.querySelector("#alerts-queue .body");
    const before = partsOf(body);
    const [focused] = [...before].find(([, each]) => each === document.activeElement) ?? [];
    const { selectionStart } = document.activeElement;
    const { scrollTop } = body;
    body.innerHTML = html; // from our server, which escapes names and notes
    const now = partsOf(body);
    for (const [name, old] of before) {
      if (now.has(name)) resume(old, now.get(name));
    }
    if (focused) focusOn(focused, now, selectionStart);
    body.scrollTop = scrollTop;
  }

  /** Restore in a new part the viewer's changes of the old one, and its problem. */
  function resume(old, part) {
    if (old.open) part.open = true;
    if (old.value && old.tagName === "INPUT") part.value = old.value;
    const problem = old.querySelector(".problem")?.textContent;
    if (problem && part.querySelector(".problem")) sayProblem(part, problem);
  }

  /** Focus on the part of that name; if it is gone, on its alert, or on the panel. */
  function focusOn(name, parts, selected) {
    const [number] = name.split(" ");
    const target = parts.get(name) ?? parts.get(`${number} heading`);
    (target ?? document.getElementById("alerts-title")).focus();
    if (target?.tagName === "INPUT") target.setSelectionRange(selected, selected);
  }

  function sayProblem(details, text) {
    const problem = details.querySelector(".problem");
    problem.textContent = text;
    problem.hidden = text === "";
  }

  /** Send the request of a button in a form, and show the alert as it is then. */
  async function send(form, button) {
    const { alert } = form.closest("[data-alert]").dataset;
    const { action, fields } = button.dataset;
    const answer = await fetch(`${base}api/alerts/${alert}/${action}`, {
      method: "POST",
      headers: { "X-CSRF-Token": queue.token, "Content-Type": "application/json" },
      body: bodyOf(fields, form.elements.note.value),
      signal: AbortSignal.timeout(LIMIT_MS),
    }).catch(() => null);
    const problem = answer?.ok
      ? ""
      : reasonIn(
          (await answer?.json().catch(() => null)) ?? { error: "the server does not answer" },
        );
    const details = document.querySelector(`details[data-keep="${alert}"]`);
    if (details) {
      sayProblem(details, problem && `Not done: ${problem}.`);
      if (!problem) closeForm(details);
    }
    await load();
  }

  /** Close a form whose request succeeded; the focus is on its alert. */
  function closeForm(details) {
    details.querySelector("input").value = "";
    details.open = false;
    details.parentElement.querySelector("h3").focus();
  }

  document.addEventListener("click", ({ target }) => {
    const opener = target.closest?.("[data-alerts]");
    if (opener) toggle(opener.id ? opener : null);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("#alerts-queue form");
    if (!form) return;
    event.preventDefault();
    if (form.dataset.sending) return;
    form.dataset.sending = "true";
    send(form, event.submitter).finally(() => delete form.dataset.sending);
  });
  document.addEventListener("keydown", ({ key }) => {
    // An open form is closed first, by 72-feed-status.js.
    const covered = document.querySelector("details[open]");
    if (key === "Escape" && queue.isOpen && !covered) toggle(null);
  });

  return { showNeeds };
})();
