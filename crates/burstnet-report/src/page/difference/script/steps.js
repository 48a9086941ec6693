"use strict";
// Targets, outputs and hidden units: both trials over each other, over the steps of the first shown sequence.
{
  const [a, b] = pair.sides;
  const choice = { pass: (pair.passes.find(([key]) => key === "test") ?? pair.passes[0] ?? ["first"])[0] };
  const figure = (theme, traces, unit) => ({
    data: traces.map(({ line, name, style }) => ({
      ...line, type: "scatter", mode: "lines", connectgaps: false, line: style, hovertemplate: `${name} %{y:.4f}, step %{x}<extra></extra>`,
    })),
    layout: burstnet.layout(theme, {
      height: 200, margin: { l: 64, r: 12, t: 10, b: 46 },
      xaxis: burstnet.axis(theme, "step of the sequence", { showgrid: false }),
      yaxis: burstnet.axis(theme, unit, { nticks: 4 }),
    }),
  });
  const plots = [];
  const redraw = () => plots.forEach(burstnet.redraw);

  const shared = a.recording.scope.outputs.filter((unit) => b.recording.scope.outputs.includes(unit));
  for (const unit of shared) {
    const traces = (theme) => pair.sides.flatMap((side, i) => {
      const showing = pair.showing(side, choice.pass);
      if (!showing) return [];
      const k = side.recording.scope.outputs.indexOf(unit);
      const target = { line: pair.line(side, showing.target[k]), name: "target", style: { color: burstnet.faint(theme.median, 0.5), width: 4 } };
      const output = { line: pair.line(side, showing.output[k]), name: side.name, style: { color: pair.colour(theme, i), width: 1.3 } };
      return i === 0 ? [target, output] : [output];
    });
    const label = `Target and output of output unit ${unit} in both trials, over the steps of a sequence.`;
    plots.push(pair.plot(document.getElementById("output-plots"), `Output unit ${unit}`, label, (theme) => figure(theme, traces(theme), "events/step")));
  }
  document.getElementById("steps-controls").append(burstnet.select("Pass", pair.passes, choice.pass, (pass) => {
    choice.pass = pass;
    redraw();
  }));

  // Units that were recorded of both.
  const layers = a.recording.scope.units.map((units, m) => units.filter((unit) => (b.recording.scope.units[m] ?? []).includes(unit)));
  const kept = layers.findIndex((units) => units.length);
  const controls = document.getElementById("unit-controls");
  if (kept < 0) {
    controls.append(burstnet.element("p", { class: "note" }, "No hidden unit was recorded of both."));
  } else {
    const first = pair.difference.quantities.find(({ name, parts }) => parts && name.startsWith(`hidden${kept}_`));
    const wanted = first && layers[kept].includes(first.parts.unit) ? first.parts.unit : layers[kept][0];
    Object.assign(choice, { layer: kept, unit: wanted });
    const unitChoice = burstnet.element("span");
    const offer = () => unitChoice.replaceChildren(burstnet.select("Unit", layers[choice.layer].map((unit) => [unit, String(unit)]), choice.unit, (unit) => {
      choice.unit = Number(unit);
      redraw();
    }));
    const named = layers.flatMap((units, m) => (units.length ? [[m, String(m)]] : []));
    controls.append(burstnet.select("Hidden layer", named, kept, (layer) => {
      choice.layer = Number(layer);
      choice.unit = layers[choice.layer][0];
      offer();
      redraw();
    }), unitChoice);
    offer();
    for (const [quantity, title, unit] of [["event_rate", "Event rate", "events/step"], ["burst_probability", "Burst probability", ""], ["burst_rate", "Burst rate", "bursts/step"]]) {
      const traces = (theme) => pair.sides.flatMap((side, i) => {
        const showing = pair.showing(side, choice.pass);
        const index = side.recording.scope.units[choice.layer].indexOf(choice.unit);
        if (!showing || !showing.hidden.length || index < 0) return [];
        return [{ line: pair.unit(side, showing, choice.layer, quantity, index), name: side.name, style: { color: pair.colour(theme, i), width: 1.3 } }];
      });
      const label = `${title} of one hidden unit in both trials, over the steps of a sequence.`;
      plots.push(pair.plot(document.getElementById("unit-plots"), title, label, (theme) => figure(theme, traces(theme), unit)));
    }
  }
}
