"use strict";
// burstnet.plot, redraw, theme: plots that follow mode, width and medium.
{
  const plots = new Map();
  let printing = false;

  const probe = burstnet.element("span", { hidden: true });
  document.body.append(probe);
  // The colour that a CSS variable stands for now, as rgb().
  const colour = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };

  // The colours of the present mode, and whether it is narrow or for paper.
  burstnet.theme = () => {
    const theme = { printing, narrow: !printing && innerWidth < 640 };
    const names = ["paper", "raised", "ink", "muted", "line", "grid", "best", "median", "chosen", "other", "ok", "bad"];
    for (const name of names) theme[name] = colour(name);
    theme.dark = getComputedStyle(document.documentElement).colorScheme.includes("dark")
      ? document.documentElement.dataset.mode === "dark" || matchMedia("(prefers-color-scheme: dark)").matches
      : false;
    if (document.documentElement.dataset.mode === "light" || printing) theme.dark = false;
    return theme;
  };

  // `colour` (an rgb()) with an opacity.
  burstnet.faint = (rgb, opacity) => rgb.replace("rgb(", "rgba(").replace(")", `, ${opacity})`);

  // Cividis (Nuñez, Anderton & Renslow 2018), which looks the same to people with and without colour vision deficiency.
  burstnet.cividis = [
    [0, "#00224e"], [0.125, "#123570"], [0.25, "#3b496c"], [0.375, "#575d6d"], [0.5, "#707173"],
    [0.625, "#8a8678"], [0.75, "#a59c74"], [0.875, "#c3b369"], [1, "#fee838"],
  ];

  // An axis: thin, with ticks outside. `title` is for plotly, so plain.
  burstnet.axis = (theme, title, more = {}) => ({
    title: { text: title, standoff: 8, font: { size: 13, color: theme.ink } },
    color: theme.muted,
    tickfont: { size: 12, color: theme.muted },
    linecolor: theme.muted,
    gridcolor: theme.grid,
    zeroline: false,
    showline: true,
    ticks: "outside",
    ticklen: 4,
    tickcolor: theme.muted,
    automargin: true,
    exponentformat: "power",
    minexponent: 4,
    ...more,
  });

  burstnet.layout = (theme, more = {}) => ({
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(document.body).fontFamily, size: 13, color: theme.ink },
    margin: { l: 60, r: 16, t: 16, b: 48 },
    showlegend: false,
    hovermode: "closest",
    hoverlabel: { bgcolor: theme.raised, bordercolor: theme.muted, font: { color: theme.ink, size: 13 }, align: "left" },
    dragmode: false,
    ...more,
  });

  const config = {
    displaylogo: false,
    displayModeBar: "hover",
    modeBarButtons: [["toImage"]],
    responsive: false,
    scrollZoom: false,
    doubleClick: false,
    showTips: false,
    toImageButtonOptions: { format: "svg" },
  };

  const draw = (element) => {
    const { figure, afterwards } = plots.get(element);
    const { data, layout, options } = figure(burstnet.theme(), element.clientWidth);
    const width = element.clientWidth || 600;
    Plotly.react(element, data, { width, ...layout }, { ...config, ...options }).then(() => {
      if (!element.dataset.drawn) afterwards(element);
      element.dataset.drawn = "true";
    });
  };

  // Draws `figure(theme, width)` into `element`, which needs an aria-label. `afterwards(element)` is called once, to
  // listen to events of plotly.
  burstnet.plot = (element, figure, afterwards = () => {}) => {
    element.setAttribute("role", "img");
    plots.set(element, { figure, afterwards, width: element.clientWidth });
    draw(element);
    widths.observe(element);
  };

  burstnet.redraw = (element) => {
    if (plots.has(element)) draw(element);
  };
  burstnet.redrawAll = () => {
    for (const element of plots.keys()) draw(element);
  };

  // A plot in a closed part has no width; it is drawn when it gets one.
  const widths = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const plot = plots.get(target);
      if (!target.clientWidth || target.clientWidth === plot.width) continue;
      plot.width = target.clientWidth;
      if (!printing) draw(target);
    }
  });

  const print = (on) => {
    if (printing === on) return;
    printing = on;
    burstnet.redrawAll();
  };
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
  matchMedia("print").addEventListener("change", (event) => print(event.matches));
}
