"use strict";
// trial: what was recorded, decoded where it is needed, and what of it is in view.
const trial = {};
{
  const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer;
  // Arrays as they were written: numbers, fractions from 0 to 1, and shades of a scale. NaN is no number.
  trial.floats = (text) => new Float32Array(bytes(text));
  trial.fractions = (text) => Float32Array.from(new Uint16Array(bytes(text)), (x) => (x === 65535 ? NaN : x / 65534));
  trial.shades = ({ scale, cells }) => Float32Array.from(new Int8Array(bytes(cells)), (x) => (x === -128 ? NaN : (x * scale) / 127));

  trial.recording = burstnet.data("recording");
  trial.curves = burstnet.data("curves");
  const scope = trial.recording.scope;
  trial.scope = scope;

  // The shown sequence, the steps from one to before another, and whether the last epoch is shown beside the first.
  // Of a run that diverged soon, a little more than it had.
  const reached = ["first", "last", "test"].flatMap((pass) => trial.recording[pass]).map((showing) => showing?.steps ?? 0);
  const to = Math.min(scope.steps, Math.ceil(1.3 * Math.max(2, ...reached)));
  trial.view = { sequence: 0, from: 0, to, last: false };
  // Of a run that diverged within a shown sequence, its last steps.
  for (const pass of ["first", "last", "test", "generation"]) {
    trial.recording[pass].forEach((showing, sequence) => {
      if (!showing || trial.recording.diverged_at !== showing.first_step + showing.steps || showing.steps < 2) return;
      const from = Math.max(0, showing.steps - 100);
      trial.view = { sequence, from, to: Math.min(scope.steps, Math.max(from + 2, showing.steps + 20)), last: pass === "last" };
    });
  }
  const viewers = [];
  trial.onView = (viewer) => viewers.push(viewer);
  trial.look = (change) => {
    Object.assign(trial.view, change);
    for (const viewer of viewers) viewer();
  };

  // The passes over the shown sequence that the run came to.
  trial.passes = (last = true) => {
    const { recording, view } = trial;
    const epoch = recording.last[view.sequence]?.epoch;
    return [
      ["First epoch", recording.first],
      [epoch === scope.epochs - 1 ? `Last epoch (${epoch})` : `Epoch ${epoch}`, last ? recording.last : []],
      ["Test pass", recording.test],
    ].flatMap(([name, pass]) => (pass[view.sequence] ? [{ name, showing: pass[view.sequence] }] : []));
  };

  // Whether the run diverged within a showing of a sequence.
  trial.divergedIn = (showing) => trial.recording.diverged_at === showing.first_step + showing.steps;

  // A vertical line where a panel's sequence was cut by divergence; `axis` is the number of the panel's axes.
  trial.endOf = (theme, showing, axis) => {
    const shown = trial.divergedIn(showing) && showing.steps >= trial.view.from && showing.steps <= trial.view.to;
    if (!shown) return { shapes: [], annotations: [] };
    const [x, y] = [`x${axis}`, `y${axis} domain`];
    return {
      shapes: [{ type: "line", xref: x, yref: y, x0: showing.steps, x1: showing.steps, y0: 0, y1: 1, line: { color: theme.bad, width: 2 } }],
      annotations: [{
        xref: x, yref: y, x: showing.steps, y: 0.5, xanchor: "left", showarrow: false, text: " diverged here",
        font: { size: 12, color: theme.bad },
      }],
    };
  };

  // Marks of taught steps, just below the panel's lowest value.
  trial.taughtMarks = (theme, showing, axis, y) => ({
    x: showing.taught.length === showing.taught_steps ? showing.taught.filter((t) => t >= trial.view.from && t < trial.view.to) : [],
    get y() {
      return this.x.map(() => y);
    },
    type: "scatter", mode: "markers", xaxis: `x${axis}`, yaxis: `y${axis}`,
    marker: { symbol: "line-ns", size: 7, line: { width: 1, color: theme.chosen } },
    hovertemplate: "taught at step %{x}<extra></extra>",
  });

  // From little to much, evenly to the eye (Smith & van der Walt 2015).
  trial.colours = "Viridis";

  // From blue below 0 to red above, the paper at 0: as far from either end.
  trial.diverging = (theme) => (theme.dark
    ? [[0, "#9ecbff"], [0.25, "#3b79b8"], [0.5, "#15171b"], [0.75, "#b4532f"], [1, "#ffc09f"]]
    : [[0, "#053061"], [0.25, "#4a93c3"], [0.5, "#ffffff"], [0.75, "#d6604d"], [1, "#67001f"]]);

  // The value below which a share of the values lie; none of no values.
  trial.quantile = (values, share) => {
    const held = Float64Array.from(values).filter(Number.isFinite).sort();
    return held.length ? held[Math.round(share * (held.length - 1))] : null;
  };

  // The heading of a panel.
  trial.heading = (theme, axis, text) => ({
    xref: `x${axis} domain`, yref: `y${axis} domain`, x: 0, y: 1, xanchor: "left", yanchor: "bottom", showarrow: false,
    align: "left", text, font: { size: 13, color: theme.ink },
  });

  // Domains of `n` panels of `pixels` on one another, the first on top, with room for a heading between them.
  trial.stacked = (n, pixels) => Array.from({ length: n }, (_, i) => {
    const gap = 26 / (n * pixels + 26 * (n - 1));
    const height = (1 - gap * (n - 1)) / n;
    const top = 1 - i * (height + gap);
    return [Math.max(0, top - height), Math.min(1, top)];
  });

  // A place for a plot, with its heading.
  trial.place = (parent, title = null) => {
    const plot = burstnet.element("div", { class: "plot" });
    const heading = title ? burstnet.element("h3", {}, title) : null;
    parent.append(...[heading, plot].filter(Boolean));
    return plot;
  };

  // Keys of colours, as text of the page.
  trial.keys = (parent, keys) => {
    for (const [kind, text] of keys) {
      parent.append(burstnet.element("span", { class: `key ${kind}` }, text));
    }
  };
}
