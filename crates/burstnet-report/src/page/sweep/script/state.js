"use strict";
// burstnet.sweep: the data of the sweep, which configurations are kept by ranges, and which one is chosen.
{
  const data = burstnet.data("sweep");
  const { configurations, keys } = data;
  const rows = configurations.id.map((id, row) => row);
  const rowOf = new Map(configurations.id.map((id, row) => [id, row]));

  // A value of key `key` in row `row`, as it is shown.
  const shown = (key, row) => {
    const { values, levels, level } = keys[key];
    return values ? burstnet.setting(values[row]) : levels[level[row]].label;
  };
  // A level of a key, as it is shown.
  const levelName = ({ label, number, low, high }) => {
    if (number !== null) return burstnet.setting(number);
    const end = (x) => burstnet.setting(Number(x.toPrecision(3)));
    return low !== null ? `${end(low)} to ${end(high)}` : label;
  };

  const listeners = { chosen: [], kept: [], acting: [] };
  const tell = (what) => listeners[what].forEach((listener) => listener());

  const sweep = {
    data,
    rows,
    rowOf,
    shown,
    levelName,
    label: (key) => keys[key].label,
    // The measures that can be shown; the first is the one that the page is about.
    measures: data.measures.slice().sort((a, b) => (b.name === data.measure) - (a.name === data.measure)),
    // How the rows are coloured by a key: {of(row), entries}; few values have a colour each, many the steps of a hue.
    colouring(theme, key) {
      const { values, levels, level, label, scale } = keys[key];
      const used = Array.from(new Set(rows.map((row) => (values ? values[row] : level[row])))).filter((x) => x !== null);
      if (!values || used.length <= 8) {
        const order = values ? used.sort((a, b) => a - b) : used.sort((a, b) => a - b);
        const steps = burstnet.steps(theme);
        const ordered = values !== null;
        const colour = (at) => (ordered && order.length > 1 ? steps[Math.round((at * (steps.length - 1)) / (order.length - 1))] : burstnet.distinct(theme, at));
        const places = new Map(order.map((one, at) => [one, at]));
        const name = (one) => (values ? burstnet.setting(one, 3) : levelName(levels[one]));
        return {
          of: (row) => (places.has(values ? values[row] : level[row]) ? colour(places.get(values ? values[row] : level[row])) : theme.other),
          entries: order.slice(0, 12).map((one, at) => [colour(at), `${label} ${name(one)}`]),
        };
      }
      return sweep.shading(theme, (row) => values[row], rows, scale === "log", label);
    },
    // Six steps of a hue over the values of rows.
    shading(theme, value, among, log, label) {
      const steps = burstnet.steps(theme);
      const held = among.map(value).filter((x) => x !== null && Number.isFinite(x) && (!log || x > 0));
      const at = (x) => (log ? Math.log(x) : x);
      const [low, high] = [Math.min(...held), Math.max(...held)];
      const step = (x) => Math.min(steps.length - 1, Math.floor((steps.length * (at(x) / 2 - at(low) / 2)) / (at(high) / 2 - at(low) / 2 || 1)));
      const end = (part) => burstnet.setting(Number((log ? Math.exp(at(low) + part * (at(high) - at(low))) : low + part * (high - low)).toPrecision(2)));
      return {
        of: (row) => {
          const x = value(row);
          return x === null || !Number.isFinite(x) || (log && x <= 0) ? theme.other : steps[Math.max(0, step(x))];
        },
        entries: held.length ? steps.map((colour, part) => [colour, part === 0 ? `${label} ${end(0)} to ${end(1 / steps.length)}` : `to ${end((part + 1) / steps.length)}`]) : [],
      };
    },
    // The limits between which values are no outliers: three times the range of the middle half beyond it.
    inliers(values) {
      const held = values.filter((x) => x !== null).sort((a, b) => a - b);
      if (held.length < 4) return [held[0] ?? 0, held[held.length - 1] ?? 1];
      const [low, high] = [held[Math.floor(held.length / 4)], held[Math.floor((3 * held.length) / 4)]];
      const inside = held.filter((x) => x >= low - 3 * (high - low) && x <= high + 3 * (high - low));
      return [inside[0], inside[inside.length - 1]];
    },
    // Whether values are worth a logarithmic axis by themselves.
    far: (values) => {
      const held = values.filter((x) => x !== null);
      return held.length > 2 && Math.min(...held) > 0 && Math.max(...held) / Math.min(...held) >= 30;
    },
    // The colours of values from the smallest to the largest, by their logarithms or without outliers if asked for: what
    // plotly needs of a trace.
    scaled(values, { log, trimmed }) {
      const [low, high] = trimmed ? sweep.inliers(values) : [-Infinity, Infinity];
      const cut = values.map((x) => (x === null || (log && x <= 0) ? null : Math.min(Math.max(x, low), high)));
      const z = log ? cut.map((x) => (x === null ? null : Math.log10(x))) : cut;
      const held = z.filter((x) => x !== null);
      const ends = held.length ? [Math.min(...held), Math.max(...held)] : [0, 1];
      const ticks = Array.from({ length: 5 }, (none, at) => ends[0] + (at * (ends[1] - ends[0])) / 4);
      return { z, ends, ticks, names: ticks.map((x) => burstnet.number(log ? 10 ** x : x, 2)) };
    },
    // The switches for logarithms and outliers; `changed` is called after each.
    switches(values, state, changed) {
      const held = values.filter((x) => x !== null);
      const parts = [];
      if (held.length && Math.min(...held) > 0) {
        parts.push(burstnet.toggle("Logarithmic", state.log, (on) => {
          state.log = on;
          changed();
        }));
      }
      const [low, high] = sweep.inliers(values);
      if (held.some((x) => x < low || x > high)) {
        parts.push(burstnet.toggle("Without outliers", state.trimmed, (on) => {
          state.trimmed = on;
          changed();
        }));
      }
      return parts;
    },
    axis: data.unit ? `${data.measure} [${data.unit}]` : data.measure,
    // The measure that is shown where the page tells how keys act.
    acting: null,
    act(measure) {
      sweep.acting = measure;
      tell("acting");
    },
    titleOf: ({ name, unit }) => (unit ? `${name} [${unit}]` : name),
    // [mean, number of configurations] of a measure in each of `count` cells, over the shown configurations.
    means(measure, count, cell) {
      const cells = Array.from({ length: count }, () => [0, 0]);
      for (const row of sweep.rows) {
        const held = cells[cell(row)];
        if (!held || measure.mean[row] === null) continue;
        held[1] += 1;
        held[0] += (measure.mean[row] - held[0]) / held[1];
      }
      return cells;
    },
    // The number of the chosen configuration, or null.
    chosen: null,
    // Which rows the ranges keep.
    kept: rows.map(() => true),
    on: (what, listener) => listeners[what].push(listener),
    choose(id) {
      if (id !== null && !rowOf.has(id)) return false;
      sweep.chosen = id;
      tell("chosen");
      return true;
    },
    keep(kept) {
      sweep.kept = kept;
      tell("kept");
    },
    // What a configuration is, on several lines.
    lines(row) {
      const { id, rank, mean, low, high, n, not_ok, subspace = [] } = configurations;
      const interval = low[row] === null ? "" : ` (95 %: ${burstnet.number(low[row])} to ${burstnet.number(high[row])})`;
      const bad = not_ok[row] ? `, ${not_ok[row]} not ok` : "";
      return [
        `configuration ${id[row]}, rank ${rank[row]}`,
        `${data.measure} ${burstnet.number(mean[row])}${data.unit ? ` ${data.unit}` : ""}${interval}`,
        `n = ${n[row]}${bad}`,
        ...(subspace.length ? [`sub-space ${burstnet.short(subspace[row], 40)}`] : []),
        ...keys.slice(0, 12).map(({ label }, at) => `${label} ${burstnet.short(shown(at, row), 40)}`),
      ];
    },
    // Chooses the configuration of a point of a plot that is clicked: its customdata is the number.
    listen(element) {
      element.on("plotly_click", (event) => {
        const id = event.points?.[0]?.customdata;
        if (typeof id === "number") sweep.choose(id);
      });
    },
    // The colours of roles: [number, name, colour, symbol] of the best, the median and the chosen configuration.
    roles(theme) {
      const roles = [
        [data.best, "best", theme.best, "circle"],
        [data.median, "median", theme.median, "square"],
        [sweep.chosen, "chosen", theme.chosen, "diamond"],
      ];
      return roles.filter(([id], at) => id !== null && roles.findLastIndex(([other]) => other === id) === at);
    },
    // What a configuration is called in legends: its number and its roles.
    title(id) {
      const roles = [];
      if (id === data.best) roles.push("best");
      if (id === data.median) roles.push("median");
      if (id === sweep.chosen) roles.push("chosen");
      return roles.length ? `${roles.join(", ")} (${id})` : String(id);
    },
  };
  burstnet.sweep = sweep;

  // What the colours of roles mean, wherever the page has room for it.
  const legend = () => {
    const names = { best: "best", median: "median", chosen: "chosen" };
    for (const place of document.querySelectorAll(".roles")) {
      place.replaceChildren(
        ...sweep.roles(burstnet.theme()).map(([id, role]) =>
          burstnet.element("span", {}, burstnet.element("span", { class: `role ${role}`, "aria-hidden": "true" }), `${names[role]}: configuration ${id}`),
        ),
      );
    }
  };
  sweep.on("chosen", legend);
  legend();
}
