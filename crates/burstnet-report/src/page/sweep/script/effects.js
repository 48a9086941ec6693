"use strict";
// How keys act one by one: main effects, all on the same vertical axis.
{
  const { sweep } = burstnet;
  const { keys, configurations } = sweep.data;

  // The effect of each key on the measure that is shown: [mean, low, high, configurations, low and high within replicates]
  // at each level. Of other measures than that of the page there are means alone.
  const ofOther = ({ effect, level }) => {
    const cells = sweep.means(sweep.acting, effect.length, (row) => level[row]);
    return cells.map(([mean, n]) => (n ? [mean, null, null, n, null, null] : null));
  };
  const effects = () => keys.map((key) => (key.effect && sweep.acting ? ofOther(key) : key.effect));
  let [shown, held] = [[], []];
  const state = { log: false, trimmed: false };
  const take = () => {
    shown = effects();
    held = shown.flatMap((effect) => (effect ?? []).filter(Boolean));
    state.log = sweep.far(held.map(([mean]) => mean));
  };
  take();

  // Which intervals are drawn. Those within replicates compare levels, so they come first where there are some.
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
    const own = shown[number].map((one, level) => [one, level]).filter(([one]) => one);
    const measure = sweep.acting ?? sweep.measures[0];
    const means = sweep.acting ? sweep.acting.mean : configurations.mean;
    const ordered = key.scale !== "category";
    const interval = (name, low, high) => (low === null ? [] : [`95 %${name}: ${burstnet.number(low)} to ${burstnet.number(high)}`]);
    const hover = ([mean, low, high, n, from, to], level) =>
      burstnet.lines([
        `${key.key} ${sweep.levelName(key.levels[level])}`,
        `mean ${measure.name} ${burstnet.number(mean)}`,
        ...interval("", low, high),
        ...interval(" within replicates", from, to),
        `${n} configurations`,
      ]);
    const data = [
      {
        type: "scatter",
        mode: ordered ? "lines+markers" : "markers",
        x: own.map(([, level]) => at[level]),
        y: own.map(([one]) => one[0]),
        line: { color: theme.best, width: 1.5 },
        marker: { color: theme.best, size: 7 },
        error_y: {
          type: "data",
          visible: kind !== "none",
          symmetric: false,
          array: own.map(([one]) => ends(one)[1] - one[0]),
          arrayminus: own.map(([one]) => one[0] - ends(one)[0]),
          color: theme.best,
          thickness: 1.2,
          width: 0,
        },
        text: own.map(([one, level]) => hover(one, level)),
        hoverinfo: "text",
      },
    ];
    const row = sweep.chosen === null ? undefined : sweep.rowOf.get(sweep.chosen);
    if (row !== undefined && means[row] !== null) {
      data.push({
        type: "scatter",
        mode: "markers",
        x: [key.at ? key.at[row] : key.values ? key.values[row] : key.level[row] < key.effect.length ? key.level[row] : null],
        y: [Math.min(Math.max(means[row], all[0]), all[1])],
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
        yaxis: burstnet.axis(theme, burstnet.plain(sweep.titleOf(measure), 36), { showgrid: true, nticks: 6, ...(state.log ? { ...burstnet.logAxis(all), range: all.map(Math.log10) } : { range: all }) }),
      }),
    };
  };

  const plots = document.querySelectorAll("[data-effect]");
  for (const plot of plots) {
    const key = keys[Number(plot.dataset.effect)];
    if (key.effect) burstnet.plot(plot, figure(Number(plot.dataset.effect)));
  }
  const redraw = () => plots.forEach(burstnet.redraw);
  const described = Array.from(plots, (plot) => plot.getAttribute("aria-label"));
  const describe = () =>
    plots.forEach((plot, at) => {
      const number = Number(plot.dataset.effect);
      const [key, effect] = [keys[number], shown[number]];
      const means = (effect ?? []).flatMap((one, level) => (one ? [`${burstnet.number(one[0])} at ${sweep.levelName(key.levels[level])}`] : []));
      plot.setAttribute("aria-label", sweep.acting ? `Mean ${sweep.acting.name} by ${key.key}: ${means.join(", ")}.` : described[at]);
    });
  const controls = document.getElementById("effects-controls");
  const intervals = burstnet.select("Intervals", kinds, kind, (value) => {
    kind = value;
    redraw();
  });
  const switches = burstnet.element("span", { class: "controls inner" });
  const fill = () => switches.replaceChildren(...sweep.switches(held.map(([mean]) => mean), state, redraw));
  fill();
  controls?.append(intervals, switches);
  sweep.on("chosen", redraw);
  sweep.on("acting", () => {
    take();
    fill();
    intervals.querySelector("select").disabled = sweep.acting !== null;
    describe();
    redraw();
  });
}
