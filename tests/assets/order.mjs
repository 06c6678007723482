/** Runs the scripts named on the command line in that order, as a page does.
 *
 * Fails if one of them uses, while loading, a name that no earlier one has defined. The browser is
 * replaced by an object with every property.
 */

import { load } from "./load.mjs";

const FEED = { state: "live", age_s: 0, silence_s: 0, stale_after_s: 1, tally: {} };
const CONTENT = { feed: FEED, details: {}, props: {} };
const FIRST_FRAME = { epoch: "", seq: 1, base: ".0", content: CONTENT, changes: {}, ...CONTENT };

/** A function, an object and an empty list, for any use by a script. */
const anything = new Proxy(class {}, {
  get: (_, name) => {
    if (name === Symbol.iterator) return () => [].values();
    return name === Symbol.toPrimitive ? () => "" : anything;
  },
  apply: () => anything,
  construct: () => anything,
  set: () => true,
  deleteProperty: () => true,
});

/** An object that throws when an unset property is read. */
function strict(path, properties = {}) {
  return new Proxy(properties, {
    get(target, name) {
      if (name in target) return target[name];
      throw new ReferenceError(`${path}.${String(name)} is not defined yet`);
    },
    set(target, name, value) {
      target[name] = strict(`${path}.${name}`, value);
      return true;
    },
  });
}

const document = new Proxy(anything, {
  get: (_, name) => {
    if (name === "hidden") return false;
    if (name !== "getElementById") return anything;
    return (id) => (id === "first-frame" ? { textContent: JSON.stringify(FIRST_FRAME) } : anything);
  },
});

const BROWSER = [
  ["addEventListener", "BroadcastChannel", "clearInterval", "clearTimeout", "fetch"],
  ["getComputedStyle", "localStorage", "location", "matchMedia", "requestAnimationFrame"],
  ["setInterval", "setTimeout"],
].flat();

load(process.argv.slice(2), {
  ...Object.fromEntries(BROWSER.map((name) => [name, anything])),
  dash_clientside: strict("dash_clientside"),
  document,
});
