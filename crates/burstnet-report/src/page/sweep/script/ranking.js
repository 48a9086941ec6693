"use strict";
// What is best: means with intervals, and the table of configurations.
{
  const { sweep } = burstnet;
  const { configurations, keys, measure, unit } = sweep.data;
  const { id, rank, mean, sd, median, low, high, n, not_ok, subspace = [] } = configurations;
  const MOST = 30;

  const plot = document.getElementById("ranking-plot");
  // What is drawn: means, or differences from the baseline on the same replicates.
  const contrasts = new Map(sweep.data.contrasts.map((one) => [one.config_id, one]));
  const baseline = sweep.data.contrasts[0]?.baseline;
  const views = {
    means: {
      has: (row) => mean[row] !== null,
      at: (row) => mean[row],
      ends: (row) => (low[row] === null ? null : [low[row], high[row]]),
      more: () => [],
      title: sweep.axis,
    },
    differences: {
      has: (row) => contrasts.has(id[row]) || id[row] === baseline,
      at: (row) => contrasts.get(id[row])?.difference ?? 0,
      ends: (row) => {
        const one = contrasts.get(id[row]);
        return one && one.low !== null ? [one.low, one.high] : null;
      },
      more: (row) => {
        const one = contrasts.get(id[row]);
        if (!one) return [];
        const interval = one.low === null ? "" : ` (95 %: ${burstnet.number(one.low)} to ${burstnet.number(one.high)})`;
        return [`difference ${burstnet.number(one.difference)}${interval}`, ...(one.p === null ? [] : [`p = ${burstnet.number(one.p, 3)}`])];
      },
      title: `difference in ${sweep.axis}`,
    },
  };
  let view = contrasts.size ? views.differences : views.means;
  const figure = (theme) => {
    const rows = sweep.rows.filter(view.has).slice(0, MOST);
    const asked = [sweep.chosen, view === views.differences ? baseline : null].map((one) => sweep.rowOf.get(one));
    for (const row of asked) if (row !== undefined && view.has(row) && !rows.includes(row)) rows.push(row);
    const colour = (row) => {
      if (id[row] === sweep.chosen) return theme.chosen;
      return id[row] === sweep.data.best ? theme.best : theme.other;
    };
    const settings = (row) => keys.map((key, at) => (key.values ? burstnet.setting(key.values[row], 3) : burstnet.short(sweep.shown(at, row), 18))).join(", ");
    const name = (row) => burstnet.plain(!theme.narrow && keys.length <= 3 ? `${settings(row)}: ${id[row]}` : `configuration ${id[row]}`);
    const trace = (row, at) => {
      const [x, ends] = [view.at(row), view.ends(row)];
      return {
        type: "scatter",
        mode: "markers",
        x: [x],
        y: [at],
        customdata: [id[row]],
        text: [burstnet.lines([...sweep.lines(row), ...view.more(row)])],
        hoverinfo: "text",
        marker: { color: colour(row), size: 9, symbol: id[row] === sweep.chosen ? "diamond" : "circle" },
        error_x: ends ? { type: "data", symmetric: false, array: [ends[1] - x], arrayminus: [x - ends[0]], color: colour(row), thickness: 1.5, width: 0 } : undefined,
      };
    };
    const mark = view === views.differences ? 0 : view.at(rows[0]);
    return {
      data: rows.map(trace),
      layout: burstnet.layout(theme, {
        height: 70 + 20 * rows.length,
        margin: { l: 60, r: 16, t: 8, b: 50 },
        xaxis: burstnet.axis(theme, burstnet.plain(view.title), { showgrid: true }),
        yaxis: burstnet.axis(theme, "", {
          tickmode: "array",
          tickvals: rows.map((row, at) => at),
          ticktext: rows.map(theme.narrow ? (row) => String(id[row]) : name),
          range: [rows.length - 0.4, -0.6],
          showgrid: false,
          showline: false,
          ticks: "",
        }),
        shapes: [{ type: "line", x0: mark, x1: mark, y0: 0, y1: 1, yref: "paper", line: { color: theme.best, width: 1, dash: "dot" }, layer: "below" }],
      }),
    };
  };
  if (plot) {
    burstnet.plot(plot, figure, sweep.listen);
    sweep.on("chosen", () => burstnet.redraw(plot));
    const label = plot.getAttribute("aria-label");
    const from = baseline === sweep.data.best ? `the best, configuration ${baseline}` : `configuration ${baseline}`;
    const options = [["means", "means"], ["differences", `differences from ${from}, replicate by replicate`]];
    const told = burstnet.element("span", { class: "muted", role: "status" });
    const tell = () => {
      const all = sweep.rows.filter(view.has).length;
      const of = view === views.means ? sweep.data.ranked : contrasts.size + 1;
      told.textContent = `${Math.min(all, MOST)} of ${of} ${view === views.means ? "configurations" : "that are compared"}`;
      plot.setAttribute("aria-label", view === views.means ? label : `Differences from ${from} on the same replicates, with 95 % intervals. The table of comparisons below has the figures.`);
    };
    tell();
    if (contrasts.size) {
      document.getElementById("ranking-controls").append(
        burstnet.select("Show", options, "differences", (value) => {
          view = views[value];
          tell();
          burstnet.redraw(plot);
        }),
      );
    }
    document.getElementById("ranking-controls").append(told);
  }

  const place = document.getElementById("ranking-table");
  if (place) {
    const suffix = unit ? ` [${unit}]` : "";
    let further = null; // another measure beside the one that the page is about
    const columns = () => [
      { title: "Configuration", value: (row) => id[row] },
      { title: "Rank", value: (row) => rank[row] },
      { title: `Mean of ${measure}${suffix}`, value: (row) => mean[row], show: (row) => burstnet.number(mean[row]) },
      { title: "95 % interval", value: (row) => low[row], show: (row) => (low[row] === null ? "–" : burstnet.element("span", { class: "number" }, `${burstnet.number(low[row])} to ${burstnet.number(high[row])}`)) },
      { title: "sd", value: (row) => sd[row], show: (row) => burstnet.number(sd[row]) },
      { title: "Median", value: (row) => median[row], show: (row) => burstnet.number(median[row]) },
      { title: "n", value: (row) => n[row] },
      ...(further ? [{ title: `Mean of ${further.name}${further.unit ? ` [${further.unit}]` : ""}`, value: (row) => further.mean[row], show: (row) => burstnet.number(further.mean[row]) }] : []),
      ...(not_ok.some(Boolean) ? [{ title: "Not ok", value: (row) => not_ok[row] }] : []),
      ...(subspace.length ? [{ title: "Sub-space", left: true, value: (row) => subspace[row], show: (row) => burstnet.text(subspace[row], 40) }] : []),
      ...keys.map((key, at) => ({
        title: key.label,
        left: !key.values,
        value: (row) => (key.values ? key.values[row] : sweep.shown(at, row)),
        show: (row) => (key.values ? burstnet.setting(key.values[row]) : burstnet.text(sweep.shown(at, row), 40)),
      })),
    ];
    const made = (tr, row) => burstnet.chooses(tr, id[row]);
    const caption = "Configurations by rank; choose a row to see its configuration everywhere";
    const build = () => burstnet.table({ caption, columns: columns(), rows: sweep.rows.filter((row) => sweep.kept[row]), first: 10, made });
    let table = build();
    const state = burstnet.element("p", { class: "note", role: "status" });
    place.append(state, table);
    if (sweep.measures.length > 1) {
      const options = [["", "none"], ...sweep.measures.slice(1).map(({ name }, at) => [at + 1, name])];
      document.getElementById("ranking-controls-2").append(
        burstnet.select("Further measure", options, "", (value) => {
          further = value === "" ? null : sweep.measures[Number(value)];
          const next = build();
          table.replaceWith(next);
          table = next;
        }),
      );
    }
    sweep.on("kept", () => {
      const kept = sweep.rows.filter((row) => sweep.kept[row]);
      state.textContent = kept.length < sweep.rows.length ? `${kept.length} of ${sweep.rows.length} configurations are in the ranges chosen below.` : "";
      table.refill(kept);
    });
  }
}
