/** Apply the patches on standard input with assets/26-patch.js, and print the results. */

import { readFileSync } from "node:fs";

import { load } from "./load.mjs";

const { patched } = load(["26-patch.js"]).northstarPatch;
const cases = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(cases.map(({ before, patch }) => patched(before, patch))));
