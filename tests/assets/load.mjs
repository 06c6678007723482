/** Loads scripts of the page without a browser. */

import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";

const ASSETS = new URL("../../assets/", import.meta.url);

/** Run files of assets/ in this order, with `globals` as what the browser provides; return the
 * namespaces that they define, by name. */
export function load(names, globals = {}) {
  const context = createContext({ ...globals });
  context.window = context;
  for (const name of names) {
    const file = new URL(name, ASSETS);
    runInContext(readFileSync(file, "utf8"), context, { filename: file.pathname });
  }
  return context.dash_clientside;
}
