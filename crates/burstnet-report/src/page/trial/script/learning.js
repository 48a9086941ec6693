"use strict";
// Loss curves of the layers, and feedback alignment over the training.
{
  const { recording, scope, curves } = trial;
  const layers = scope.layers.length - 1;
  const name = (layer) => (layer === layers - 1 ? "Output layer" : `Hidden layer ${layer}`);
  let logarithmic = true;
  const draws = curves.map((curve) => curve.loss.some((x) => x !== null));

  const loss = (theme, layer) => {
    const { step, loss } = curves[layer];
    const logs = logarithmic && loss.every((x) => x === null || x > 0);
    const color = layer === layers - 1 ? theme.best : theme.median;
    return {
      data: [{
        x: step.map((s) => s + 1), y: loss, type: "scatter", mode: step.length > 1 ? "lines" : "markers", connectgaps: false,
        line: { color, width: 1.8 }, marker: { color },
        hovertemplate: "loss %{y:.4g} after %{x} steps<extra></extra>",
      }],
      layout: burstnet.layout(theme, {
        height: 250, margin: { l: 64, r: 12, t: 12, b: 46 },
        xaxis: burstnet.axis(theme, "training step", { rangemode: "tozero", showgrid: false, nticks: 5, tickformat: "," }),
        yaxis: burstnet.axis(theme, layer === layers - 1 ? "loss (events²/step²)" : "loss", {
          nticks: 5, ...(logs ? burstnet.logAxis(loss) : { rangemode: "tozero" }),
        }),
      }),
    };
  };
  const ends = (values) => {
    const held = values.filter((x) => x !== null);
    return [held[0], held.at(-1)];
  };

  const parent = document.getElementById("curve-plots");
  const plots = [];
  // The output layer first: it is what the trial is judged by.
  for (let layer = layers - 1; layer >= 0 && plots.length < 24; layer--) {
    if (!draws[layer]) continue;
    const [first, last] = ends(curves[layer].loss).map((x) => burstnet.number(x, 3));
    const box = burstnet.element("div");
    const plot = trial.place(box, name(layer));
    parent.append(box);
    plot.setAttribute("aria-label", `Training loss of ${name(layer).toLowerCase()}: from ${first} at first to ${last} at last.`);
    burstnet.plot(plot, (theme) => loss(theme, layer));
    if (curves[layer].merged > 1) box.append(burstnet.element("p", { class: "note" }, `A point is the mean of ${curves[layer].merged} windows.`));
    plots.push(plot);
  }
  if (plots.length) {
    document.getElementById("curve-controls").append(burstnet.toggle("Logarithmic loss", logarithmic, (on) => {
      logarithmic = on;
      plots.forEach(burstnet.redraw);
    }));
  }

  const { epochs, degrees } = recording.alignment;
  const place = document.getElementById("alignment-plot");
  if (place && epochs.length) {
    const colour = (theme, m) => (degrees.length === 1 ? theme.best : burstnet.faint(theme.best, 1 - (0.65 * m) / (degrees.length - 1)));
    const plot = trial.place(place);
    const changes = degrees.slice(0, 8).map((values, m) => `hidden layer ${m} from ${burstnet.number(values[0], 3)} to ${burstnet.number(values.at(-1), 3)} degrees`);
    plot.setAttribute("aria-label", `Feedback alignment over the training: ${changes.join(", ")}.`);
    burstnet.plot(plot, (theme) => ({
      data: degrees.map((values, m) => ({
        x: epochs, y: values, type: "scatter", mode: epochs.length > 40 ? "lines" : "lines+markers", marker: { size: 5 },
        line: { color: colour(theme, m), width: 2 }, hovertemplate: `hidden layer ${m}: %{y:.2f}° after %{x} epochs<extra></extra>`,
      })),
      layout: burstnet.layout(theme, {
        height: 280, margin: { l: 58, r: theme.narrow ? 12 : 110, t: 12, b: 46 },
        xaxis: burstnet.axis(theme, "epochs", { rangemode: "tozero", showgrid: false, ...(epochs.at(-1) <= 10 ? { dtick: 1 } : {}) }),
        yaxis: burstnet.axis(theme, "angle (degrees)", { range: range(degrees.flat()), tickmode: "linear", dtick: 30, showgrid: false }),
        shapes: [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: 90, y1: 90, line: { color: theme.muted, width: 1, dash: "dot" } }],
        annotations: [
          { xref: "paper", x: 1, y: 90, xanchor: "right", yanchor: "bottom", showarrow: false, text: "no relation", font: { size: 12, color: theme.muted } },
          ...(theme.narrow || degrees.length > 6 ? [] : degrees.map((values, m) => ({
            xref: "paper", x: 1.005, y: values.at(-1), xanchor: "left", yanchor: "middle", showarrow: false,
            text: `hidden layer ${m}`, font: { size: 12, color: theme.ink },
          })).filter(({ y }) => y !== null)),
        ],
      }),
    }));
    const table = burstnet.table({
      caption: "Feedback alignment in degrees",
      columns: [
        { title: "After epochs", value: (i) => epochs[i] },
        ...degrees.slice(0, 12).map((values, m) => ({ title: `Hidden layer ${m}`, value: (i) => values[i] })),
      ],
      rows: epochs.map((_, i) => i),
    });
    document.getElementById("alignment-table").append(table);
  }

  // From the smallest angle, at most 60°, to the largest, at least 95°.
  function range(angles) {
    const held = angles.filter((x) => x !== null);
    return [Math.max(0, Math.floor(Math.min(60, ...held) / 30) * 30), Math.max(...held, 90) + 6];
  }
}
