"use strict";
// Which keys matter: shares of the variance.
{
  const { shares } = burstnet.sweep.data;
  const MOST = 15;
  const SIGNIFICANT = 0.05;
  const plot = document.getElementById("shares-plot");
  const figure = (theme, width) => {
    const shown = shares.filter(([, share], at) => at < MOST && (share > 0.0005 || at < 3));
    const most = width < 640 ? 24 : 60;
    return {
      data: [
        {
          type: "bar",
          orientation: "h",
          x: shown.map(([, share]) => 100 * share),
          y: shown.map((one, at) => at),
          width: 0.62,
          marker: {
            color: shown.map(([name]) => (name.includes(" × ") ? theme.other : theme.best)),
            opacity: shown.map(([, , p]) => (p > SIGNIFICANT ? 0.35 : 1)),
          },
          text: shown.map(([, share]) => `${burstnet.number(100 * share, 3)} %`),
          textposition: "outside",
          cliponaxis: false,
          textfont: { size: 12, color: theme.ink },
          hovertext: shown.map(([name, share, p]) =>
            burstnet.lines([name, `${burstnet.number(100 * share, 3)} % of the variance`, ...(p === null ? [] : [p < 0.001 ? "p < 0.001" : `p = ${burstnet.number(p, 2)}`])], 200),
          ),
          hoverinfo: "text",
        },
      ],
      layout: burstnet.layout(theme, {
        height: 70 + 26 * shown.length,
        margin: { l: 60, r: 60, t: 8, b: 50 },
        xaxis: burstnet.axis(theme, "share of the variance [%]", { rangemode: "tozero", showgrid: true }),
        yaxis: burstnet.axis(theme, "", {
          tickmode: "array",
          tickvals: shown.map((one, at) => at),
          ticktext: shown.map(([name]) => burstnet.plain(name, most)),
          tickfont: { size: 12, color: theme.ink },
          range: [shown.length - 0.5, -0.5],
          showgrid: false,
          ticks: "",
        }),
      }),
    };
  };
  if (plot) burstnet.plot(plot, figure);
}
