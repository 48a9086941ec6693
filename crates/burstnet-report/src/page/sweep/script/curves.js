"use strict";
// How it learned: curves with bands, by layer, of the best, the median and the chosen configuration.
{
  const { sweep } = burstnet;
  const { curves } = sweep.data;
  const of = new Map(curves.map((one) => [one.config_id, one]));
  const place = document.getElementById("curves-plots");
  const log = { x: false, y: true };

  const roles = (theme) => sweep.roles(theme).filter(([id]) => of.has(id));
  const layers = () => Math.max(...roles(burstnet.theme()).map(([id]) => of.get(id).layers.length), 0);
  const layerName = (layer, count) => (layer === count - 1 ? "output layer" : `hidden layer ${layer}`);
  // The output layer is the last one of each configuration.
  const curve = (id, layer) => {
    const own = of.get(id).layers;
    const count = layers();
    return layer === count - 1 ? own[own.length - 1] : layer < own.length - 1 ? own[layer] : undefined;
  };

  const figure = (layer) => (theme) => {
    const count = layers();
    const data = [];
    const all = (what) => roles(theme).flatMap(([id]) => curve(id, layer)?.[what] ?? []);
    const annotations = [];
    for (const [id, , colour] of roles(theme)) {
      const own = curve(id, layer);
      if (!own) continue;
      const x = own.step.map((step) => step + 1);
      const band = { type: "scatter", mode: "lines", x, line: { width: 0 }, hoverinfo: "skip" };
      if (own.n > 1) data.push({ ...band, y: own.low }, { ...band, y: own.high, fill: "tonexty", fillcolor: burstnet.faint(colour, 0.18) });
      const hover = (step, at) =>
        burstnet.lines([
          `configuration ${sweep.title(id)}`,
          `after ${burstnet.number(step)} steps`,
          `mean loss ${burstnet.number(own.mean[at])}`,
          ...(own.n > 1 ? [`${own.n} replicates: ${burstnet.number(own.low[at])} to ${burstnet.number(own.high[at])}`] : []),
        ]);
      data.push({ type: "scatter", mode: x.length > 1 ? "lines" : "markers", x, y: own.mean, line: { color: colour, width: 2 }, marker: { color: colour }, text: x.map(hover), hoverinfo: "text", customdata: x.map(() => id) });
    }
    const unit = layer === count - 1 ? "loss [events²/step²]" : "loss";
    annotations.push({ xref: "paper", yref: "paper", x: 0, y: 1, xanchor: "left", yanchor: "bottom", yshift: 4, text: layerName(layer, count), showarrow: false, font: { size: 13, color: theme.ink } });
    return {
      data,
      layout: burstnet.layout(theme, {
        height: 300,
        margin: { l: 64, r: 12, t: 30, b: 48 },
        xaxis: burstnet.axis(theme, "training step", { showgrid: false, nticks: 6, ...(log.x ? burstnet.logAxis(all("step").map((step) => step + 1)) : {}) }),
        yaxis: burstnet.axis(theme, unit, { showgrid: true, nticks: 6, ...(log.y ? burstnet.logAxis([...all("low"), ...all("high")]) : { rangemode: "tozero" }) }),
        annotations,
      }),
    };
  };

  const table = () => {
    const rows = [];
    const count = layers();
    for (const [id] of roles(burstnet.theme())) {
      for (let layer = 0; layer < count; layer++) {
        const own = curve(id, layer);
        own?.step.forEach((step, at) => rows.push({ id, layer, step, at, own }));
      }
    }
    return burstnet.table({
      caption: "Training loss over replicates: mean, smallest and largest",
      columns: [
        { title: "Configuration", left: true, value: ({ id }) => id, show: ({ id }) => sweep.title(id) },
        { title: "Layer", left: true, value: ({ layer }) => layer, show: ({ layer }) => layerName(layer, count) },
        { title: "Step", value: ({ step }) => step + 1 },
        { title: "Mean", value: ({ own, at }) => own.mean[at], show: ({ own, at }) => burstnet.number(own.mean[at]) },
        { title: "Smallest", value: ({ own, at }) => own.low[at], show: ({ own, at }) => burstnet.number(own.low[at]) },
        { title: "Largest", value: ({ own, at }) => own.high[at], show: ({ own, at }) => burstnet.number(own.high[at]) },
      ],
      rows,
      first: 20,
    });
  };

  const describe = (layer) => {
    const count = layers();
    const parts = roles(burstnet.theme()).map(([id]) => {
      const own = curve(id, layer);
      return own ? `${sweep.title(id)} from ${burstnet.number(own.mean[0])} to ${burstnet.number(own.mean[own.mean.length - 1])}` : "";
    });
    return `Training loss of the ${layerName(layer, count)}: ${parts.filter(Boolean).join("; ")}.`;
  };

  if (place) {
    const state = burstnet.element("span", { role: "status" });
    let plots = [];
    const build = () => {
      const count = layers();
      if (plots.length !== count) {
        plots = Array.from({ length: count }, () => burstnet.element("div", { class: "plot", "data-curves": true }));
        place.replaceChildren(...plots.map((plot) => burstnet.element("div", {}, plot)));
        plots.forEach((plot, layer) => {
          plot.setAttribute("aria-label", describe(layer));
          burstnet.plot(plot, figure(layer), sweep.listen);
        });
      } else {
        plots.forEach((plot, layer) => {
          plot.setAttribute("aria-label", describe(layer));
          burstnet.redraw(plot);
        });
      }
      document.getElementById("curves-table").replaceChildren(table());
      state.textContent = sweep.chosen !== null && !of.has(sweep.chosen) ? `This page does not hold the curves of configuration ${sweep.chosen}.` : "";
    };
    document.getElementById("curves-controls").append(
      burstnet.toggle("Logarithmic steps", log.x, (on) => {
        log.x = on;
        plots.forEach(burstnet.redraw);
      }),
      burstnet.toggle("Logarithmic loss", log.y, (on) => {
        log.y = on;
        plots.forEach(burstnet.redraw);
      }),
      state,
    );
    build();
    sweep.on("chosen", build);
  }
}
