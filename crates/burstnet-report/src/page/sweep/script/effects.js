"use strict";
// How keys act one by one: main effects, all on the same vertical axis.
{
  const { sweep } = burstnet;
  const { keys, configurations } = sweep.data;

  // Which intervals are drawn. Those within replicates compare levels, so they come first where there are some.
  const held = keys.flatMap(({ effect }) => (effect ?? []).filter(Boolean));
  const kinds = [
    ...(held.some((one) => one[4] !== null) ? [["within", "within replicates"]] : []),
    ...(held.some((one) => one[1] !== null) ? [["mean", "of the mean"]] : []),
    ["none", "none"],
  ];
  let kind = kinds[0][0];
  const ends = ([mean, low, high, , from, to]) => {
    const [start, end] = { within: [from, to], mean: [low, high], none: [null, null] }[kind];
    return [start ?? mean, end ?? mean];
  };
  const state = { log: sweep.far(held.map(([mean]) => mean)), trimmed: false };
  const inside = () => {
    const [low, high] = state.trimmed ? sweep.inliers(held.map(([mean]) => mean)) : [-Infinity, Infinity];
    return held.filter(([mean]) => mean >= low && mean <= high && (!state.log || mean > 0));
  };
  // The ends of all intervals, with some air; on a logarithmic axis those above 0.
  const range = () => {
    const drawn = inside().flatMap(ends);
    const all = state.log ? drawn.filter((x) => x > 0) : drawn;
    const [low, high] = [Math.min(...all), Math.max(...all)];
    if (state.log) return [low / (high / low) ** 0.05, high * (high / low) ** 0.05];
    const air = 0.06 * (high - low || Math.abs(high) || 1);
    return [low - air, high + air];
  };

  // Where the levels of a key are drawn: at their numbers, at the middle of bins, or one after another.
  const positions = ({ scale, levels }) => {
    if (scale === "category") return levels.map((level, at) => at);
    // The level of configurations in which the key does not exist has no place.
    const middle = ({ number, low, high }) => number ?? (low === null ? null : scale === "log" ? Math.sqrt(low * high) : (low + high) / 2);
    return levels.map(middle);
  };

  burstnet.keyAxis = (theme, key, most = 14) => {
    const title = burstnet.plain(key.ratio_of ? `${key.label} ÷ ${key.ratio_of}` : key.label, 48);
    const count = key.effect ? key.effect.length : key.levels.length;
    if (key.scale !== "category") {
      const log = key.scale === "log";
      const at = positions(key).filter((x) => x !== null);
      const few = log && at.length <= 7;
      const ticks = few ? { tickmode: "array", tickvals: at, ticktext: at.map((x) => burstnet.setting(Number(x.toPrecision(2)))) } : {};
      const spread = log ? burstnet.logAxis(at) : { nticks: 6 };
      return burstnet.axis(theme, title, { showgrid: false, ...spread, ...ticks });
    }
    return burstnet.axis(theme, title, {
      tickmode: "array",
      tickvals: key.levels.slice(0, count).map((level, at) => at),
      ticktext: key.levels.slice(0, count).map((level) => burstnet.plain(sweep.levelName(level), most)),
      range: [-0.5, count - 0.5],
      showgrid: false,
    });
  };

  const figure = (number) => (theme) => {
    const all = range();
    const key = keys[number];
    const at = positions(key);
    const held = key.effect.map((one, level) => [one, level]).filter(([one]) => one);
    const ordered = key.scale !== "category";
    const interval = (name, low, high) => (low === null ? [] : [`95 %${name}: ${burstnet.number(low)} to ${burstnet.number(high)}`]);
    const hover = ([mean, low, high, n, from, to], level) =>
      burstnet.lines([
        `${key.key} ${sweep.levelName(key.levels[level])}`,
        `mean ${sweep.data.measure} ${burstnet.number(mean)}`,
        ...interval("", low, high),
        ...interval(" within replicates", from, to),
        `${n} configurations`,
      ]);
    const data = [
      {
        type: "scatter",
        mode: ordered ? "lines+markers" : "markers",
        x: held.map(([, level]) => at[level]),
        y: held.map(([one]) => one[0]),
        line: { color: theme.best, width: 1.5 },
        marker: { color: theme.best, size: 7 },
        error_y: {
          type: "data",
          visible: kind !== "none",
          symmetric: false,
          array: held.map(([one]) => ends(one)[1] - one[0]),
          arrayminus: held.map(([one]) => one[0] - ends(one)[0]),
          color: theme.best,
          thickness: 1.2,
          width: 0,
        },
        text: held.map(([one, level]) => hover(one, level)),
        hoverinfo: "text",
      },
    ];
    const row = sweep.chosen === null ? undefined : sweep.rowOf.get(sweep.chosen);
    if (row !== undefined && configurations.mean[row] !== null) {
      data.push({
        type: "scatter",
        mode: "markers",
        x: [key.at ? key.at[row] : key.values ? key.values[row] : key.level[row] < key.effect.length ? key.level[row] : null],
        y: [Math.min(Math.max(configurations.mean[row], all[0]), all[1])],
        marker: { color: theme.chosen, size: 10, symbol: "diamond" },
        text: [burstnet.lines(sweep.lines(row))],
        hoverinfo: "text",
      });
    }
    return {
      data,
      layout: burstnet.layout(theme, {
        height: 240,
        margin: { l: 56, r: 8, t: 8, b: 46 },
        xaxis: burstnet.keyAxis(theme, key),
        yaxis: burstnet.axis(theme, burstnet.plain(sweep.axis, 36), { showgrid: true, nticks: 6, ...(state.log ? { ...burstnet.logAxis(all), range: all.map(Math.log10) } : { range: all }) }),
      }),
    };
  };

  const plots = document.querySelectorAll("[data-effect]");
  for (const plot of plots) {
    const key = keys[Number(plot.dataset.effect)];
    if (key.effect) burstnet.plot(plot, figure(Number(plot.dataset.effect)));
  }
  document.getElementById("effects-controls")?.append(
    burstnet.select("Intervals", kinds, kind, (value) => {
      kind = value;
      plots.forEach(burstnet.redraw);
    }),
    ...sweep.switches(held.map(([mean]) => mean), state, () => plots.forEach(burstnet.redraw)),
  );
  sweep.on("chosen", () => plots.forEach(burstnet.redraw));
}
