/* Save a chart as a picture. */
"use strict";

(() => {
  const { ink, dress } = window.dash_clientside.northstarChoices;
  const { arrangeWithTexts, escaped } = window.dash_clientside.northstarFit;
  const { newest } = window.dash_clientside.northstarPaint;
  const { heading } = window.dash_clientside.northstarTables;
  const PICTURE = { width: 1200, height: 675, scale: 2, format: "png" };
  const HEAD_PX = 64;
  const TITLE_PX = 18;
  const TOTAL_PX = 22;
  const LEGEND_LETTERS = 40; // of a name

  /** Make names unique with an invisible character, because plotly merges slices of one name. */
  function nameSlices(pie) {
    pie.labels = pie.text.map((name, i) => {
      const letters = [...name];
      const cut = letters.slice(0, LEGEND_LETTERS).join("");
      const short = letters.length > LEGEND_LETTERS ? `${cut}…` : name;
      return `${escaped(short)} ${pie.customdata[i]}${"\u200b".repeat(i)}`;
    });
  }

  /** The total in the middle of the ring, which on the page is HTML. */
  function total() {
    const text = `Total<br><b>${document.getElementById("costs-total").textContent}</b>`;
    const font = { size: TOTAL_PX, color: ink("--text") };
    return { text, font, showarrow: false, xref: "paper", yref: "paper", x: 0.5, y: 0.5 };
  }

  /** The figure of a picture: a chart with room for its title and legend. */
  function compose({ data, layout }, title) {
    const pie = data.find(({ type }) => type === "pie");
    if (pie) nameSlices(pie);
    const font = { size: TITLE_PX, color: ink("--text") };
    const { t, b } = layout.margin;
    return {
      data,
      layout: {
        ...layout,
        title: { text: title, font, x: 0.02, xanchor: "left", y: 0.97, yanchor: "top" },
        margin: { ...layout.margin, t: t + HEAD_PX, b: b + HEAD_PX / 2 },
        paper_bgcolor: ink("--ground-2"),
        annotations: pie ? [total()] : layout.annotations,
        showlegend: data.filter(({ name }) => name).length > 1 || Boolean(pie),
        legend: { orientation: "h", y: -0.08 },
      },
    };
  }

  /** Save a chart as this viewer sees it, labelled with its time and a source that is not live. */
  async function save(chart) {
    const frame = newest();
    if (!frame) return;
    const unreal = frame.feed.source === "live" ? "" : frame.feed.source.toUpperCase();
    const asOf = document.getElementById("as-of").textContent;
    const day = document.getElementById("as-of-day").textContent;
    const title = [heading(chart), `as of ${asOf}, ${day}`, unreal].filter(Boolean).join(" · ");
    const dressed = dress(chart, frame.props[chart].figure);
    const arranged = arrangeWithTexts(dressed, PICTURE);
    const figure = compose(arranged, title);
    const link = document.createElement("a");
    link.href = await window.Plotly.toImage(figure, PICTURE);
    const name = ["northstar", chart.replace("chart-", ""), frame.as_of, unreal.toLowerCase()];
    link.download = `${name
      .filter(Boolean)
      .join("-")
      .replace(/[^\w-]/gu, "-")}.png`;
    link.click();
  }

  document.addEventListener("click", ({ target }) => {
    const chart = target.closest?.("button")?.dataset.png;
    if (chart) save(chart);
  });
})();
