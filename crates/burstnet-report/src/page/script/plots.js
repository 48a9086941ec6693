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

  // A colour of six hexadecimal digits as an rgb().
  burstnet.rgb = (hex) => `rgb(${[1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)).join(", ")})`;

  // `colour` (an rgb()) with an opacity.
  burstnet.faint = (rgb, opacity) => rgb.replace("rgb(", "rgba(").replace(")", `, ${opacity})`);

  // One hue from what stands out from the paper to what is nearly the paper: ordered by lightness alone, so that people
  // with any colour vision, and printers, keep the order.
  const BLUES = ["#06264f", "#0c3d74", "#1f5d97", "#3f7fb3", "#6ba1c9", "#9fc0db", "#c9d9e8", "#e9eff5"];
  const BLUES_ON_DARK = ["#e3f2ff", "#b5d6ee", "#86b7dc", "#5b97c4", "#3f76a3", "#2f587d", "#263f58", "#1f2a38"];

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

  // The ticks of a logarithmic axis over these values: powers of ten, and what lies between if there are few of them.
  burstnet.logAxis = (values) => {
    const held = values.filter((x) => x > 0);
    if (!held.length) return { type: "log" };
    const [low, high] = [Math.log10(Math.min(...held)), Math.log10(Math.max(...held))];
    const decades = high - low;
    const factors = decades > 2.2 ? [1] : decades > 0.9 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9];
    const step = Math.max(1, Math.ceil(decades / 6));
    const vals = [];
    for (let power = Math.floor(low); power <= Math.ceil(high); power++) {
      if (power % step === 0) vals.push(...factors.map((factor) => factor * 10 ** power));
    }
    const power = (x) => `10<sup>${String(Math.round(Math.log10(x))).replace("-", "−")}</sup>`;
    const far = low < -4 || high > 5;
    const text = (x) => (far && factors.length === 1 ? power(x) : burstnet.setting(x));
    const air = 0.04 * decades || 0.1;
    return { type: "log", range: [low - air, high + air], tickmode: "array", tickvals: vals, ticktext: vals.map(text) };
  };

  // The colours of values from the best to the worst: the best ones stand out from the paper.
  burstnet.goodToBad = (theme) => (theme.dark ? BLUES_ON_DARK : BLUES).slice();

  // Colours without an order, which people with any colour vision can tell apart, and steps of one hue that stand out
  // from the paper the more the larger what they stand for.
  const DISTINCT = ["#0072b2", "#c04a00", "#00734d", "#a8407f", "#7a6000", "#5b3fa0", "#3f8fbf", "#595959"];
  const DISTINCT_ON_DARK = ["#56b4e9", "#f0a04b", "#35c79a", "#e9a3c9", "#e0c341", "#b49cff", "#9fd3ff", "#b4b4b0"];
  burstnet.distinct = (theme, at) => (theme.dark ? DISTINCT_ON_DARK : DISTINCT)[at % DISTINCT.length];
  burstnet.steps = (theme) => (theme.dark ? BLUES_ON_DARK : BLUES).slice(0, 6).reverse();

  // What colours stand for, as text beside patches of them. `entries` are [colour, text].
  burstnet.legend = (place, entries) =>
    place.replaceChildren(
      ...entries.map(([colour, text]) => {
        const patch = burstnet.element("span", { class: "role", "aria-hidden": "true" });
        patch.style.background = colour;
        return burstnet.element("span", {}, patch, burstnet.text(text, 60));
      }),
    );

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

  // The same without what plotly remembers of a reader's own selection, of which it would complain.
  burstnet.redrawAnew = (element) => {
    Plotly.purge(element);
    delete element.dataset.drawn;
    burstnet.redraw(element);
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
