"use strict";
// The best compromises: the means of all shown configurations in two objectives, with the front marked.
{
  const { sweep } = burstnet;
  const { front, configurations } = sweep.data;
  const plot = document.getElementById("front-plot");

  const pairs = front ? front.objectives.flatMap((none, a) => front.objectives.slice(a + 1).map((other, at) => [a, a + 1 + at])) : [];
  let pair = 0;

  const title = ({ measure, unit, smaller_is_better: smaller }) => burstnet.plain(`${measure}${unit ? ` [${unit}]` : ""}, ${smaller ? "smaller" : "larger"} is better`, 60);

  const figure = (theme) => {
    const [x, y] = pairs[pair].map((at) => front.objectives[at]);
    const held = sweep.rows.filter((row) => x.means[row] !== null && y.means[row] !== null);
    const points = (rows, marker) => ({
      type: "scatter",
      mode: "markers",
      x: rows.map((row) => x.means[row]),
      y: rows.map((row) => y.means[row]),
      customdata: rows.map((row) => configurations.id[row]),
      text: rows.map((row) =>
        burstnet.lines([
          `configuration ${configurations.id[row]}${front.on[row] ? ", on the front" : ""}`,
          ...front.objectives.map(({ measure, means }) => `${measure} ${burstnet.number(means[row])}`),
          ...sweep.lines(row).slice(3),
        ]),
      ),
      hoverinfo: "text",
      marker,
    });
    const on = held.filter((row) => front.on[row]);
    const data = [points(held.filter((row) => !front.on[row]), { color: "rgba(0,0,0,0)", size: 8, line: { color: theme.other, width: 1.2 } })];
    if (front.objectives.length === 2 && on.length > 1) {
      // What is as good as some configuration of the front in both lies behind this line.
      const sorted = on.slice().sort((a, b) => x.means[a] - x.means[b]);
      data.push({ type: "scatter", mode: "lines", x: sorted.map((row) => x.means[row]), y: sorted.map((row) => y.means[row]), line: { color: theme.best, width: 1.2, shape: x.smaller_is_better ? "hv" : "vh" }, hoverinfo: "skip" });
    }
    data.push(points(on, { color: theme.best, size: 10 }));
    const chosen = held.filter((row) => configurations.id[row] === sweep.chosen);
    if (chosen.length) data.push(points(chosen, { color: theme.chosen, size: 12, symbol: "diamond" }));
    return {
      data,
      layout: burstnet.layout(theme, {
        height: 380,
        margin: { l: 64, r: 12, t: 12, b: 50 },
        xaxis: burstnet.axis(theme, title(x), { showgrid: true, nticks: 6 }),
        yaxis: burstnet.axis(theme, title(y), { showgrid: true, nticks: 6 }),
      }),
    };
  };

  if (plot) {
    if (pairs.length > 1) {
      const options = pairs.map(([a, b], at) => [at, `${front.objectives[a].measure} and ${front.objectives[b].measure}`]);
      document.getElementById("front-controls").append(
        burstnet.select("Objectives", options, pair, (value) => {
          pair = Number(value);
          burstnet.redraw(plot);
        }),
      );
    }
    burstnet.plot(plot, figure, sweep.listen);
    sweep.on("chosen", () => burstnet.redraw(plot));
  }
}
