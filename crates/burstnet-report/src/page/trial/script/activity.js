"use strict";
// Hidden units: event rate, burst probability and burst rate, a row per unit and a column per stretch of steps.
if (trial.scope.units.length) {
  const { scope, view } = trial;
  const stretch = scope.picture_stretch;
  const quantities = [
    ["event_rate", "Event rate", "events/step"],
    ["burst_probability", "Burst probability", ""],
    ["burst_rate", "Burst rate", "bursts/step"],
  ];
  trial.quantities = quantities;
  // What is chosen: the layer, the units (none: all that were recorded), and their order.
  const choice = { layer: 0, units: null, order: "number", centred: false };
  trial.choice = choice;

  const decoded = new Map();
  // All units of a quantity in a showing: {rows(unit index), columns}.
  trial.activity = (showing, layer, quantity) => {
    const text = showing.hidden[layer][quantity];
    if (!decoded.has(text)) decoded.set(text, trial.fractions(text));
    const all = decoded.get(text);
    const columns = Math.ceil(showing.steps / stretch);
    return (index) => all.subarray(index * columns, (index + 1) * columns);
  };

  const mean = (values) => values.reduce((sum, x) => sum + x, 0) / values.length;
  trial.mean = mean;
  trial.sd = (values) => {
    const centre = mean(values);
    return Math.sqrt(values.reduce((sum, x) => sum + (x - centre) ** 2, 0) / values.length);
  };
  const peak = (values) => values.reduce((best, x, i) => (x > values[best] ? i : best), 0);

  // Indices into the recorded units of the layer, chosen and in order. Orders look at the last pass there is.
  trial.rows = () => {
    const units = scope.units[choice.layer];
    const rows = units.map((_, index) => index).filter((index) => !choice.units || choice.units.has(units[index]));
    const last = trial.passes().at(-1);
    if (choice.order === "number" || !last) return rows;
    const peaks = trial.activity(last.showing, choice.layer, "event_rate");
    const probabilities = trial.activity(last.showing, choice.layer, "burst_probability");
    const key = choice.order === "peak" ? (index) => peak(peaks(index)) : (index) => -trial.sd(probabilities(index));
    const keyed = rows.map((index) => [key(index), index]);
    return keyed.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, index]) => index);
  };

  // The columns in view, as many as fit into `most`: steps, and a function from a unit's columns to means.
  const columns = (showing, most) => {
    const from = Math.floor(view.from / stretch);
    const to = Math.min(Math.ceil(view.to / stretch), Math.ceil(showing.steps / stretch));
    const merged = Math.max(1, Math.ceil((to - from) / most));
    const starts = [];
    for (let column = from; column < to; column += merged) starts.push(column);
    return {
      steps: starts.map((start) => (start + Math.min(start + merged, to)) / 2 * stretch - 0.5),
      merged: merged * stretch,
      take: (values) => starts.map((start) => mean(values.subarray(start, Math.min(start + merged, to)))),
    };
  };

  const figure = (theme, width, [quantity, title, unit]) => {
    const passes = trial.passes();
    const units = scope.units[choice.layer];
    const rows = trial.rows();
    const names = rows.map((index) => String(units[index]));
    const across = theme.narrow ? 1 : passes.length;
    const gap = 0.035;
    const wide = (1 - gap * (across - 1)) / across;
    const height = Math.min(260, Math.max(90, names.length * 6));
    const domains = trial.stacked(theme.narrow ? passes.length : 1, height);
    const data = [];
    const layout = { annotations: [], shapes: [] };
    const all = [];
    passes.forEach(({ name, showing }, i) => {
      const axis = i === 0 ? "" : i + 1;
      const [column, row] = theme.narrow ? [0, i] : [i, 0];
      const cells = columns(showing, Math.max(60, Math.round((width - 138) / across)));
      const values = trial.activity(showing, choice.layer, quantity);
      const own = (index) => (choice.centred ? trial.quantile(values(index), 0.5) : 0);
      const z = rows.map((index) => cells.take(values(index)).map((x) => x - own(index)));
      all.push(...z.flat());
      const steps = cells.merged > 1 ? `about step %{x:.0f} (mean of ${cells.merged})` : "step %{x}";
      data.push({
        type: "heatmap", z, x: cells.steps, y: names, xaxis: `x${axis}`, yaxis: `y${axis}`, coloraxis: "coloraxis", hoverongaps: false,
        hovertemplate: `unit %{y}, ${steps}<br>${title.toLowerCase()}${choice.centred ? " minus median" : ""} %{z:.4f}<extra></extra>`,
      });
      const end = trial.endOf(theme, showing, axis);
      layout.shapes.push(...end.shapes);
      layout.annotations.push(trial.heading(theme, axis, `<b>${name}</b>`), ...end.annotations);
      layout[`xaxis${axis}`] = burstnet.axis(theme, row === domains.length - 1 ? "step of the sequence" : "", {
        range: [view.from, view.to], domain: [column * (wide + gap), column * (wide + gap) + wide], anchor: `y${axis}`, showgrid: false, nticks: 5,
        showticklabels: row === domains.length - 1,
      });
      layout[`yaxis${axis}`] = burstnet.axis(theme, column === 0 ? "unit" : "", {
        type: "category", categoryorder: "array", categoryarray: names, range: [names.length - 0.5, -0.5], domain: domains[row], anchor: `x${axis}`,
        showgrid: false, showticklabels: column === 0, nticks: theme.narrow ? 6 : 9, automargin: column === 0,
      });
    });
    // Units start at rest; these few steps and other rare ones do not widen the scale.
    let [low, high] = [trial.quantile(all, 0.005) ?? 0, trial.quantile(all, 0.995) ?? 1];
    if (choice.centred) [low, high] = [-Math.max(-low, high), Math.max(-low, high)];
    if (!(low < high)) [low, high] = [low - 1e-6, high + 1e-6];
    layout.coloraxis = {
      colorscale: choice.centred ? trial.diverging(theme) : trial.colours, cmin: low, cmax: high,
      colorbar: { thickness: 10, outlinewidth: 0, len: 1, x: 1.015, xanchor: "left", xpad: 0, tickfont: { size: 12, color: theme.muted }, nticks: 5, title: { text: unit, side: "right", font: { size: 12, color: theme.muted } } },
    };
    return {
      data,
      layout: burstnet.layout(theme, { height: 72 + height * domains.length + 26 * (domains.length - 1), margin: { l: 54, r: 84, t: 26, b: 46, autoexpand: false }, ...layout }),
    };
  };

  const parent = document.getElementById("activity-plots");
  const plots = quantities.map((quantity) => {
    const plot = trial.place(parent, `${quantity[1]}${quantity[2] ? ` (${quantity[2]})` : ""}`);
    return [plot, quantity];
  });
  const label = (plot, [, title]) => {
    const passes = trial.passes().map(({ name }) => name.toLowerCase()).join(", ");
    plot.setAttribute("aria-label", `${title} of ${trial.rows().length} units of hidden layer ${choice.layer} over the steps of a sequence: ${passes}. The table below has means and standard deviations.`);
  };
  const redraw = () => {
    for (const [plot, quantity] of plots) {
      label(plot, quantity);
      burstnet.redraw(plot);
    }
    trial.unitsChanged();
  };
  // Set by the part that shows one unit.
  trial.unitsChanged = () => {};
  trial.chooseUnit = () => {};
  for (const [plot, quantity] of plots) {
    label(plot, quantity);
    burstnet.plot(plot, (theme, width) => figure(theme, width, quantity), (element) => {
      element.on("plotly_click", ({ points }) => trial.chooseUnit(Number(points[0].y)));
    });
  }
  trial.onView(redraw);

  const controls = document.getElementById("activity-controls");
  if (scope.units.length > 1) {
    const layers = scope.units.map((units, m) => [m, `${m} (${units.length} of ${scope.layers[m + 1]} units)`]);
    controls.append(burstnet.select("Hidden layer", layers, 0, (layer) => {
      Object.assign(choice, { layer: Number(layer), units: null });
      wanted.value = "";
      redraw();
    }));
  }
  const orders = [["number", "number"], ["peak", "time of the largest event rate"], ["spread", "spread of the burst probability"]];
  controls.append(burstnet.select("Order by", orders, choice.order, (order) => {
    choice.order = order;
    redraw();
  }));

  controls.append(burstnet.toggle("Difference from each unit’s median", false, (centred) => {
    choice.centred = centred;
    redraw();
  }));

  // Units by number, like 0,3,10-19; none of them recorded, or no numbers: an explanation.
  const read = (text) => {
    const units = new Set();
    for (const part of text.split(",").map((part) => part.trim()).filter(Boolean)) {
      const match = /^(\d+)(?:\s*-\s*(\d+))?$/.exec(part);
      if (!match) return `“${burstnet.short(part, 12)}” is no unit; expected numbers like 0,3,10-19`;
      const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
      for (const unit of scope.units[choice.layer]) if (unit >= first && unit <= last) units.add(unit);
    }
    return units.size ? units : "None of these units was recorded; choose others with --units";
  };
  const problem = burstnet.element("span", { class: "bad", id: "units-problem", role: "status" });
  const wanted = burstnet.element("input", { type: "text", id: "units", placeholder: "all", size: 14, "aria-describedby": "units-problem", onchange: () => {
    const units = wanted.value.trim() ? read(wanted.value) : null;
    const valid = typeof units !== "string";
    wanted.setAttribute("aria-invalid", String(!valid));
    problem.textContent = valid ? "" : units;
    if (!valid) return;
    choice.units = units;
    redraw();
  } });
  controls.append(burstnet.element("label", {}, "Units", wanted), problem);
}
