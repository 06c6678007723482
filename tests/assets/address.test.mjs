/** The rules of assets/33-address.js: a viewer's settings in the page's address. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

/** Load the script on a page of that address; return it and the resulting address. */
function at(address) {
  const location = new URL(address, "http://127.0.0.1/");
  const history = {
    state: null,
    replaceState: (_, __, to) => {
      location.href = new URL(to, location.href).href;
    },
  };
  return { ...load(["33-address.js"], { location, history }).northstarAddress, location };
}

test("settings are read from the fragment", () => {
  const { valuesOf } = at(
    "/?kiosk#hide=chart-trend+net&hide=chart-trend+revenue&table=chart-costs",
  );

  assert.deepEqual(valuesOf("hide"), ["chart-trend net", "chart-trend revenue"]);
  assert.deepEqual(valuesOf("zoom"), []);
});

test("a setting replaces its values only; other settings, path and query stay", () => {
  const { setValues, location } = at("/desk/?kiosk#table=chart-costs&hide=a");

  setValues("hide", new Set(["chart-trend net"]));
  assert.equal(
    location.href,
    "http://127.0.0.1/desk/?kiosk#table=chart-costs&hide=chart-trend+net",
  );
  setValues("hide", []);
  setValues("table", []);
  assert.equal(location.href, "http://127.0.0.1/desk/?kiosk");
});

test("a zoom is a number of days or a range", () => {
  const { zoomText, readZoom } = at("/");

  for (const zoom of [7, ["2026-01-01", "2026-02-01 12:00:00.5"]]) {
    assert.deepEqual(readZoom(zoomText(zoom)), zoom);
  }
});

test("an invalid zoom is ignored", () => {
  const { readZoom } = at("/");

  for (const text of ["", "x", "-7", "1e9", "2026-01-01", "<b>/2026-01-01", "a/b/c"]) {
    assert.equal(readZoom(text), null);
  }
});

test("a sorting is a column and a direction", () => {
  const { sortText, readSort } = at("/");
  const sorted = { column: "net", direction: "ascending" };
  assert.deepEqual(readSort(sortText(sorted)), sorted);
  for (const text of ["", "net", "net up", "net ascending ", "<b> ascending"]) {
    assert.equal(readSort(text), null);
  }
});
