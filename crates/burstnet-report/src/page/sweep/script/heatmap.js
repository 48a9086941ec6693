"use strict";
// How keys act in pairs: a heat map of the means, with a choice of the keys.
{
  const { sweep } = burstnet;
  const { keys, pairs, configurations, smaller_is_better: smaller } = sweep.data;
  const state = { log: false, trimmed: false, contour: false };
  const plot = document.getElementById("heatmap-plot");
  let pair = 0;

  // The measure, and the means of the cells of the pair. Of other measures than that of the page they are of the shown
  // configurations, and neither end is the better one.
  const shown = () => sweep.acting ?? sweep.measures[0];
  const cells = () => {
    const { a, b, means, counts } = pairs[pair];
    if (!sweep.acting) return { means, counts };
    const [rows, columns] = [drawn(keys[a]).length, drawn(keys[b]).length];
    const cell = (row) => (keys[a].level[row] < rows && keys[b].level[row] < columns ? keys[a].level[row] * columns + keys[b].level[row] : -1);
    const held = sweep.means(sweep.acting, rows * columns, cell);
    return { means: held.map(([mean, n]) => (n ? mean : null)), counts: held.map(([, n]) => n) };
  };

  // The rows of the shown configurations in a cell, the best first.
  const inside = ({ a, b }, i, j) => sweep.rows.filter((row) => keys[a].level[row] === i && keys[b].level[row] === j);

  // The levels of a key that are drawn: not that of configurations in which it does not exist.
  const drawn = (key) => (key.effect ? key.levels.slice(0, key.effect.length) : key.levels);
  const names = (key) => drawn(key).map(sweep.levelName);
  const title = (key) => burstnet.plain(key.ratio_of ? `${key.label} ÷ ${key.ratio_of}` : key.label);

  // Levels of both keys have an order, so that there are lines of equal height between them.
  const contoured = ({ a, b }) => [a, b].every((key) => keys[key].scale !== "category" && drawn(keys[key]).length > 2);

  // From the smallest value to the largest.
  const scale = (theme) => {
    const colours = sweep.acting ? burstnet.steps(theme) : burstnet.goodToBad(theme);
    return (smaller || sweep.acting ? colours : colours.slice().reverse()).map((colour, at) => [at / (colours.length - 1), colour]);
  };

  const figure = (theme) => {
    const { a, b } = pairs[pair];
    const { means, counts } = cells();
    const [down, across] = [keys[a], keys[b]];
    const columns = drawn(across).length;
    const z = drawn(down).map((level, i) => means.slice(i * columns, (i + 1) * columns));
    const row = sweep.chosen === null ? undefined : sweep.rowOf.get(sweep.chosen);
    const [rowNames, columnNames] = [names(down), names(across)];
    const text = z.map((line, i) =>
      line.map((mean, j) =>
        burstnet.lines([
          `${down.key} ${rowNames[i]}`,
          `${across.key} ${columnNames[j]}`,
          mean === null ? "no configuration" : `mean ${shown().name} ${burstnet.number(mean)}`,
          `${counts[i * columns + j]} configurations`,
        ]),
      ),
    );
    const few = z.length * columns <= 80 && columns <= (theme.narrow ? 5 : 10);
    const scaled = sweep.scaled(means, state);
    const [low, high] = scaled.ends;
    // Black letters on light cells.
    const light = (at) => (scaled.z[at] - low) / (high - low || 1) > 0.45 === (smaller !== theme.dark);
    const annotations = !few ? [] : z.flatMap((line, i) =>
      line.map((mean, j) => ({
        x: j, y: i, text: mean === null ? "" : burstnet.number(mean, 3), showarrow: false,
        font: { size: 12, color: light(i * columns + j) ? "#000" : "#fff" },
      })),
    );
    const tick = (all, most) => ({ tickmode: "array", tickvals: all.map((one, at) => at), ticktext: all.map((one) => burstnet.plain(one, most)) });
    const thin = (all, room) => {
      const step = Math.ceil(all.length / room);
      return { tickmode: "array", tickvals: all.flatMap((one, at) => (at % step ? [] : [at])), ticktext: all.filter((one, at) => at % step === 0).map((one) => burstnet.plain(one, 14)) };
    };
    return {
      data: [
        {
          ...(state.contour && contoured(pairs[pair]) ? { type: "contour", connectgaps: true, contours: { coloring: "heatmap" }, line: { color: theme.paper, width: 0.7 } } : { type: "heatmap", xgap: 1, ygap: 1 }),
          z: z.map((line, i) => line.map((mean, j) => scaled.z[i * columns + j])), zmin: low, zmax: high, text, hoverinfo: "text",
          colorscale: scale(theme),
          colorbar: {
            title: { text: burstnet.plain(sweep.titleOf(shown()), 36), side: theme.narrow ? "top" : "right", font: { size: 12, color: theme.ink } },
            thickness: 12, outlinewidth: 0, tickfont: { size: 12, color: theme.muted }, tickmode: "array", tickvals: scaled.ticks, ticktext: scaled.names,
            ...(theme.narrow ? { orientation: "h", y: 1.02, yanchor: "bottom", len: 1 } : {}),
          },
        },
      ],
      layout: burstnet.layout(theme, {
        height: Math.min(620, 130 + Math.max(34, 260 / z.length) * z.length + (theme.narrow ? 60 : 0)),
        margin: { l: 60, r: 16, t: 8, b: 50 },
        xaxis: burstnet.axis(theme, title(across), { ...(columns > 12 ? thin(columnNames, theme.narrow ? 5 : 12) : tick(columnNames, 14)), showgrid: false, showline: false, ticks: "", range: [-0.5, columns - 0.5] }),
        yaxis: burstnet.axis(theme, title(down), { ...(z.length > 16 ? thin(rowNames, 16) : tick(rowNames, theme.narrow ? 8 : 16)), showgrid: false, showline: false, ticks: "", range: [-0.5, z.length - 0.5] }),
        annotations: state.contour && contoured(pairs[pair]) ? [] : annotations,
        shapes: row === undefined || across.level[row] >= columns || down.level[row] >= z.length ? [] : [
          { type: "rect", x0: across.level[row] - 0.48, x1: across.level[row] + 0.48, y0: down.level[row] - 0.46, y1: down.level[row] + 0.46, line: { color: theme.chosen, width: 3 } },
        ],
      }),
    };
  };

  const clicked = (event) => {
    const [j, i] = [event.points[0].x, event.points[0].y];
    const [row] = inside(pairs[pair], i, j).filter((one) => configurations.mean[one] !== null);
    if (row !== undefined) sweep.choose(configurations.id[row]);
    else burstnet.announce("This page holds no configuration of this cell");
  };

  const table = () => {
    const { a, b } = pairs[pair];
    const { means, counts } = cells();
    const [down, across] = [keys[a], keys[b]];
    const columns = drawn(across).length;
    const [rowNames, columnNames] = [names(down), names(across)];
    const rows = means.map((mean, at) => ({ i: Math.floor(at / columns), j: at % columns, mean, n: counts[at] }));
    return burstnet.table({
      caption: `Mean ${shown().name} by ${down.key} and ${across.key}`,
      columns: [
        { title: down.key, left: true, value: ({ i }) => i, show: ({ i }) => burstnet.text(rowNames[i]) },
        { title: across.key, left: true, value: ({ j }) => j, show: ({ j }) => burstnet.text(columnNames[j]) },
        { title: "Mean", value: ({ mean }) => mean, show: ({ mean }) => burstnet.number(mean) },
        { title: "Configurations", value: ({ n }) => n },
      ],
      rows,
    });
  };

  const describe = () => {
    const { a, b } = pairs[pair];
    const held = cells().means.map((mean, at) => [mean, at]).filter(([mean]) => mean !== null);
    held.sort((x, y) => (smaller || sweep.acting ? x[0] - y[0] : y[0] - x[0]));
    const [first, other] = sweep.acting ? ["smallest", "largest"] : ["best", "worst"];
    const columns = drawn(keys[b]).length;
    const where = (at) => `${keys[a].key} ${burstnet.short(names(keys[a])[Math.floor(at / columns)])} and ${keys[b].key} ${burstnet.short(names(keys[b])[at % columns])}`;
    const [best, worst] = [held[0], held[held.length - 1]];
    plot.setAttribute("aria-label", held.length
      ? `Heat map of mean ${shown().name} by ${keys[a].key} and ${keys[b].key}: ${first} ${burstnet.number(best[0])} at ${where(best[1])}, ${other} ${burstnet.number(worst[0])} at ${where(worst[1])}.`
      : "Heat map without values.");
  };

  if (plot && pairs.length) {
    const share = (one) => (one.share === null ? "" : ` (interaction ${burstnet.number(100 * one.share, 2)} %)`);
    const options = pairs.map((one, at) => [at, `${keys[one.a].label} × ${keys[one.b].label}${share(one)}`]);
    const details = document.getElementById("heatmap-table");
    const show = () => {
      describe();
      burstnet.redraw(plot);
      details.replaceChildren(table());
    };
    describe();
    const contour = burstnet.toggle("Contours", state.contour, (on) => {
      state.contour = on;
      burstnet.redrawAnew(plot);
    });
    const switches = burstnet.element("span", { class: "controls inner" });
    const fill = () => {
      state.log = sweep.far(cells().means);
      contour.disabled = !contoured(pairs[pair]);
      switches.replaceChildren(contour, ...sweep.switches(cells().means, state, () => burstnet.redraw(plot)));
    };
    fill();
    document.getElementById("heatmap-controls").append(
      burstnet.select("Keys", options, pair, (value) => {
        pair = Number(value);
        fill();
        show();
      }),
      switches,
    );
    burstnet.plot(plot, figure, (element) => element.on("plotly_click", clicked));
    details.append(table());
    sweep.on("chosen", () => burstnet.redraw(plot));
    sweep.on("acting", () => {
      fill();
      show();
    });
  } else if (plot) {
    plot.closest("figure").replaceWith(burstnet.element("p", {}, "No two keys have few enough values to draw."));
    document.getElementById("heatmap-details").remove();
  }
}
