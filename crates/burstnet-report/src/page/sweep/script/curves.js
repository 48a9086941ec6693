"use strict";
// How it learned: curves by layer, with bands, of the best, the median and the chosen configuration; of all of few; or of
// many, coloured by a key or the measure.
{
  const { sweep } = burstnet;
  const { curves } = sweep.data;
  const of = new Map(curves.map((one) => [one.config_id, one]));
  const place = document.getElementById("curves-plots");
  const log = { x: false, y: true };

  const roles = (theme) => sweep.roles(theme).filter(([id]) => of.has(id));
  const layers = () => Math.max(...curves.map((one) => one.layers.length), 0);
  const layerName = (layer, count) => (layer === count - 1 ? "output layer" : `hidden layer ${layer}`);
  // The output layer is the last one of each configuration.
  const curve = (id, layer) => {
    const own = of.get(id).layers;
    const count = layers();
    return layer === count - 1 ? own[own.length - 1] : layer < own.length - 1 ? own[layer] : undefined;
  };

  const FEW = 6; // of so many configurations every curve has a colour of its own
  const MOST = 150; // curves; more cannot be told apart
  const { stopped } = sweep.data;
  const ofStopped = new Map(stopped.map((one) => [one.config_id, one]));
  let which = curves.length <= FEW ? "each" : "roles";

  // Curves that are drawn: own layers, colour, width, opacity, and whether there is a band around them.
  const lines = (theme) => {
    const all = () => curves.filter(({ config_id: id }) => sweep.rowOf.has(id)).slice(0, MOST);
    const thin = (entry, colour) => ({ id: entry.config_id, layers: entry.layers, colour, width: 1.2, opacity: 0.7, band: false });
    const strong = roles(theme).map(([id, , colour]) => ({ id, layers: of.get(id).layers, colour, width: 2, opacity: 1, band: true }));
    const named = ({ id, colour }) => [colour, naming(id)];
    if (which === "each") {
      const each = all().map((entry, at) => ({ ...thin(entry, burstnet.distinct(theme, at)), width: 2, opacity: 1, band: true }));
      return { drawn: each, entries: each.map(named) };
    }
    if (which === "roles") return { drawn: strong, entries: strong.map(named) };
    if (which === "stopped") {
      const early = stopped.slice(0, MOST).map((entry) => thin(entry, theme.other));
      return { drawn: [...early, ...strong.slice(-2)], entries: [[theme.other, `${early.length} that were stopped early`], ...strong.slice(-2).map(named)] };
    }
    const colouring = which === "measure"
      ? sweep.shading(theme, (row) => sweep.data.configurations.mean[row], sweep.rows, sweep.far(sweep.data.configurations.mean), sweep.axis)
      : sweep.colouring(theme, Number(which));
    const coloured = all().reverse().map((entry) => thin(entry, colouring.of(sweep.rowOf.get(entry.config_id))));
    return { drawn: coloured, entries: colouring.entries };
  };
  // A configuration with the values of its keys, where there are few.
  const naming = (id) => {
    const row = sweep.rowOf.get(id);
    const settings = sweep.data.keys.length <= 3 && row !== undefined ? `: ${sweep.data.keys.map(({ label }, at) => `${label} ${burstnet.short(sweep.shown(at, row), 16)}`).join(", ")}` : "";
    return `${sweep.title(id)}${settings}`;
  };

  const figure = (layer) => (theme) => {
    const count = layers();
    const data = [];
    const { drawn } = lines(theme);
    // The output layer is the last one of each configuration.
    const own = ({ layers: held }) => (layer === count - 1 ? held[held.length - 1] : layer < held.length - 1 ? held[layer] : undefined);
    const all = (what) => drawn.flatMap((one) => own(one)?.[what] ?? []);
    const annotations = [];
    for (const one of drawn) {
      const curve = own(one);
      if (!curve) continue;
      const x = curve.step.map((step) => step + 1);
      const band = { type: "scatter", mode: "lines", x, line: { width: 0 }, hoverinfo: "skip" };
      if (one.band && curve.n > 1) data.push({ ...band, y: curve.low }, { ...band, y: curve.high, fill: "tonexty", fillcolor: burstnet.faint(one.colour.startsWith("rgb(") ? one.colour : burstnet.rgb(one.colour), 0.15) });
      const hover = (step, at) =>
        burstnet.lines([
          `configuration ${sweep.title(one.id)}`,
          `after ${burstnet.number(step)} steps`,
          `mean loss ${burstnet.number(curve.mean[at])}`,
          ...(curve.n > 1 ? [`${curve.n} replicates: ${burstnet.number(curve.low[at])} to ${burstnet.number(curve.high[at])}`] : []),
        ]);
      const dense = drawn.length > 12;
      data.push({ type: "scatter", mode: x.length > 1 ? "lines" : "markers", x, y: curve.mean, line: { color: one.colour, width: one.width }, marker: { color: one.colour }, opacity: one.opacity, ...(dense ? { name: "", hovertext: `configuration ${one.id}` } : { text: x.map(hover) }), hoverinfo: "text", customdata: x.map(() => one.id) });
    }
    const unit = layer === count - 1 ? "loss [events²/step²]" : "loss";
    annotations.push({ xref: "paper", yref: "paper", x: 0, y: 1, xanchor: "left", yanchor: "bottom", yshift: 4, text: layerName(layer, count), showarrow: false, font: { size: 13, color: theme.ink } });
    const bands = drawn.some((one) => one.band);
    return {
      data,
      layout: burstnet.layout(theme, {
        height: 300,
        margin: { l: 64, r: 12, t: 30, b: 48 },
        xaxis: burstnet.axis(theme, "training step", { showgrid: false, nticks: 6, ...(log.x ? burstnet.logAxis(all("step").map((step) => step + 1)) : {}) }),
        yaxis: burstnet.axis(theme, unit, { showgrid: true, nticks: 6, ...(log.y ? burstnet.logAxis(bands ? [...all("low"), ...all("high")] : all("mean")) : { rangemode: "tozero" }) }),
        annotations,
      }),
    };
  };

  // The configurations of which table and text tell: all of few, else those with a role.
  const told = () => (which === "each" ? curves.map((one) => one.config_id) : roles(burstnet.theme()).map(([id]) => id));

  const table = () => {
    const rows = [];
    const count = layers();
    for (const id of told()) {
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
    const parts = told().map((id) => {
      const own = curve(id, layer);
      return own ? `${sweep.title(id)} from ${burstnet.number(own.mean[0])} to ${burstnet.number(own.mean[own.mean.length - 1])}` : "";
    });
    return `Training loss of the ${layerName(layer, count)}: ${parts.filter(Boolean).join("; ")}.`;
  };

  if (place) {
    const state = burstnet.element("span", { role: "status" });
    const legend = burstnet.element("p", { class: "roles" });
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
      burstnet.legend(legend, lines(burstnet.theme()).entries);
      document.getElementById("curves-table").replaceChildren(table());
      state.textContent = sweep.chosen !== null && !of.has(sweep.chosen) ? `This page does not hold the curves of configuration ${sweep.chosen}.` : "";
    };
    const colourings = sweep.data.keys.map(({ label }, at) => [at, `all, coloured by ${label}`]);
    const choices = [
      ...(curves.length <= FEW ? [["each", "every configuration"]] : []),
      ["roles", "best, median and chosen"],
      ...(curves.length > 1 ? [["measure", `all, coloured by ${sweep.data.measure}`], ...colourings] : []),
      ...(stopped.length ? [["stopped", "stopped early"]] : []),
    ];
    document.getElementById("curves-controls").append(
      burstnet.select("Curves", choices, which, (value) => {
        which = value;
        build();
      }),
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
    place.before(legend);
    build();
    sweep.on("chosen", build);
  }
}
