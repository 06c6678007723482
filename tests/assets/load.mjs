/** Loads scripts of the page without a browser. */

import { readFileSync } from "node:fs";
import { runInThisContext } from "node:vm";

const ASSETS = new URL("../../assets/", import.meta.url);

/** Run files of assets/ in this order, with `globals` in place of the browser's; return the
 * namespaces that they define, by name. */
export function load(names, globals = {}) {
  Object.assign(globalThis, globals, { window: globalThis });
  for (const name of names) {
    const file = new URL(name, ASSETS);
    runInThisContext(readFileSync(file, "utf8"), { filename: file.pathname });
  }
  return globalThis.dash_clientside;
}
