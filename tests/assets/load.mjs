/** Loads a script of the page without a browser. */

import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";

/** Run assets/`name` in a document that holds nothing; return the functions it offers. */
export function load(name) {
  const file = new URL(`../../assets/${name}`, import.meta.url);
  const document = { title: "NorthStar", addEventListener() {} };
  const context = createContext({ document });
  context.window = context;
  runInContext(readFileSync(file, "utf8"), context, { filename: file.pathname });
  return context.dash_clientside;
}
