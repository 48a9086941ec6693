"use strict";
// All keys at once: parallel coordinates of SVG lines, with ranges by dragging along an axis or by choosing levels.
{
  const { sweep } = burstnet;
  const { keys, configurations, smaller_is_better: smaller, measure } = sweep.data;
  const plot = document.getElementById("parallel-plot");
  const MOST = 400; // lines; more cannot be told apart
  const FIRST = 6; // keys; the others are drawn if asked for
  const CLASSES = 9; // colours, so that lines of one colour are one trace

  // The axes: the keys, then the measure. Each maps rows to [0, 1].
  const held = sweep.rows.filter((row) => configurations.mean[row] !== null);
  const ABSENT = -0.09; // below the axis: where the key does not exist
  const unit = (values, log) => {
    const at = values.map((x) => (x === null || (log && x <= 0) ? null : log ? Math.log(x) : x));
    const there = held.map((row) => at[row]).filter((x) => x !== null);
    const [low, high] = [Math.min(...there), Math.max(...there)];
    return at.map((x) => (x === null ? ABSENT : high > low ? (x / 2 - low / 2) / (high / 2 - low / 2) : 0.5));
  };
  // The levels of a key without an order; the last one, if no configuration may have it, is that of an absent key.
  const levels = ({ level, levels }) => level.map((at) => (levels[at].label === "–" ? null : at));
  const axes = keys.map((key, number) => ({
    title: key.label,
    at: key.values ? unit(key.values, key.scale === "log") : unit(levels(key), false),
    value: (row) => sweep.shown(number, row),
    brief: (row) => (key.values ? burstnet.setting(key.values[row], keys.length > FIRST ? 2 : 3) : sweep.shown(number, row)),
    sorted: (row) => (key.values ? key.values[row] : key.level[row]),
  }));
  axes.push({ title: sweep.axis, at: unit(configurations.mean, false), value: (row) => burstnet.number(configurations.mean[row]), brief: (row) => burstnet.number(configurations.mean[row], 3), sorted: (row) => configurations.mean[row] });
  const last = axes.length - 1;
  // The axes that are drawn, in their order: the keys that matter most, and the measure; and those that are upside down.
  const shares = new Map(sweep.data.shares);
  const byShare = keys.map((key, number) => number).sort((a, b) => (shares.get(keys[b].key) ?? 0) - (shares.get(keys[a].key) ?? 0));
  const first = byShare.slice(0, FIRST).sort((a, b) => a - b);
  let order = [...first, last];
  const flipped = axes.map(() => false);
  const place = (axis, row) => (flipped[axis] && axes[axis].at[row] !== ABSENT ? 1 - axes[axis].at[row] : axes[axis].at[row]);
  const absent = axes.map((axis) => held.some((row) => axis.at[row] === ABSENT));
  const floor = absent.some(Boolean) ? ABSENT - 0.03 : -0.02;

  // A range per axis, in [0, 1], or null.
  const ranges = axes.map(() => null);
  const keep = () => {
    sweep.keep(sweep.rows.map((row) => ranges.every((range, axis) => !range || (configurations.mean[row] !== null && axes[axis].at[row] >= range[0] - 1e-9 && axes[axis].at[row] <= range[1] + 1e-9))));
  };

  // An even sample of the rows that are drawn, the best and the worst among them.
  const step = Math.max(1, held.length / MOST);
  const drawn = Array.from({ length: Math.min(held.length, MOST) }, (none, at) => held[Math.min(held.length - 1, Math.floor(at * step))]);
  const colours = (theme) => {
    const good = burstnet.goodToBad(theme).slice(0, -2); // the worst would vanish in the paper
    return smaller ? good : good.reverse();
  };
  const classOf = (row) => Math.min(CLASSES - 1, Math.floor(axes[last].at[row] * CLASSES));

  const figure = (theme) => {
    const flat = theme.narrow; // axes go down a phone
    const spread = (lines) => {
      const [along, across] = [[], []];
      for (const row of lines) {
        order.forEach((axis, at) => {
          along.push(at);
          across.push(place(axis, row));
        });
        along.push(null);
        across.push(null);
      }
      return flat ? { x: across, y: along } : { x: along, y: across };
    };
    const line = (rows, colour, width, opacity) => ({ type: "scatter", mode: "lines", ...spread(rows), line: { color: colour, width }, opacity, hoverinfo: "skip" });
    const palette = colours(theme);
    const kept = drawn.filter((row) => sweep.kept[row]);
    // The better, the more it stands out.
    const opacity = (shade) => (kept.length > 60 ? 0.9 - (0.75 * shade) / (CLASSES - 1) : 0.8);
    burstnet.legend(legend, [[palette[0], `${measure} ${burstnet.number(configurations.mean[held[0]], 3)}, the best`], [palette[palette.length - 1], `${burstnet.number(configurations.mean[held[held.length - 1]], 3)}, the worst`]]);
    const data = [line(drawn.filter((row) => !sweep.kept[row]), theme.line, 0.8, 0.5)];
    for (let shade = CLASSES - 1; shade >= 0; shade--) {
      const rows = kept.filter((row) => classOf(row) === (smaller ? shade : CLASSES - 1 - shade));
      const place = smaller ? shade : CLASSES - 1 - shade;
      data.push(line(rows, palette[Math.floor((place * palette.length) / CLASSES)], 1.3, opacity(shade)));
    }
    const chosen = sweep.chosen === null ? undefined : sweep.rowOf.get(sweep.chosen);
    if (chosen !== undefined && configurations.mean[chosen] !== null) data.push(line([chosen], theme.chosen, 3, 1));
    // Points on the axes carry what is hovered and clicked.
    const points = kept.slice(0, MOST);
    const marks = spread(points);
    data.push({
      type: "scatter", mode: "markers", ...marks,
      marker: { size: 7, color: "rgba(0,0,0,0)" },
      customdata: points.flatMap((row) => [...order.map(() => configurations.id[row]), null]),
      text: points.flatMap((row) => [...order.map(() => burstnet.lines(sweep.lines(row))), null]),
      hoverinfo: "text",
    });
    const shapes = order.map((axis, at) => ({ type: "line", [flat ? "y0" : "x0"]: at, [flat ? "y1" : "x1"]: at, [flat ? "x0" : "y0"]: 0, [flat ? "x1" : "y1"]: 1, line: { color: theme.muted, width: 1 }, layer: "below" }));
    order.forEach((axis, at) => {
      const range = flipped[axis] && ranges[axis] ? [1 - ranges[axis][1], 1 - ranges[axis][0]] : ranges[axis];
      if (!range) return;
      const [low, high] = [range[0] - 0.01, range[1] + 0.01];
      shapes.push({ type: "rect", [flat ? "y0" : "x0"]: at - 0.06, [flat ? "y1" : "x1"]: at + 0.06, [flat ? "x0" : "y0"]: low, [flat ? "x1" : "y1"]: high, line: { width: 1, color: theme.chosen }, fillcolor: burstnet.faint(theme.chosen, 0.25) });
    });
    const end = (number, at, side) => {
      const axis = axes[number];
      const rows = held.filter((row) => place(number, row) === side);
      const label = rows.length ? burstnet.plain(axis.brief(rows[0]), flat ? 10 : 12) : "";
      return flat
        ? { x: side, y: at, text: label, showarrow: false, xanchor: side ? "right" : "left", yanchor: "top", yshift: -3, bgcolor: burstnet.faint(theme.paper, 0.8), font: { size: 11, color: theme.muted } }
        : !side && absent[number] // lines go on below
          ? { x: at, y: 0, text: label, showarrow: false, xanchor: "right", xshift: -5, bgcolor: burstnet.faint(theme.paper, 0.8), font: { size: 12, color: theme.muted } }
          : { x: at, y: side, text: label, showarrow: false, yanchor: side ? "bottom" : "top", yshift: side ? 2 : -2, font: { size: 12, color: theme.muted } };
    };
    const title = (axis, at) =>
      flat
        ? { x: 0.5, y: at, text: burstnet.plain(axis.title, 40), showarrow: false, yanchor: "bottom", yshift: 2, bgcolor: burstnet.faint(theme.paper, 0.8), font: { size: 12, color: theme.ink } }
        : { x: at, y: 1, text: burstnet.plain(axis.title.replace(/.*\./, (section) => (order.length > 7 ? "" : section)), 26), showarrow: false, yanchor: "bottom", yshift: 20, font: { size: 12, color: theme.ink }, ...(order.length > 7 ? { textangle: -20, xanchor: "left" } : {}) };
    const none = (at) => ({ [flat ? "y" : "x"]: at, [flat ? "x" : "y"]: ABSENT, text: "–", showarrow: false, yanchor: flat ? "bottom" : "top", yshift: flat ? 2 : -2, font: { size: 12, color: theme.muted } });
    const annotations = order.flatMap((axis, at) => [end(axis, at, 0), end(axis, at, 1), title(axes[axis], at), ...(absent[axis] ? [none(at)] : [])]);
    const fixed = { visible: false, fixedrange: true };
    return {
      data,
      layout: burstnet.layout(theme, {
        height: flat ? 60 + 62 * order.length : 360,
        margin: flat ? { l: 12, r: 12, t: 24, b: 24 } : { l: 60, r: order.length > 7 ? 140 : 70, t: order.length > 7 ? 90 : 52, b: 30 },
        xaxis: { ...fixed, range: flat ? [floor, 1.02] : [-0.12, order.length - 0.88] },
        yaxis: { ...fixed, range: flat ? [order.length - 0.7, -0.3] : [floor, 1.02] },
        dragmode: "select",
        selectdirection: "any",
        activeselection: { fillcolor: theme.chosen, opacity: 0.2 },
        newselection: { line: { color: theme.chosen, width: 1, dash: "solid" } },
        selections: [],
        shapes,
        annotations,
      }),
    };
  };

  const brushed = (event) => {
    if (!event?.range) return;
    const flat = burstnet.theme().narrow;
    const [along, across] = flat ? [event.range.y, event.range.x] : [event.range.x, event.range.y];
    const [from, to] = [Math.min(...along), Math.max(...along)];
    const [low, high] = [Math.min(...across), Math.max(...across)];
    const touched = order.filter((axis, at) => at >= from - 0.2 && at <= to + 0.2);
    for (const axis of touched) ranges[axis] = flipped[axis] ? [Math.max(0, 1 - high), Math.min(1, 1 - low)] : [Math.max(0, low), Math.min(1, high)];
    // Plotly is still busy with its own selection.
    setTimeout(() => changed(burstnet.redrawAnew), 0);
  };

  const controls = document.getElementById("parallel-controls");
  const state = burstnet.element("span", { role: "status" });
  const legend = burstnet.element("p", { class: "roles" });
  const clear = burstnet.element("button", { type: "button", disabled: true, onclick: () => {
    ranges.fill(null);
    changed();
  } }, "Clear ranges");

  const redraw = () => burstnet.redrawAnew(plot);
  // Moves the axis that is chosen by one place.
  const move = (by) => {
    const at = order.indexOf(axis);
    const next = at + by;
    if (at < 0 || next < 0 || next >= order.length) return burstnet.announce("The axis is not drawn, or is the outermost");
    [order[at], order[next]] = [order[next], order[at]];
    redraw();
  };

  // The keyboard's way: an axis, and the ends of its range among the values that there are.
  let axis = 0;
  const fieldset = burstnet.element("fieldset", {}, burstnet.element("legend", { class: "unseen" }, "Keep a range of an axis"));
  const ends = () => {
    const all = new Map(held.slice().sort((x, y) => axes[axis].at[x] - axes[axis].at[y]).map((row) => [axes[axis].at[row], axes[axis].value(row)]));
    const values = Array.from(all);
    const few = values.length <= 40 ? values : Array.from({ length: 40 }, (none, at) => values[Math.round((at * (values.length - 1)) / 39)]);
    const options = few.map(([at, label]) => [at, burstnet.short(label, 24)]);
    const range = ranges[axis] ?? [0, 1];
    const near = (x) => few.reduce((best, [at]) => (Math.abs(at - x) < Math.abs(best - x) ? at : best), few[0][0]);
    const set = (side) => (value) => {
      ranges[axis] = [...(ranges[axis] ?? [0, 1])];
      ranges[axis][side] = Number(value);
      changed();
    };
    fieldset.replaceChildren(
      fieldset.firstChild,
      burstnet.select("Axis", axes.map(({ title }, at) => [at, burstnet.short(title, 40)]), axis, (value) => {
        axis = Number(value);
        ends();
      }),
      burstnet.element("button", { type: "button", "aria-label": "Move left", onclick: () => move(-1) }, "←"),
      burstnet.element("button", { type: "button", "aria-label": "Move right", onclick: () => move(1) }, "→"),
      burstnet.toggle("Upside down", flipped[axis], (on) => {
        flipped[axis] = on;
        redraw();
      }),
      burstnet.select("from", options, near(range[0]), set(0)),
      burstnet.select("to", options, near(range[1]), set(1)),
    );
  };

  const describe = () => {
    const kept = held.filter((row) => sweep.kept[row]);
    const best = kept[0];
    const text = best === undefined ? "no configuration is in all ranges" : `${kept.length} of ${held.length} configurations kept, the best of them ${configurations.id[best]} with ${measure} ${burstnet.number(configurations.mean[best])}`;
    state.textContent = text;
    plot.setAttribute("aria-label", `Parallel coordinates over ${axes.map(({ title }) => title).join(", ")}: ${text}.`);
  };
  const changed = (redraw = burstnet.redraw) => {
    clear.disabled = ranges.every((range) => !range);
    keep();
    ends();
    describe();
    redraw(plot);
  };

  if (plot) {
    describe();
    ends();
    if (keys.length > FIRST) {
      const options = [["first", `the ${FIRST} that matter most`], ["all", `all ${keys.length}`]];
      controls.append(burstnet.select("Keys", options, "first", (value) => {
        order = value === "all" ? axes.map((none, at) => at) : [...first, last];
        redraw();
      }));
    }
    controls.append(fieldset, clear, state);
    plot.before(legend);
    burstnet.plot(plot, figure, (element) => {
      sweep.listen(element);
      element.on("plotly_selected", brushed);
    });
    sweep.on("chosen", () => burstnet.redraw(plot));
  }
}
