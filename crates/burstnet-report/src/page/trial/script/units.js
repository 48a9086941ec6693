"use strict";
// One hidden unit in detail, and all shown ones in a table.
if (trial.scope.units.length) {
  const { scope, view, choice, quantities } = trial;
  const stretch = scope.picture_stretch;
  // The unit that does most: whose burst probability or else event rate changes most in the last pass that is shown.
  const liveliest = () => {
    const units = scope.units[choice.layer];
    const pass = trial.passes().at(-1);
    if (!pass) return units[0];
    const spread = (quantity, at) => trial.sd(trial.activity(pass.showing, choice.layer, quantity)(at)) || 0;
    const scores = units.map((one, at) => [spread("burst_probability", at), spread("event_rate", at), one]);
    return scores.reduce((best, one) => (one[0] > best[0] || (one[0] === best[0] && one[1] > best[1]) ? one : best), scores[0])[2];
  };
  let unit = liveliest();

  const index = () => scope.units[choice.layer].indexOf(unit);
  const style = (theme) => ({
    event_rate: { color: theme.median, width: 1.6 },
    burst_probability: { color: theme.chosen, width: 1.6 },
    burst_rate: { color: theme.best, width: 1.6 },
  });

  const figure = (theme) => {
    const passes = index() < 0 ? [] : trial.passes();
    const panels = Math.max(1, passes.length);
    const domains = trial.stacked(panels, 110);
    const [data, layout] = [[], { shapes: [], annotations: [] }];
    passes.forEach(({ name, showing }, i) => {
      const axis = i === 0 ? "" : i + 1;
      for (const [quantity, title] of quantities) {
        const [x, y] = [[], []];
        trial.activity(showing, choice.layer, quantity)(index()).forEach((value, column) => {
          const step = stretch === 1 ? column : (column + 0.5) * stretch;
          if (step < view.from || step >= view.to) return;
          x.push(step);
          y.push(value);
        });
        data.push({
          x, y, type: "scatter", mode: "lines", line: style(theme)[quantity], xaxis: `x${axis}`, yaxis: `y${axis}`,
          hovertemplate: `${title.toLowerCase()} %{y:.4f}, step %{x}<extra></extra>`,
        });
      }
      data.push(trial.taughtMarks(theme, showing, axis, -0.06));
      const end = trial.endOf(theme, showing, axis);
      layout.shapes.push(...end.shapes);
      layout.annotations.push(trial.heading(theme, axis, `<b>${name}</b>`), ...end.annotations);
      const last = i === passes.length - 1;
      layout[`xaxis${axis}`] = burstnet.axis(theme, last ? "step of the sequence" : "", {
        range: [view.from, view.to], anchor: `y${axis}`, showgrid: false, showticklabels: last, ...(i > 0 ? { matches: "x" } : {}),
      });
      layout[`yaxis${axis}`] = burstnet.axis(theme, "", {
        range: [-0.1, 1.02], domain: domains[i], anchor: `x${axis}`, tickvals: [0, 0.5, 1], showgrid: false, automargin: false,
      });
    });
    return { data, layout: burstnet.layout(theme, { height: 72 + panels * 110 + 26 * (panels - 1), margin: { l: 44, r: 12, t: 26, b: 46 }, ...layout }) };
  };

  const controls = document.getElementById("unit-controls");
  const place = document.getElementById("unit-plot");
  const keys = burstnet.element("div", { class: "keys" });
  place.append(keys);
  trial.keys(keys, [["rate", "event rate"], ["taught-line", "burst probability"], ["output", "burst rate"], ["taught", "taught step"]]);
  const plot = trial.place(place);
  const label = () => plot.setAttribute("aria-label", `Event rate, burst probability and burst rate of unit ${unit} of hidden layer ${choice.layer} over the steps of a sequence.`);
  const show = () => {
    label();
    burstnet.redraw(plot);
  };
  const fill = () => {
    const units = scope.units[choice.layer];
    if (!units.includes(unit)) unit = liveliest();
    controls.replaceChildren(burstnet.select("Unit", units.map((one) => [one, one]), unit, (one) => {
      unit = Number(one);
      show();
    }));
    controls.append(burstnet.element("span", { class: "note" }, "A row above that is clicked is shown here."));
  };

  const rows = () => trial.rows().flatMap((index) => trial.passes().map(({ name, showing }) => {
    const of = (quantity) => trial.activity(showing, choice.layer, quantity)(index);
    return { unit: scope.units[choice.layer][index], name, of };
  }));
  const column = (title, quantity, statistic) => ({ title, value: (row) => statistic(row.of(quantity)) });
  const table = burstnet.table({
    caption: "Activity of the shown units over the shown sequence: means, and the standard deviation of the burst probability over time",
    columns: [
      { title: "Unit", value: (row) => row.unit },
      { title: "Pass", value: (row) => row.name, left: true },
      column("Event rate", "event_rate", trial.mean),
      column("Burst probability", "burst_probability", trial.mean),
      column("± over time", "burst_probability", trial.sd),
      column("Burst rate", "burst_rate", trial.mean),
    ],
    rows: rows(),
  });
  document.getElementById("activity-table").append(table);

  trial.unitsChanged = () => {
    fill();
    show();
    table.refill(rows());
  };
  trial.chooseUnit = (one) => {
    unit = one;
    fill();
    show();
    burstnet.announce(`Unit ${unit} is shown`);
  };
  fill();
  label();
  burstnet.plot(plot, figure);
}
