"use strict";
// How replicates vary: lines that join the same replicate across configurations, and differences from the best one.
{
  const { sweep } = burstnet;
  const { replicates, configurations, best, median, contrasts, measure } = sweep.data;
  const of = new Map(replicates.map((one) => [one.config_id, one.values]));
  const plot = document.getElementById("replicates-plot");
  const second = document.getElementById("differences-plot");
  let count = 3;

  // The compared configurations: the best few, the median and the chosen one, by rank.
  const compared = () => {
    const ids = new Set(configurations.id.filter((id) => of.has(id)).slice(0, count));
    for (const id of [best, median, sweep.chosen]) if (id !== null && of.has(id)) ids.add(id);
    return Array.from(ids).sort((a, b) => sweep.rowOf.get(a) - sweep.rowOf.get(b));
  };
  const colour = (theme, id) => sweep.roles(theme).filter(([own]) => own === id).map(([, , own]) => own).pop() ?? theme.other;
  const mean = (values) => {
    const held = values.filter((x) => x !== null);
    return held.length ? held.reduce((sum, x) => sum + x, 0) / held.length : null;
  };

  const ticks = (ids) => ({
    tickmode: "array",
    tickvals: ids.map((id, at) => at),
    ticktext: ids.map((id) => burstnet.plain(sweep.title(id)).replace(" (", "<br>(")),
    range: [-0.5, ids.length - 0.5],
    showgrid: false,
  });
  const bars = (theme, ids, values) => ({
    type: "scatter", mode: "lines", hoverinfo: "skip",
    x: ids.flatMap((id, at) => [at - 0.22, at + 0.22, null]),
    y: values.flatMap((x) => [x, x, null]),
    line: { color: theme.ink, width: 2 },
  });

  const figure = (theme) => {
    const ids = compared();
    const rows = ids.map((id) => of.get(id));
    const data = rows[0].map((none, replicate) => ({
      type: "scatter",
      mode: "lines+markers",
      x: ids.map((id, at) => at),
      y: rows.map((values) => values[replicate]),
      customdata: ids,
      connectgaps: false,
      line: { color: burstnet.faint(theme.other, 0.55), width: 1 },
      marker: { size: 6, color: ids.map((id) => colour(theme, id)) },
      text: rows.map((values, at) => burstnet.lines([`configuration ${sweep.title(ids[at])}`, `replicate ${replicate}`, `${measure} ${burstnet.number(values[replicate])}`])),
      hoverinfo: "text",
    }));
    data.push(bars(theme, ids, rows.map(mean)));
    return {
      data,
      layout: burstnet.layout(theme, {
        height: 340,
        margin: { l: 64, r: 12, t: 12, b: 70 },
        xaxis: burstnet.axis(theme, "configuration", ticks(ids)),
        yaxis: burstnet.axis(theme, burstnet.plain(sweep.axis, 36), { showgrid: true, nticks: 6 }),
      }),
    };
  };

  const differences = (theme) => {
    const ids = compared().filter((id) => id !== best);
    const base = of.get(best);
    const rows = ids.map((id) => of.get(id).map((x, at) => (x === null || base[at] === null ? null : x - base[at])));
    const contrast = (id) => contrasts.find((one) => one.config_id === id && one.baseline === best);
    const data = rows.map((values, at) => ({
      type: "scatter", mode: "markers",
      x: values.map((none, replicate) => at + 0.3 * ((replicate + 0.5) / values.length - 0.5)),
      y: values,
      customdata: values.map(() => ids[at]),
      marker: { size: 6, color: colour(theme, ids[at]), opacity: 0.8 },
      text: values.map((x, replicate) => burstnet.lines([`configuration ${sweep.title(ids[at])} less ${best}`, `replicate ${replicate}: ${burstnet.number(x)}`])),
      hoverinfo: "text",
    }));
    const known = ids.map((id, at) => [contrast(id), at]).filter(([one]) => one && one.low !== null);
    data.push({
      type: "scatter", mode: "markers",
      x: known.map(([, at]) => at + 0.3), y: known.map(([one]) => one.difference),
      marker: { size: 8, symbol: "line-ew", line: { color: theme.ink, width: 2 } },
      error_y: { type: "data", symmetric: false, array: known.map(([one]) => one.high - one.difference), arrayminus: known.map(([one]) => one.difference - one.low), color: theme.ink, thickness: 1.5, width: 0 },
      text: known.map(([one]) => burstnet.lines([`configuration ${one.config_id} less ${best}`, `mean ${burstnet.number(one.difference)}`, `95 %: ${burstnet.number(one.low)} to ${burstnet.number(one.high)}`, one.p === null ? "" : `p ${burstnet.number(one.p, 2)}`])),
      hoverinfo: "text",
    });
    return {
      data,
      layout: burstnet.layout(theme, {
        height: 300,
        margin: { l: 64, r: 12, t: 12, b: 70 },
        xaxis: burstnet.axis(theme, "configuration", ticks(ids)),
        yaxis: burstnet.axis(theme, burstnet.plain(`difference${sweep.data.unit ? ` [${sweep.data.unit}]` : ""}`), { showgrid: true, nticks: 6 }),
        shapes: [{ type: "line", x0: 0, x1: 1, xref: "paper", y0: 0, y1: 0, line: { color: theme.best, width: 1.5, dash: "dot" }, layer: "below" }],
      }),
    };
  };

  const table = () => {
    const ids = compared();
    const rows = of.get(ids[0]).map((none, replicate) => replicate);
    return burstnet.table({
      caption: `${sweep.axis} by replicate`,
      columns: [
        { title: "Replicate", value: (replicate) => replicate },
        ...ids.map((id) => ({ title: `Configuration ${sweep.title(id)}`, value: (replicate) => of.get(id)[replicate], show: (replicate) => burstnet.number(of.get(id)[replicate]) })),
      ],
      rows,
    });
  };

  const describe = () => {
    const ids = compared();
    const part = (id) => `${sweep.title(id)} mean ${burstnet.number(mean(of.get(id)))}`;
    plot.setAttribute("aria-label", `${measure} of each replicate in ${ids.length} configurations: ${ids.map(part).join("; ")}.`);
    const base = mean(of.get(best));
    second?.setAttribute("aria-label", `Differences from the best configuration: ${ids.filter((id) => id !== best).map((id) => `${sweep.title(id)} ${burstnet.number(mean(of.get(id)) - base)}`).join("; ")}.`);
  };

  if (plot && of.size) {
    const show = () => {
      describe();
      burstnet.redraw(plot);
      if (second) burstnet.redraw(second);
      document.getElementById("replicates-table").replaceChildren(table());
      state.textContent = sweep.chosen !== null && !of.has(sweep.chosen) ? `This page does not hold the replicates of configuration ${sweep.chosen}.` : "";
    };
    const state = burstnet.element("span", { role: "status" });
    const options = [1, 3, 5, 10].filter((n, at) => at === 0 || n <= of.size).map((n) => [n, String(n)]);
    document.getElementById("replicates-controls").append(
      burstnet.select("Best configurations", options, count, (value) => {
        count = Number(value);
        show();
      }),
      burstnet.element("span", { class: "muted" }, "with the median and the chosen one"),
      state,
    );
    describe();
    burstnet.plot(plot, figure, sweep.listen);
    if (second) burstnet.plot(second, differences, sweep.listen);
    document.getElementById("replicates-table").append(table());
    sweep.on("chosen", show);
  }
}
