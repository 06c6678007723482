/* Write and delete notes on the history page. After a change the page is loaded again, with the
 * note in its charts and tables. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarHistoryNotes = (() => {
  const SURE = "Really delete?";

  /** The body of a new note, from the fields of the form; without a time it is about the day. */
  function bodyOf({ date, at, text }) {
    return JSON.stringify(at ? { date, at, text } : { date, text });
  }

  /** Why the server refused, from its answer. */
  function reasonIn({ error, detail }) {
    if (Array.isArray(detail))
      return detail.map(({ loc, msg }) => `${loc.at(-1)}: ${msg}`).join(", ");
    return error ?? detail ?? "the server gave no reason";
  }

  /** Whether a viewer may delete a note: their own, or one that was written without a sign-in. */
  function mayDelete(note, { name, method, token }) {
    const isOwn = note.who === name && note.method === method;
    return token !== null && (isOwn || note.method === "none");
  }

  /** As whom a viewer writes, or why they cannot. */
  function authorOf({ name, method, token, reason }) {
    if (token === null) return `You cannot write notes: ${reason}.`;
    if (method === "none") return "Written as anonymous: no sign-in is configured.";
    return `Written as ${method === "token" ? "“token”, as everybody who signs in with it" : name}.`;
  }

  /** Send a request; return the content of the answer, or the problem. */
  async function ask(address, options = {}) {
    const answer = await fetch(address, options).catch(() => null);
    if (!answer) return { problem: "the server does not answer" };
    const content = await answer.json().catch(() => ({})); // 204 has none
    return answer.ok ? { content } : { problem: reasonIn(content) };
  }

  function send(method, address, token, body) {
    const headers = { "X-CSRF-Token": token, ...(body && { "Content-Type": "application/json" }) };
    return ask(address, { method, headers, body });
  }

  function loadAgain(hash) {
    history.replaceState(history.state, "", hash);
    location.reload();
  }

  /** Show the form and the buttons of a panel, and enable them. */
  function start(panel) {
    const [details, author, problem] = ["details", "#day-notes-author", "#day-notes-problem"].map(
      (selector) => panel.querySelector(selector),
    );
    const form = details.querySelector("form");
    const save = form.querySelector("button");
    let me = null; // the viewer
    let sending = false;

    function say(text) {
      problem.textContent = text;
      problem.hidden = text === "";
    }

    /** Ask the server who the viewer is, which a sign-in in another tab changes. */
    async function meet() {
      const { content, problem: reason } = await ask("api/me");
      me = content ?? { name: "", method: "", token: null, reason };
      author.textContent = authorOf(me);
      save.disabled = me.token === null;
      for (const button of panel.querySelectorAll("[data-delete]")) {
        button.hidden = !mayDelete(button.parentElement.dataset, me);
      }
    }

    /** Delete the note of a button at its second click. */
    async function remove(button) {
      if (button.textContent !== SURE) {
        button.textContent = SURE;
        button.removeAttribute("aria-label");
        return;
      }
      const answer = await send("DELETE", `api/notes/${button.dataset.delete}`, me.token);
      if (answer.content) {
        loadAgain("#day-notes");
        return;
      }
      await meet();
      details.open = true;
      say(`Not deleted: ${answer.problem}.`);
    }

    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (sending) return;
      sending = true;
      const fields = Object.fromEntries(new FormData(form));
      const answer = await send("POST", "api/notes", me.token, bodyOf(fields));
      if (answer.content) {
        loadAgain(`#note-${answer.content.id}`);
        return;
      }
      await meet();
      say(`Not saved: ${answer.problem}.`);
      sending = false;
    });
    for (const button of panel.querySelectorAll("[data-delete]")) {
      button.addEventListener("click", () => remove(button));
    }
    details.addEventListener("toggle", async () => {
      if (!details.open) return;
      form.elements.text.focus();
      if (!me) await meet();
    });
    say("");
    details.hidden = false;
    if (panel.querySelector("[data-delete]")) meet();
  }

  return { bodyOf, reasonIn, mayDelete, authorOf, start };
})();
