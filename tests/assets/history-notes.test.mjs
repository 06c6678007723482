/** The rules of assets/76-history-notes.js: requests, reasons and who may delete. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const { bodyOf, reasonIn, mayDelete, authorOf } = load([
  "76-history-notes.js",
]).northstarHistoryNotes;

const ALICE = { name: "alice", method: "user", token: "t", reason: null };

test("a note without a time is about the whole day", () => {
  const note = { date: "2026-02-25", text: "Fees <b>rose</b>" };
  assert.deepEqual(JSON.parse(bodyOf({ ...note, at: "" })), note);
  assert.deepEqual(JSON.parse(bodyOf({ ...note, at: "14:05" })), { ...note, at: "14:05" });
});

test("the reason is the server's, with the field if there is one", () => {
  const detail = [
    { loc: ["body", "text"], msg: "missing" },
    { loc: ["body", "at"], msg: "expected a time" },
  ];
  assert.equal(reasonIn({ error: "too many requests" }), "too many requests");
  assert.equal(reasonIn({ detail }), "text: missing, at: expected a time");
  assert.equal(reasonIn({ detail: "Method Not Allowed" }), "Method Not Allowed");
  assert.equal(reasonIn({}), "the server gave no reason");
});

test("a viewer's own notes and unsigned ones can be deleted", () => {
  assert.ok(mayDelete({ who: "alice", method: "user" }, ALICE));
  assert.ok(mayDelete({ who: "anonymous", method: "none" }, ALICE));
  assert.ok(!mayDelete({ who: "bob", method: "user" }, ALICE));
  assert.ok(!mayDelete({ who: "alice", method: "proxy" }, ALICE));
  assert.ok(!mayDelete({ who: "alice", method: "user" }, { ...ALICE, token: null }));
});

test("the form names the author of a new note, or the reason why there is none", () => {
  assert.equal(authorOf(ALICE), "Written as alice.");
  assert.match(
    authorOf({ ...ALICE, name: "anonymous", method: "none" }),
    /no sign-in is configured/u,
  );
  assert.match(authorOf({ ...ALICE, name: "token", method: "token" }), /“token”, as everybody/u);
  const reason = "a token changes nothing";
  assert.equal(authorOf({ ...ALICE, token: null, reason }), `You cannot write notes: ${reason}.`);
});
