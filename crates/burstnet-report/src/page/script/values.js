"use strict";
// burstnet.data, number, setting, short, plain: reading data and writing values.
const burstnet = {};
{
  // The data that the page holds under `id`; null if it holds none.
  burstnet.data = (id) => {
    const element = document.getElementById(id);
    return element ? JSON.parse(element.textContent) : null;
  };

  // A number to `digits` significant digits; an en dash for none.
  burstnet.number = (x, digits = 4) => {
    if (x === null || x === undefined || !Number.isFinite(x)) return "–";
    if (Number.isInteger(x) && Math.abs(x) < 1e15) return String(x).replace("-", "−");
    const size = Math.abs(x);
    if (size >= 1e-3 && size < 1e5) {
      const shown = Number(x.toPrecision(digits));
      const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
      return shown.toFixed(Math.min(decimals, 12)).replace("-", "−");
    }
    const [mantissa, exponent] = x.toExponential(digits - 1).split("e");
    return `${mantissa}e${exponent.replace("+", "")}`.replaceAll("-", "−");
  };

  // A value of a key: `digits` significant digits at most, without zeros at the end; an en dash for none.
  burstnet.setting = (x, digits = 6) => {
    if (x === null || x === undefined) return "–";
    const shown = Number(x.toPrecision(digits));
    const size = Math.abs(shown);
    return (size === 0 || (size >= 1e-4 && size < 1e6) ? String(shown) : shown.toExponential().replace("e+", "e")).replaceAll("-", "−");
  };

  // A text of at most `most` characters, with an ellipsis where it was cut.
  burstnet.short = (text, most = 40) => {
    const characters = Array.from(text.slice(0, 2 * most + 2));
    return characters.length <= most && text.length <= 2 * most + 2 ? text : `${characters.slice(0, most - 1).join("")}…`;
  };

  // A text from data for plotly, which would read tags, entities, line breaks and TeX in it. Characters that turn the
  // direction of writing or cannot be seen are shown as a box.
  burstnet.plain = (text, most = 60) =>
    burstnet
      .short(String(text), most)
      .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, "▯")
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll("$", "&#36;");

  // Several lines for plotly, each of them plain.
  burstnet.lines = (lines, most = 60) => lines.map((line) => burstnet.plain(line, most)).join("<br>");
}
