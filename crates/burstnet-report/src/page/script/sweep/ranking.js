"use strict";
// What is best: means with intervals, and the table of configurations.
{
  const { sweep } = burstnet;
  const { configurations, keys, measure, unit } = sweep.data;
  const { id, rank, mean, sd, low, high, n, not_ok } = configurations;
  const MOST = 30;

  const plot = document.getElementById("ranking-plot");
  const figure = (theme) => {
    const rows = sweep.rows.filter((row) => mean[row] !== null).slice(0, MOST);
    const chosen = sweep.chosen === null ? undefined : sweep.rowOf.get(sweep.chosen);
    if (chosen !== undefined && mean[chosen] !== null && !rows.includes(chosen)) rows.push(chosen);
    const colour = (row) => {
      if (id[row] === sweep.chosen) return theme.chosen;
      return id[row] === sweep.data.best ? theme.best : theme.other;
    };
    const settings = (row) => keys.map((key, at) => burstnet.short(sweep.shown(at, row), 18)).join(", ");
    const name = (row) => burstnet.plain(!theme.narrow && keys.length <= 3 ? `${settings(row)}: ${id[row]}` : `configuration ${id[row]}`);
    const trace = (row, at) => ({
      type: "scatter",
      mode: "markers",
      x: [mean[row]],
      y: [at],
      customdata: [id[row]],
      text: [burstnet.lines(sweep.lines(row))],
      hoverinfo: "text",
      marker: { color: colour(row), size: 9, symbol: id[row] === sweep.chosen ? "diamond" : "circle" },
      error_x:
        low[row] === null
          ? undefined
          : { type: "data", symmetric: false, array: [high[row] - mean[row]], arrayminus: [mean[row] - low[row]], color: colour(row), thickness: 1.5, width: 0 },
    });
    return {
      data: rows.map(trace),
      layout: burstnet.layout(theme, {
        height: 70 + 20 * rows.length,
        margin: { l: 60, r: 16, t: 8, b: 50 },
        xaxis: burstnet.axis(theme, burstnet.plain(sweep.axis), { showgrid: true }),
        yaxis: burstnet.axis(theme, "", {
          tickmode: "array",
          tickvals: rows.map((row, at) => at),
          ticktext: rows.map(theme.narrow ? (row) => String(id[row]) : name),
          range: [rows.length - 0.4, -0.6],
          showgrid: false,
          showline: false,
          ticks: "",
        }),
        shapes: [{ type: "line", x0: mean[rows[0]], x1: mean[rows[0]], y0: 0, y1: 1, yref: "paper", line: { color: theme.best, width: 1, dash: "dot" }, layer: "below" }],
      }),
    };
  };
  if (plot) {
    burstnet.plot(plot, figure, sweep.listen);
    sweep.on("chosen", () => burstnet.redraw(plot));
  }

  const place = document.getElementById("ranking-table");
  if (place) {
    const suffix = unit ? ` [${unit}]` : "";
    const columns = [
      { title: "Configuration", value: (row) => id[row] },
      { title: "Rank", value: (row) => rank[row] },
      { title: `Mean of ${measure}${suffix}`, value: (row) => mean[row], show: (row) => burstnet.number(mean[row]) },
      { title: "95 % interval", value: (row) => (low[row] === null ? null : high[row] - low[row]), show: (row) => (low[row] === null ? "–" : burstnet.element("span", { class: "number" }, `${burstnet.number(low[row])} to ${burstnet.number(high[row])}`)) },
      { title: "sd", value: (row) => sd[row], show: (row) => burstnet.number(sd[row]) },
      { title: "n", value: (row) => n[row] },
      ...(not_ok.some(Boolean) ? [{ title: "Not ok", value: (row) => not_ok[row] }] : []),
      ...keys.map((key, at) => ({
        title: key.key,
        left: !key.values,
        value: (row) => (key.values ? key.values[row] : sweep.shown(at, row)),
        show: (row) => (key.values ? burstnet.setting(key.values[row]) : burstnet.text(sweep.shown(at, row), 40)),
      })),
    ];
    const made = (tr, row) => burstnet.chooses(tr, id[row]);
    const caption = "Configurations by rank; choose a row to see its configuration everywhere";
    const table = burstnet.table({ caption, columns, rows: sweep.rows, first: 10, made });
    const state = burstnet.element("p", { class: "note", role: "status" });
    place.append(state, table);
    sweep.on("kept", () => {
      const kept = sweep.rows.filter((row) => sweep.kept[row]);
      state.textContent = kept.length < sweep.rows.length ? `${kept.length} of ${sweep.rows.length} configurations are in the ranges chosen below.` : "";
      table.refill(kept);
    });
  }
}
