/** The rules of assets/26-patch.js: frames that differ from a key frame. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const { createReader, patched } = load(["26-patch.js"]).northstarPatch;

test("a patch changes only the values that it contains", () => {
  const before = { a: { text: "1", class: "x" }, b: [1, 2, 3], c: null };

  assert.deepEqual(patched(before, { 0: { 1: "2" }, 1: { 1: 9, 3: 4 } }), {
    a: { text: "2", class: "x" },
    b: [1, 9, 3, 4],
    c: null,
  });
  assert.deepEqual(before, { a: { text: "1", class: "x" }, b: [1, 2, 3], c: null });
});

test("an unchanged part stays the same object", () => {
  const before = { a: { text: "1" }, b: { text: "1" } };
  const now = patched(before, { a: { text: "2" } });

  assert.equal(now.b, before.b);
  assert.equal(patched(before, {}), before);
});

test("a property is addressed by its index among the sorted names, a new one by name", () => {
  assert.deepEqual(patched({ b: 2, a: 1 }, { 0: 3, aa: 4 }), { b: 2, a: 3, aa: 4 });
});

test("a property is removed by null, an element becomes null", () => {
  assert.deepEqual(patched({ a: 1, b: [1, 2] }, { 0: null, 1: { 0: null } }), { b: [null, 2] });
});

test("a value is replaced by an object, by null and by a shorter list", () => {
  assert.deepEqual(patched([1, 2], { "=": [1] }), [1]);
  assert.deepEqual(patched(null, { "=": { a: null } }), { a: null });
  assert.equal(patched({ a: 1 }, { "=": null }), null);
});

const keyFrame = { epoch: "e", seq: 1, base: "e.0", content: { a: 1, b: 1 }, changes: { a: 2 } };

test("a key frame is combined with the differences from it", () => {
  assert.deepEqual(createReader().read(keyFrame), { epoch: "e", seq: 1, a: 2, b: 1 });
});

test("a frame is relative to the key frame, whatever was read in between", () => {
  const { read } = createReader();
  read(keyFrame);
  read({ epoch: "e", seq: 2, base: "e.0", changes: { b: 5 } });

  assert.deepEqual(read({ epoch: "e", seq: 9, base: "e.0", changes: {} }), {
    ...{ epoch: "e", seq: 9, a: 1, b: 1 },
  });
});

test("a frame becomes the next key frame", () => {
  const { read, keyId } = createReader();
  read(keyFrame);
  read({ epoch: "e", seq: 2, base: "e.0", changes: { b: 5 }, key: "e.2" });

  assert.equal(keyId(), "e.2");
  assert.deepEqual(read({ seq: 3, base: "e.2", changes: { a: 7 } }), { seq: 3, a: 7, b: 5 });
});

test("a frame that differs from another key frame is not read", () => {
  const { read, keyId } = createReader();

  assert.equal(read({ base: "e.0", changes: {} }), null);
  read(keyFrame);
  assert.equal(read({ base: "e.7", changes: {} }), null);
  assert.equal(keyId(), "e.0");
});

test("an unchanged difference from the key frame gives the same object", () => {
  const { read } = createReader();
  const content = { props: { a: { text: "1" }, b: { text: "1" }, c: { text: "1" } } };
  read({ base: "e.0", content, changes: {} });
  const changes = (text) => ({ props: { 0: { text: "2" }, b: { 0: text } } });
  const first = read({ base: "e.0", changes: changes("2") });
  const second = read({ base: "e.0", changes: changes("3"), key: "e.2" });

  assert.equal(second.props.a, first.props.a);
  assert.equal(second.props.c, first.props.c);
  assert.deepEqual(second.props.b, { text: "3" });

  const third = read({ base: "e.2", changes: { props: { 2: { text: "2" } } } });
  assert.equal(third.props.a, first.props.a);
  assert.deepEqual(third.props.c, { text: "2" });
});

test("a component removed in two frames is missing in both", () => {
  const { read } = createReader();
  read({ base: "e.0", content: { props: { a: { text: "1" }, b: { text: "1" } } }, changes: {} });
  const gone = { base: "e.0", changes: { props: { 1: null } } };

  assert.deepEqual(read(gone), { props: { a: { text: "1" } } });
  assert.deepEqual(read(gone), { props: { a: { text: "1" } } });
});
