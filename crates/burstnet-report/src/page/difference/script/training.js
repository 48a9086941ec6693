"use strict";
// Over the training: how the difference grows, losses, and the weights at the end.
{
  const [a, b] = pair.sides;
  const { quantities } = pair.difference;
  const parted = quantities.filter(({ parts }) => parts);
  const isWeight = ({ name }) => /^[WbY]_/.test(name);
  const shown = { weights: false };

  const growth = document.getElementById("growth-plot");
  if (parted.length) {
    const drawn = () => parted.filter((one) => isWeight(one) === shown.weights).slice(0, 24);
    const points = ({ growth }, weights) => growth.training.map(({ mean }, i) => [(i * growth.epochs_per_bin) + (weights ? 0 : 1), mean]).filter(([, mean]) => mean > 0);
    const figure = (theme) => ({
      data: drawn().map((one, i) => {
        const held = points(one, shown.weights);
        return {
          x: held.map(([epoch]) => epoch), y: held.map(([, mean]) => mean), name: burstnet.plain(one.name), type: "scatter", mode: held.length > 40 ? "lines" : "lines+markers",
          line: { color: burstnet.distinct(theme, i), width: 1.8, dash: i < 8 ? "solid" : "dot" }, marker: { size: 5 },
          hovertemplate: `${burstnet.plain(one.name)} %{y:.3g} in epoch %{x}<extra></extra>`,
        };
      }),
      layout: burstnet.layout(theme, {
        height: 380, margin: { l: 72, r: 12, t: 10, b: 46 }, showlegend: true, legend: { orientation: "h", y: -0.2, font: { size: 12, color: theme.ink } },
        xaxis: burstnet.axis(theme, "epochs", { showgrid: false }),
        yaxis: burstnet.axis(theme, "mean |B − A|", burstnet.logAxis(drawn().flatMap((one) => points(one, shown.weights).map(([, mean]) => mean)))),
      }),
    });
    const plot = burstnet.element("div", { class: "plot", "aria-label": "The mean absolute difference of each quantity by epoch. The table below has the same." });
    growth.append(plot);
    burstnet.plot(plot, figure);
    if (parted.some(isWeight)) {
      document.getElementById("growth-controls").append(burstnet.toggle("Weights", false, (on) => {
        shown.weights = on;
        burstnet.redraw(plot);
      }));
    }
  }
  const ends = ({ growth }) => growth.training.filter(({ mean }) => mean !== null);
  document.getElementById("growth-table").append(burstnet.table({
    caption: "Mean absolute difference of each quantity",
    columns: [
      { title: "Quantity", value: (one) => one.name, left: true },
      { title: "Parts at step", value: (one) => one.parts?.steps[0] ?? null },
      { title: "Unit", value: (one) => one.parts?.unit ?? null },
      { title: "In the first epochs", value: (one) => ends(one)[0]?.mean ?? null },
      { title: "In the last", value: (one) => ends(one).at(-1)?.mean ?? null },
      { title: "Test pass", value: (one) => one.growth.test.mean },
      { title: "Generation pass", value: (one) => one.growth.generation.mean },
    ],
    rows: quantities,
  }));

  // Losses: the output layer first.
  const layers = Math.max(a.curves.length, b.curves.length);
  for (let layer = layers - 1; layer >= 0 && layers - layer <= 24; layer--) {
    const held = pair.sides.map(({ curves }) => curves[layer]).filter((curve) => curve?.loss.some((x) => x !== null));
    if (!held.length) continue;
    const all = held.flatMap(({ loss }) => loss).filter((x) => x !== null);
    const figure = (theme) => ({
      data: pair.sides.flatMap((side, i) => (side.curves[layer] ? [{
        x: side.curves[layer].step.map((s) => s + 1), y: side.curves[layer].loss, type: "scatter", mode: "lines", connectgaps: false,
        line: { color: pair.colour(theme, i), width: 1.6 }, hovertemplate: `${side.name} %{y:.4g} after %{x} steps<extra></extra>`,
      }] : [])),
      layout: burstnet.layout(theme, {
        height: 250, margin: { l: 64, r: 12, t: 12, b: 46 },
        xaxis: burstnet.axis(theme, "training step", { rangemode: "tozero", showgrid: false, nticks: 5, tickformat: "," }),
        yaxis: burstnet.axis(theme, "loss", all.every((x) => x > 0) ? burstnet.logAxis(all) : { rangemode: "tozero" }),
      }),
    });
    const box = burstnet.element("div");
    document.getElementById("curve-plots").append(box);
    pair.plot(box, layer === layers - 1 ? "Output layer" : `Hidden layer ${layer}`, `Loss of weight layer ${layer} in both trials over the training.`, figure);
  }

  // Weights at the end, where both have the same matrix.
  const diverging = (theme) => (theme.dark
    ? [[0, "#9ecbff"], [0.25, "#3b79b8"], [0.5, "#15171b"], [0.75, "#b4532f"], [1, "#ffc09f"]]
    : [[0, "#053061"], [0.25, "#4a93c3"], [0.5, "#ffffff"], [0.75, "#d6604d"], [1, "#67001f"]]);
  const same = (one, other) => other && one.shape.join() === other.shape.join() && one.block.join() === other.block.join();
  for (const one of a.recording.weights.slice(0, 8)) {
    const other = b.recording.weights.find(({ name }) => name === one.name);
    if (!same(one, other)) continue;
    const [first, second] = [one, other].map(({ last }) => pair.shades(last.picture));
    const columns = Math.ceil(one.shape[1] / one.block[1]);
    const rows = (cells) => Array.from({ length: cells.length / columns }, (_, r) => Array.from(cells.subarray(r * columns, (r + 1) * columns)));
    const change = second.map((x, i) => x - first[i]);
    const most = (cells) => cells.reduce((most, x) => (Math.abs(x) > most ? Math.abs(x) : most), 0);
    const both = Math.max(most(first), most(second)) || 1;
    const panels = [["A", first, both], ["B", second, both], ["B − A", change, most(change) || 1]];
    const figure = (theme) => {
      const layout = { annotations: [] };
      const data = panels.map(([name, cells, scale], i) => {
        const axis = i === 0 ? "" : i + 1;
        const [x, y] = theme.narrow ? [[0, 1], [1 - (i + 1) * 0.34 + 0.06, 1 - i * 0.34]] : [[i * 0.345, i * 0.345 + 0.31], [0, 1]];
        layout[`xaxis${axis}`] = burstnet.axis(theme, "", { domain: x, anchor: `y${axis}`, showgrid: false, nticks: 5 });
        layout[`yaxis${axis}`] = burstnet.axis(theme, "", { domain: y.map((at) => Math.max(0, at)), anchor: `x${axis}`, showgrid: false, nticks: 5, autorange: "reversed" });
        layout.annotations.push({
          xref: `x${axis} domain`, yref: `y${axis} domain`, x: 0, y: 1, xanchor: "left", yanchor: "bottom", showarrow: false,
          text: `<b>${name}</b>  ±${burstnet.number(scale, 2)}`, font: { size: 13, color: theme.ink },
        });
        return {
          type: "heatmap", z: rows(cells), dx: one.block[1], dy: one.block[0], x0: 0, y0: 0, xaxis: `x${axis}`, yaxis: `y${axis}`, colorscale: diverging(theme), zmin: -scale, zmax: scale,
          showscale: false, hoverongaps: false, hovertemplate: "row %{y}, column %{x}<br>%{z:.4f}<extra></extra>",
        };
      });
      return { data, layout: burstnet.layout(theme, { height: theme.narrow ? 640 : 280, margin: { l: 52, r: 12, t: 28, b: 40 }, ...layout }) };
    };
    pair.plot(document.getElementById("weight-plots"), one.name, `Weights ${one.name} at the end in both trials, and their difference.`, figure);
  }
}
