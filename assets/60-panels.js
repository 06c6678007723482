/* Charts as tables and pictures, and explanations of key figures. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarPanels = (() => {
  const { ink, dress } = window.dash_clientside.northstarChoices;
  const { fit } = window.dash_clientside.northstarFit;
  const { newest } = window.dash_clientside.northstarPaint;
  const { base } = document.documentElement.dataset;
  const EXPLAIN_GAP_MS = 1000;
  const EXPLAIN_LIMIT_MS = 5000;
  const PICTURE = { width: 1200, height: 675, scale: 2, format: "png" };
  const HEAD_PX = 64;
  const LEGEND_LETTERS = 40; // of a name

  const heading = (chart) =>
    document.getElementById(`${chart}-place`).closest(".panel").querySelector("h2").textContent;

  // ---- Tables -------------------------------------------------------------------------------

  const tables = new Set(); // ids of charts that are shown as a table

  function toggleTable(chart, button) {
    const open = !tables.delete(chart);
    if (open) tables.add(chart);
    button.setAttribute("aria-pressed", String(open));
    document.getElementById(`${chart}-table`).hidden = !open;
    button.closest(".panel").toggleAttribute("data-table-open", open);
    showTable(chart);
  }

  /** Update an open table; unchanged cells are not written. */
  function showTable(chart) {
    const content = newest()?.props[`${chart}-table`];
    if (!tables.has(chart) || !content) return;
    const place = document.getElementById(`${chart}-table`);
    const { columns, rows } = content;
    const cells = () => place.querySelectorAll("td, tbody th");
    if (!place.firstChild || cells().length !== rows.length * columns.length) {
      place.replaceChildren(createTable(heading(chart), columns, rows));
    }
    const texts = rows.flat();
    cells().forEach((cell, i) => {
      if (cell.textContent !== texts[i]) cell.textContent = texts[i];
    });
  }

  function createTable(caption, columns, rows) {
    const table = document.createElement("table");
    table.createCaption().textContent = caption;
    const head = table.createTHead().insertRow();
    for (const column of columns) head.append(createHead("col", column));
    const body = table.createTBody();
    for (const row of rows) {
      const line = body.insertRow();
      line.append(createHead("row", ""));
      row.slice(1).forEach(() => line.insertCell());
    }
    return table;
  }

  function createHead(scope, text) {
    const head = document.createElement("th");
    head.scope = scope;
    head.textContent = text;
    return head;
  }

  // ---- Pictures -----------------------------------------------------------------------------

  /** Make names unique with an invisible character, because plotly merges slices of one name. */
  function nameSlices(pie) {
    pie.labels = pie.text.map((name, i) => {
      const cut = name.slice(0, LEGEND_LETTERS).replace(/&[^;]*$/, ""); // no truncated entity
      const short = name.length > LEGEND_LETTERS ? `${cut}…` : name;
      return `${short} ${pie.customdata[i]}${"\u200b".repeat(i)}`;
    });
  }

  /** The total in the middle of the ring, which on the page is HTML. */
  function total() {
    const text = `Total<br><b>${document.getElementById("costs-total").textContent}</b>`;
    const font = { size: 22, color: ink("--text") };
    return { text, font, showarrow: false, xref: "paper", yref: "paper", x: 0.5, y: 0.5 };
  }

  /** Save a chart as this viewer sees it, labelled with its time and a source that is not live. */
  async function savePicture(chart) {
    const frame = newest();
    if (!frame) return;
    const unreal = frame.feed.source === "live" ? "" : frame.feed.source.toUpperCase();
    const asOf = document.getElementById("as-of").textContent;
    const day = document.getElementById("as-of-day").textContent;
    const title = [heading(chart), `as of ${asOf}, ${day}`, unreal].filter(Boolean).join(" · ");
    const dressed = dress(chart, frame.props[chart].figure);
    const { data, layout } = fit(dressed, PICTURE);
    const [pie] = data.filter(({ type }) => type === "pie");
    if (pie) nameSlices(pie);
    const font = { size: 18, color: ink("--text") };
    const { t, b } = layout.margin;
    const figure = {
      data,
      layout: {
        ...layout,
        title: { text: title, font, x: 0.02, xanchor: "left", y: 0.97, yanchor: "top" },
        margin: { ...layout.margin, t: t + HEAD_PX, b: b + HEAD_PX / 2 },
        paper_bgcolor: ink("--ground-2"),
        annotations: pie ? [total()] : layout.annotations,
        showlegend: data.length > 1 || Boolean(pie),
        legend: { orientation: "h", y: -0.08 },
      },
    };
    const link = document.createElement("a");
    link.href = await window.Plotly.toImage(figure, PICTURE);
    const name = ["northstar", chart.replace("chart-", ""), frame.as_of, unreal.toLowerCase()];
    link.download = `${name.filter(Boolean).join("-").replace(/[^\w-]/g, "-")}.png`;
    link.click();
  }

  // ---- Explanations -------------------------------------------------------------------------

  const explain = { kpi: "", button: null, at: 0, asking: false, timer: null };

  function toggleExplanation(kpi, button) {
    const panel = document.getElementById("explain");
    const close = !kpi || explain.kpi === kpi;
    if (close) explain.button?.focus();
    Object.assign(explain, { kpi: close ? "" : kpi, button: close ? null : button, at: 0 });
    panel.hidden = close;
    for (const opener of document.querySelectorAll("button.explain")) {
      opener.setAttribute("aria-expanded", String(opener.dataset.explain === explain.kpi));
    }
    if (close) return;
    panel.querySelector(".body").textContent = "…";
    showExplanation();
    document.getElementById("explain-title").focus();
  }

  function isSelecting(panel) {
    const selection = getSelection();
    return !selection.isCollapsed && panel.contains(selection.anchorNode);
  }

  /** Fetch the current content of the open panel: number, formula and message of one snapshot. It
   * does not change while the viewer selects text in it. */
  async function showExplanation() {
    const panel = document.getElementById("explain");
    const body = panel.querySelector(".body");
    if (!explain.kpi || explain.asking || isSelecting(panel)) return;
    clearTimeout(explain.timer);
    const wait = explain.at + EXPLAIN_GAP_MS - performance.now();
    if (explain.at && wait > 0) {
      explain.timer = setTimeout(showExplanation, wait);
      return;
    }
    Object.assign(explain, { asking: true, at: performance.now() });
    const { kpi } = explain;
    const asOf = newest();
    const signal = AbortSignal.timeout(EXPLAIN_LIMIT_MS);
    const answer = await fetch(`${base}explain/${kpi}`, { cache: "no-store", signal }).then(
      (response) => (response.ok ? response.text() : null),
      () => null, // the old content stays, with its time
    );
    explain.asking = false;
    if (kpi !== explain.kpi || asOf !== newest()) showExplanation(); // of the newer frame
    if (kpi !== explain.kpi) return;
    if (answer === null) {
      if (!body.firstElementChild) body.textContent = "The server does not answer; trying again.";
      explain.timer = setTimeout(showExplanation, EXPLAIN_GAP_MS);
      return;
    }
    const scrolled = body.querySelector("pre")?.scrollTop ?? 0;
    const reachable = () => [...body.querySelectorAll("pre, button")];
    const focused = reachable().indexOf(document.activeElement);
    body.innerHTML = answer; // from our server, which escapes data from the stream
    reachable()[focused]?.focus();
    body.querySelectorAll("pre").forEach((pre) => (pre.scrollTop = scrolled));
  }

  /** Copy the raw message. Without TLS, browsers can copy only a selection. */
  async function copyMessage(button) {
    const raw = document.querySelector("#explain pre");
    let copied = true;
    try {
      await navigator.clipboard.writeText(raw.textContent);
    } catch {
      getSelection().selectAllChildren(raw);
      copied = document.execCommand("copy");
      if (copied) getSelection().removeAllRanges();
    }
    button.textContent = copied ? "Copied" : "Selected: copy it by hand";
  }

  // ---- Page ---------------------------------------------------------------------------------

  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("button");
    if (!button) return;
    const { table, png, explain: kpi, copy } = button.dataset;
    if (table) toggleTable(table, button);
    if (png) savePicture(png);
    if (kpi !== undefined) toggleExplanation(kpi, button);
    if (copy !== undefined) copyMessage(button);
  });
  document.addEventListener("keydown", ({ key }) => {
    const covered = document.querySelector("details[open]"); // closes first
    if (key === "Escape" && explain.kpi && !covered) toggleExplanation("");
  });

  /** Update open tables and the open explanation with the newest frame. */
  function update() {
    if (document.hidden) return;
    tables.forEach(showTable);
    showExplanation();
  }

  return { update };
})();
