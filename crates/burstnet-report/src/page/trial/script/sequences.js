"use strict";
// Targets and outputs: the shown passes of each output unit above each other, and the generation pass.
{
  const { recording, scope, view } = trial;
  const stretch = scope.line_stretch;
  const at = (i) => (stretch === 1 ? i : (Math.floor(i / 2) + (i % 2 ? 0.75 : 0.25)) * stretch);

  const line = (values, axis, name, style) => {
    const [x, y] = [[], []];
    values.forEach((value, i) => {
      const step = at(i);
      if (step < view.from || step >= view.to) return;
      x.push(step);
      y.push(value);
    });
    return {
      x, y, name, type: "scatter", mode: "lines", line: style, xaxis: `x${axis}`, yaxis: `y${axis}`, connectgaps: false,
      hovertemplate: `${name} %{y:.4f}, step %{x}<extra></extra>`,
    };
  };

  // The moment at which bursts replace events, and the part after it.
  const mark = (theme, layout, axis) => {
    const from = scope.generate_from;
    if (from >= view.to) return;
    const [x, y] = [`x${axis}`, `y${axis} domain`];
    const start = Math.max(from, view.from);
    layout.shapes.push(
      { type: "rect", layer: "below", xref: x, yref: y, x0: start, x1: view.to, y0: 0, y1: 1, line: { width: 0 }, fillcolor: burstnet.faint(theme.chosen, 0.1) },
    );
    if (from < view.from) return;
    layout.shapes.push({ type: "line", xref: x, yref: y, x0: from, x1: from, y0: 0, y1: 1, line: { color: theme.chosen, width: 1.5 } });
    layout.annotations.push({
      xref: x, yref: y, x: from, y: 0.99, xanchor: "left", yanchor: "top", showarrow: false, font: { size: 12, color: theme.chosen },
      text: theme.narrow ? " bursts for events" : " bursts replace events from here",
    });
  };

  const panels = (theme, shown, k) => {
    const height = theme.narrow ? 100 : 122;
    const domains = trial.stacked(shown.length, height);
    const figure = { data: [], layout: { shapes: [], annotations: [] } };
    shown.forEach(({ name, showing }, i) => {
      const axis = i === 0 ? "" : i + 1;
      figure.data.push(
        line(trial.floats(showing.target[k]), axis, "target", { color: burstnet.faint(theme.median, 0.55), width: 4 }),
        line(trial.floats(showing.output[k]), axis, "output", { color: theme.best, width: 1.3 }),
        trial.taughtMarks(theme, showing, axis, -0.06),
      );
      const end = trial.endOf(theme, showing, axis);
      const error = burstnet.number(showing.mean_abs_error[k], 3);
      const taught = showing.taught_steps ? `, ${showing.taught_steps} of ${showing.steps} steps taught` : "";
      figure.layout.shapes.push(...end.shapes);
      if (name === "Generation pass") mark(theme, figure.layout, axis);
      figure.layout.annotations.push(trial.heading(theme, axis, `<b>${name}</b>  ${theme.narrow ? "|error|" : "mean |target − output|"} ${error}${theme.narrow ? "" : taught}`), ...end.annotations);
      const last = i === shown.length - 1;
      figure.layout[`xaxis${axis}`] = burstnet.axis(theme, last ? "step of the sequence" : "", {
        range: [view.from, view.to], anchor: `y${axis}`, showgrid: false, showticklabels: last,
        ...(i > 0 ? { matches: "x" } : {}),
      });
      figure.layout[`yaxis${axis}`] = burstnet.axis(theme, "events/step", {
        range: [-0.1, 1.02], domain: domains[i], anchor: `x${axis}`, tickvals: [0, 0.5, 1], showgrid: false, automargin: false,
      });
    });
    figure.layout = burstnet.layout(theme, {
      height: 72 + shown.length * height + 26 * (shown.length - 1), margin: { l: 58, r: 12, t: 26, b: 46 }, ...figure.layout,
    });
    return figure;
  };

  const statement = (unit, k, shown) => {
    const parts = shown.map(({ name, showing }) => `${burstnet.number(showing.mean_abs_error[k], 3)} in the ${name.toLowerCase()}`);
    return `Output unit ${unit}: target and output over the steps of a sequence. Mean absolute difference ${parts.join(", ")} events per step.`;
  };

  // A plot per output unit, of the passes that `passes()` gives.
  const draw = (parent, passes) => {
    const plots = scope.outputs.map((unit, k) => {
      const plot = trial.place(parent, `Output unit ${unit}`);
      const label = () => plot.setAttribute("aria-label", statement(unit, k, passes()));
      label();
      burstnet.plot(plot, (theme) => panels(theme, passes(), k));
      return [plot, label];
    });
    trial.onView(() => {
      for (const [plot, label] of plots) {
        label();
        burstnet.redraw(plot);
      }
    });
  };

  const controls = document.getElementById("window");
  const say = (text) => burstnet.announce(text);
  if (scope.shown.length > 1) {
    const name = ({ class: number, training }) => (number === null ? `sequence ${training}` : `class ${number}`);
    controls.append(
      burstnet.select("Sequence", scope.shown.map((shown, i) => [i, name(shown)]), view.sequence, (i) => trial.look({ sequence: Number(i) })),
    );
  }
  const number = (label, value, changed) => {
    const input = burstnet.element("input", { type: "number", min: 0, max: scope.steps, value, onchange: () => changed(input) });
    controls.append(burstnet.element("label", {}, label, input));
    return input;
  };
  const set = () => {
    const [low, high] = [Number(from.value), Number(to.value)];
    const valid = Number.isInteger(low) && Number.isInteger(high) && low >= 0 && high <= scope.steps && low < high;
    for (const input of [from, to]) input.setAttribute("aria-invalid", String(!valid));
    if (!valid) return say(`Expected steps from 0 to ${scope.steps}, the first before the second`);
    trial.look({ from: low, to: high });
    say(`Steps ${low} to ${high} are shown`);
  };
  const from = number("Steps from", view.from, set);
  const to = number("to", view.to, set);
  const whole = () => {
    [from.value, to.value] = [0, scope.steps];
    set();
  };
  controls.append(burstnet.element("button", { type: "button", onclick: whole }, "All steps"));
  if (recording.last.some(Boolean)) controls.append(burstnet.toggle("Last epoch too", view.last, (last) => trial.look({ last })));

  trial.keys(document.getElementById("output-keys"), [
    ["target", "target"], ["output", "output, the unit’s event rate"], ["taught", "taught step"],
  ]);
  draw(document.getElementById("output-plots"), () => trial.passes(view.last));
  const generation = document.getElementById("generation-plots");
  if (generation) draw(generation, () => [{ name: "Generation pass", showing: recording.generation[view.sequence] }].filter(({ showing }) => showing));

  const rows = () => scope.outputs.flatMap((unit, k) => [
    ...trial.passes(),
    ...[recording.generation[view.sequence]].filter(Boolean).map((showing) => ({ name: "Generation pass", showing })),
  ].map(({ name, showing }) => ({ unit, name, showing, error: showing.mean_abs_error[k] })));
  const table = burstnet.table({
    caption: "Mean absolute difference of target and output over the shown sequence, in events/step",
    columns: [
      { title: "Output unit", value: (row) => row.unit },
      { title: "Pass", value: (row) => row.name, left: true },
      { title: "Steps", value: (row) => row.showing.steps },
      { title: "Taught", value: (row) => row.showing.taught_steps },
      { title: "Mean |target − output|", value: (row) => row.error },
    ],
    rows: rows(),
  });
  document.getElementById("output-table").append(table);
  trial.onView(() => table.refill(rows()));
}
