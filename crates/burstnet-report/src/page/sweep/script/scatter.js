"use strict";
// Every configuration as a point: a measure over a key, coloured by another key.
{
  const { sweep } = burstnet;
  const { keys, configurations } = sweep.data;
  const plot = document.getElementById("scatter-plot");
  const state = { key: 0, colour: "none", log: sweep.far(sweep.measures[0]?.mean ?? []), trimmed: false };
  const shown = () => sweep.acting ?? sweep.measures[0];

  // Where the rows lie along a key, levels without an order a little apart from each other.
  const along = (key) => sweep.rows.map((row) => (key.values ? key.values[row] : key.level[row] + 0.5 * (((row * 0.618034) % 1) - 0.5)));

  const figure = (theme) => {
    const key = keys[state.key];
    const { mean } = shown();
    const x = along(key);
    const [low, high] = state.trimmed ? sweep.inliers(mean) : [-Infinity, Infinity];
    const held = sweep.rows.filter((row) => mean[row] !== null && x[row] !== null && mean[row] >= low && mean[row] <= high && (!state.log || mean[row] > 0));
    const colouring = state.colour === "none" ? { of: () => theme.best, entries: [] } : sweep.colouring(theme, Number(state.colour));
    burstnet.legend(legend, colouring.entries);
    const points = (rows, marker) => ({
      type: "scatter", mode: "markers", x: rows.map((row) => x[row]), y: rows.map((row) => mean[row]),
      customdata: rows.map((row) => configurations.id[row]), text: rows.map((row) => burstnet.lines([...sweep.lines(row), ...(sweep.acting ? [`${sweep.acting.name} ${burstnet.number(mean[row])}`] : [])])), hoverinfo: "text", marker,
    });
    const data = [points(held, { size: held.length > 500 ? 4 : 6, opacity: 0.75, color: held.map(colouring.of) })];
    const chosen = held.filter((row) => configurations.id[row] === sweep.chosen);
    if (chosen.length) data.push(points(chosen, { size: 12, symbol: "diamond", color: theme.chosen }));
    const values = held.map((row) => mean[row]);
    return {
      data,
      layout: burstnet.layout(theme, {
        height: 340,
        margin: { l: 64, r: 12, t: 12, b: 50 },
        xaxis: burstnet.keyAxis(theme, key),
        yaxis: burstnet.axis(theme, burstnet.plain(sweep.titleOf(shown()), 40), { showgrid: true, nticks: 6, ...(state.log ? burstnet.logAxis(values) : {}) }),
      }),
    };
  };

  const legend = burstnet.element("p", { class: "roles" });
  const describe = () => {
    const { mean, name } = shown();
    const held = mean.filter((x) => x !== null);
    plot.setAttribute("aria-label", `Means of ${name} over ${keys[state.key].key}: ${held.length} configurations from ${burstnet.number(Math.min(...held))} to ${burstnet.number(Math.max(...held))}. The table of configurations has the figures.`);
  };
  if (plot && keys.length && sweep.measures.length) {
    const switches = burstnet.element("span", { class: "controls inner" });
    const show = () => {
      describe();
      burstnet.redraw(plot);
    };
    const fill = () => switches.replaceChildren(...sweep.switches(shown().mean, state, show));
    const names = keys.map(({ label }, at) => [at, label]);
    document.getElementById("scatter-controls").append(
      burstnet.select("Over", names, 0, (value) => {
        state.key = Number(value);
        show();
      }),
      burstnet.select("coloured by", [["none", "nothing"], ...names], "none", (value) => {
        state.colour = value;
        show();
      }),
      switches,
    );
    plot.before(legend);
    fill();
    describe();
    burstnet.plot(plot, figure, sweep.listen);
    sweep.on("chosen", () => burstnet.redraw(plot));
    sweep.on("acting", () => {
      state.log = sweep.far(shown().mean);
      fill();
      show();
    });
  } else if (plot) {
    plot.closest("figure").remove();
  }
}
