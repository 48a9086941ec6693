"use strict";
// The course of a search: what was proposed one after the other, round by round, and the best so far.
{
  const { sweep } = burstnet;
  const { history, keys, measure } = sweep.data;
  const plot = document.getElementById("history-plot");
  const state = { what: "measure", log: sweep.far(history?.mean ?? []), trimmed: false };

  const figure = (theme) => {
    const { id, mean, best, stopped, round, keys: columns } = history;
    const isMeasure = state.what === "measure";
    const values = isMeasure ? mean : columns[Number(state.what)];
    const [low, high] = isMeasure && state.trimmed ? sweep.inliers(mean) : [-Infinity, Infinity];
    const log = isMeasure ? state.log : keys[Number(state.what)].scale === "log";
    const rows = id.map((one, row) => row).filter((row) => values[row] !== null && values[row] >= low && values[row] <= high && (!log || values[row] > 0));
    const shade = sweep.shading(theme, (row) => mean[row], rows, sweep.far(mean), measure);
    const hover = (row) =>
      burstnet.lines([
        `configuration ${id[row]}${stopped[row] ? ", stopped early" : ""}${round ? `, round ${Math.floor(id[row] / round)}` : ""}`,
        ...(mean[row] === null ? [] : [`${measure} ${burstnet.number(mean[row])}`]),
        ...keys.slice(0, 12).map(({ label, values: numbers, levels }, key) => `${label} ${columns[key][row] === null ? "–" : numbers ? burstnet.setting(columns[key][row]) : burstnet.short(sweep.levelName(levels[columns[key][row]] ?? { label: "–", number: null, low: null }), 40)}`),
      ]);
    const data = [
      {
        type: "scatter", mode: "markers", x: rows.map((row) => id[row]), y: rows.map((row) => values[row]), customdata: rows.map((row) => id[row]),
        text: rows.map(hover), hoverinfo: "text",
        marker: {
          size: 6,
          color: rows.map((row) => (isMeasure ? theme.other : shade.of(row))),
          symbol: rows.map((row) => (stopped[row] ? "x-thin-open" : "circle")),
        },
      },
    ];
    burstnet.legend(legend, isMeasure ? [[theme.other, "a configuration"], [theme.best, "the best so far"]] : shade.entries);
    if (isMeasure) {
      const line = id.map((one, row) => row).filter((row) => best[row] !== null);
      data.push({ type: "scatter", mode: "lines", x: line.map((row) => id[row]), y: line.map((row) => best[row]), line: { color: theme.best, width: 2, shape: "hv" }, hoverinfo: "skip" });
    }
    const chosen = rows.filter((row) => id[row] === sweep.chosen);
    if (chosen.length) data.push({ type: "scatter", mode: "markers", x: chosen.map((row) => id[row]), y: chosen.map((row) => values[row]), marker: { size: 12, symbol: "diamond", color: theme.chosen }, hoverinfo: "skip" });
    const last = id[id.length - 1];
    const rounds = round && last / round <= 60 ? Array.from({ length: Math.floor(last / round) }, (none, at) => (at + 1) * round - 0.5) : [];
    const own = isMeasure ? null : keys[Number(state.what)];
    const axis = isMeasure
      ? burstnet.axis(theme, burstnet.plain(sweep.axis, 40), { showgrid: true, nticks: 6, ...(log ? burstnet.logAxis(rows.map((row) => values[row])) : {}) })
      : burstnet.keyAxis(theme, { ...own, effect: null });
    return {
      data,
      layout: burstnet.layout(theme, {
        height: 320,
        margin: { l: 64, r: 12, t: 12, b: 50 },
        xaxis: burstnet.axis(theme, round ? "configuration, in the order in which they were proposed; lines part rounds" : "configuration, in the order in which they were proposed", { showgrid: false, nticks: 8 }),
        yaxis: axis,
        shapes: rounds.map((x) => ({ type: "line", x0: x, x1: x, yref: "paper", y0: 0, y1: 1, line: { color: theme.grid, width: 1 }, layer: "below" })),
      }),
    };
  };

  const legend = burstnet.element("p", { class: "roles" });
  const describe = () => {
    const held = history.best.filter((x) => x !== null);
    plot.setAttribute("aria-label", `The search, configuration by configuration: the best ${measure} goes from ${burstnet.number(held[0])} to ${burstnet.number(held[held.length - 1])} over ${history.all} configurations.`);
  };
  if (plot && history) {
    const show = () => burstnet.redraw(plot);
    const switches = sweep.switches(history.mean, state, show);
    document.getElementById("history-controls").append(
      burstnet.select("Show", [["measure", measure], ...keys.map(({ label }, at) => [at, `what was proposed: ${label}`])], "measure", (value) => {
        state.what = value;
        switches.forEach((button) => (button.disabled = value !== "measure"));
        show();
      }),
      ...switches,
    );
    plot.before(legend);
    describe();
    burstnet.plot(plot, figure, sweep.listen);
    sweep.on("chosen", show);
  }
}
