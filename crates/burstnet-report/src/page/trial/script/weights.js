"use strict";
// Weights as pictures: at the start, at the end, and what changed.
{
  const { recording, scope } = trial;
  const hidden = scope.layers.length - 2;
  const layer = (m) => (m === hidden ? "output layer" : `hidden layer ${m}`);
  const title = (one) => {
    const [kind, m] = one.name.split("_");
    const number = Number(m);
    const name = `${kind}${String(number).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit])}`;
    if (kind === "Y") return `${name}, turned: feedback from the output layer to ${layer(number)}`;
    return `${name}: from ${number === 0 ? "the input" : layer(number - 1)} to ${number === hidden ? "the output layer" : layer(number)}`;
  };

  // Where colours are full: so that single large weights leave the others visible.
  const full = (...pictures) => {
    const sizes = pictures.flatMap((picture) => Array.from(trial.shades(picture), Math.abs));
    return trial.quantile(sizes, 0.99) || Math.max(...pictures.map(({ scale }) => scale));
  };

  // Rows of a picture, which has `name`'s orientation: Y is turned, so that both have a row per unit that is reached
  // or reaches down from the output.
  const matrix = (one, picture) => {
    const columns = Math.ceil(one.shape[1] / one.block[1]);
    const rows = Math.ceil(one.shape[0] / one.block[0]);
    const cells = trial.shades(picture);
    const at = (r, c) => cells[r * columns + c];
    const turned = one.name.startsWith("Y");
    const [n, m] = turned ? [columns, rows] : [rows, columns];
    return Array.from({ length: n }, (_, i) => Array.from({ length: m }, (_, j) => (turned ? at(j, i) : at(i, j))));
  };

  const figure = (theme, width, one) => {
    const turned = one.name.startsWith("Y");
    const [rows, columns] = turned ? [...one.shape].reverse() : one.shape;
    const [down, across] = turned ? [...one.block].reverse() : one.block;
    const both = full(one.initial.picture, one.last.picture);
    const changed = full(one.change);
    const panels = [
      ["At the start", one.initial.picture, both, "coloraxis"],
      ["At the end", one.last.picture, both, "coloraxis"],
      ["Change", one.change, changed, "coloraxis2"],
    ];
    const inRow = theme.narrow ? 1 : 3;
    const gap = 0.03;
    const wide = (1 - gap * (inRow - 1)) / inRow;
    const height = Math.min(230, Math.max(40, rows * 20));
    const domains = trial.stacked(theme.narrow ? 3 : 1, height);
    const layout = { annotations: [] };
    const data = panels.map(([name, picture, most, coloraxis], i) => {
      const axis = i === 0 ? "" : i + 1;
      const [column, row] = theme.narrow ? [0, i] : [i, 0];
      layout.annotations.push(trial.heading(theme, axis, `<b>${name}</b>  ${most ? `±${most < 1e4 ? burstnet.number(most, 2) : most.toExponential(1).replace("+", "")}` : "none"}`));
      layout[`xaxis${axis}`] = burstnet.axis(theme, row === domains.length - 1 ? (one.name === "W_0" ? "input" : "hidden unit") : "", {
        domain: [column * (wide + gap), column * (wide + gap) + wide], anchor: `y${axis}`, showgrid: false, range: [-0.5, columns - 0.5],
        nticks: 5, showticklabels: row === domains.length - 1, ...(columns < 6 ? { dtick: 1 } : {}),
      });
      layout[`yaxis${axis}`] = burstnet.axis(theme, column === 0 ? (turned || one.name === `W_${hidden}` ? "output" : "hidden unit") : "", {
        domain: domains[row], anchor: `x${axis}`, showgrid: false, range: [rows - 0.5, -0.5], showticklabels: column === 0, nticks: 5,
        ...(rows < 6 ? { dtick: 1 } : {}),
      });
      const block = down * across > 1 ? `<br>mean of ${down} × ${across} weights from there on` : "";
      return {
        type: "heatmap", z: matrix(one, picture), x0: (across - 1) / 2, dx: across, y0: (down - 1) / 2, dy: down, xaxis: `x${axis}`, yaxis: `y${axis}`,
        coloraxis, hoverongaps: false,
        hovertemplate: `${turned ? "output %{y}, unit %{x}" : "unit %{y}, from %{x}"}<br>%{z:.4f}${block}<extra></extra>`,
      };
    });
    for (const [coloraxis, most] of [["coloraxis", both], ["coloraxis2", changed]]) {
      layout[coloraxis] = { colorscale: trial.diverging(theme), cmin: -(most || 1), cmax: most || 1, showscale: false };
    }
    return {
      data,
      // What is not connected shows the ground, which no colour of the scale has.
      layout: burstnet.layout(theme, { height: 72 + domains.length * height + 26 * (domains.length - 1), margin: { l: 58, r: 12, t: 26, b: 46, autoexpand: false }, ...layout, plot_bgcolor: theme.line }),
    };
  };

  // Each W with the Y that lies like it: that of the hidden layer below it.
  const order = recording.weights.map((one) => {
    const [kind, m] = one.name.split("_");
    return [Number(m) + (kind === "Y" ? 1.5 : 1), one];
  }).sort((a, b) => a[0] - b[0]).map(([, one]) => one);
  const parent = document.getElementById("weight-plots");
  trial.keys(document.getElementById("weight-keys"), [["below", "below 0"], ["above", "above 0"], ["absent", "no connection"]]);
  const share = ({ shape, last }) => last.statistics.existing / (shape[0] * shape[1]);
  const draw = (one) => {
    const plot = trial.place(parent, title(one));
    const { initial, last } = one;
    plot.setAttribute("aria-label", `${title(one)}: ${one.shape[0]} by ${one.shape[1]} weights. Standard deviation ${burstnet.number(initial.statistics.sd, 3)} at the start and ${burstnet.number(last.statistics.sd, 3)} at the end.`);
    burstnet.plot(plot, (theme, width) => figure(theme, width, one));
    if (share(one) < 1) {
      const percent = burstnet.number(100 * share(one), 3);
      parent.append(burstnet.element("p", { class: "note" }, `${percent} % of the connections exist.`));
    }
  };
  const most = 7;
  if (order.length <= most) {
    order.forEach(draw);
  } else {
    const show = (m) => {
      parent.replaceChildren();
      order.filter(({ name }) => name === `W_${m}` || name === `Y_${m}` || name === `Y_${m - 1}`).forEach(draw);
    };
    const layers = scope.layers.slice(1).map((_, m) => [m, layer(m)]);
    document.getElementById("weight-controls").append(burstnet.select("Weights of", layers, hidden, (m) => show(Number(m))));
    show(hidden);
  }

  const rows = order.flatMap((one) => [["at the start", one.initial], ["at the end", one.last]].map(([when, { statistics }]) => ({ one, when, statistics })));
  const column = (title, key) => ({ title, value: (row) => row.statistics[key] });
  document.getElementById("weight-table").append(burstnet.table({
    caption: "All weights of each matrix, over the connections that exist",
    columns: [
      { title: "Matrix", value: (row) => row.one.name, left: true },
      { title: "When", value: (row) => row.when, left: true },
      { title: "Shape", value: (row) => row.one.shape.join(" × "), left: true },
      { title: "Connections", value: (row) => row.statistics.existing },
      column("Not finite", "not_finite"), column("Smallest", "min"), column("Mean", "mean"), column("Standard deviation", "sd"), column("Largest", "max"),
    ],
    rows,
  }));
}
