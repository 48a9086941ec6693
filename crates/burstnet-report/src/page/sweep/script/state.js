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

  const listeners = { chosen: [], kept: [] };
  const tell = (what) => listeners[what].forEach((listener) => listener());

  const sweep = {
    data,
    rows,
    rowOf,
    shown,
    levelName,
    axis: data.unit ? `${data.measure} [${data.unit}]` : data.measure,
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
      const { id, rank, mean, low, high, n, not_ok } = configurations;
      const interval = low[row] === null ? "" : ` (95 %: ${burstnet.number(low[row])} to ${burstnet.number(high[row])})`;
      const bad = not_ok[row] ? `, ${not_ok[row]} not ok` : "";
      return [
        `configuration ${id[row]}, rank ${rank[row]}`,
        `${data.measure} ${burstnet.number(mean[row])}${data.unit ? ` ${data.unit}` : ""}${interval}`,
        `n = ${n[row]}${bad}`,
        ...keys.slice(0, 12).map(({ key }, at) => `${key} ${burstnet.short(shown(at, row), 40)}`),
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
