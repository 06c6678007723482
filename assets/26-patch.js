/* Read frames: a key frame, or what differs from a key frame that the page has. No function here
 * uses the page.
 */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarPatch = (() => {
  const REPLACE = "=";
  const PLACE = /^\d+$/u;

  /** The changes of an object's patch, which has properties by their place among the sorted names. */
  function named(before, patch) {
    const names = Object.keys(before ?? {}).sort((a, b) => (a < b ? -1 : 1));
    return Object.entries(patch).map(([name, change]) => [
      PLACE.test(name) ? names[name] : name,
      change,
    ]);
  }

  /** Return a value with a patch applied (northstar/view/live/patches.py). Neither is changed; what
   * does not differ is shared. */
  function patched(before, patch) {
    if (patch === null || typeof patch !== "object" || Array.isArray(patch)) return patch;
    if (REPLACE in patch) return patch[REPLACE];
    if (Array.isArray(before)) return patchedList(before, patch);
    const changes = named(before, patch);
    if (changes.length === 0) return before;
    const now = { ...before };
    for (const [name, change] of changes) {
      if (change === null) delete now[name];
      else now[name] = patched(before[name], change);
    }
    return now;
  }

  function patchedList(before, patch) {
    const now = [...before];
    for (const [i, change] of Object.entries(patch)) now[i] = patched(before[i], change);
    return now;
  }

  /** Return a reader of frames, which returns a frame with its whole content, or null if the page
   * does not have the key frame that it differs from. The properties of a component that did not
   * change since the last frame are the same object. */
  function createReader() {
    let key = null; // the key frame: its id and content
    let last = { base: "", props: {}, patches: {} }; // the last frame, and its patches as JSON

    /** The id of the key frame, "" for none. */
    const keyId = () => key?.id ?? "";

    /** The content of a frame, with the objects of the last one where it differs in the same way. */
    function merge(changes) {
      const content = patched(key.content, changes);
      const patches = {};
      for (const [id, patch] of named(key.content.props, changes.props ?? {})) {
        patches[id] = JSON.stringify(patch);
        const isSame = last.base === key.id && last.patches[id] === patches[id];
        if (isSame && id in content.props) content.props[id] = last.props[id];
      }
      last = { base: key.id, props: content.props, patches };
      return content;
    }

    function read({ base, key: next, content, changes, ...head }) {
      if (content) key = { id: base, content };
      if (base !== keyId()) return null;
      const merged = merge(changes);
      if (next) key = { id: next, content: merged };
      return { ...head, ...merged };
    }

    return { read, keyId };
  }

  return { patched, createReader };
})();
