"use strict";
// pair: what was recorded of both trials, decoded where it is needed.
const pair = {};
{
  const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer;
  const floats = (text) => new Float32Array(bytes(text));
  const fractions = (text) => Float32Array.from(new Uint16Array(bytes(text)), (x) => (x === 65535 ? NaN : x / 65534));
  pair.shades = ({ scale, cells }) => Float32Array.from(new Int8Array(bytes(cells)), (x) => (x === -128 ? NaN : (x * scale) / 127));

  pair.sides = ["a", "b"].map((id) => ({ name: id.toUpperCase(), recording: burstnet.data(id), curves: burstnet.data(`curves-${id}`) }));
  pair.difference = burstnet.data("difference");
  pair.colour = (theme, i) => (i === 0 ? theme.best : theme.chosen);

  // The passes of which either trial has the first shown sequence.
  const names = { first: "First epoch", last: "Last epoch", test: "Test pass", generation: "Generation pass" };
  pair.passes = Object.entries(names).filter(([key]) => pair.sides.some(({ recording }) => recording[key][0]));
  pair.showing = (side, pass) => side.recording[pass][0];

  // Steps and values of a line of an output unit: of each stretch of steps two points.
  pair.line = (side, text) => {
    const stretch = side.recording.scope.line_stretch;
    const values = Array.from(floats(text));
    return { x: values.map((_, i) => (stretch === 1 ? i : (Math.floor(i / 2) + (i % 2 ? 0.75 : 0.25)) * stretch)), y: values };
  };

  // Steps and values of a hidden unit, by its place among the recorded ones.
  pair.unit = (side, showing, layer, quantity, index) => {
    const stretch = side.recording.scope.picture_stretch;
    const columns = Math.ceil(showing.steps / stretch);
    const values = Array.from(fractions(showing.hidden[layer][quantity]).subarray(index * columns, (index + 1) * columns));
    return { x: values.map((_, i) => (i + 0.5) * stretch - 0.5), y: values };
  };

  pair.plot = (parent, title, label, figure) => {
    const plot = burstnet.element("div", { class: "plot", "aria-label": label });
    parent.append(burstnet.element("h3", {}, title), plot);
    burstnet.plot(plot, figure);
    return plot;
  };

  const keys = document.getElementById("sides");
  for (const [kind, text] of [["target", "target"], ["side-a", "A"], ["side-b", "B"]]) {
    keys.append(burstnet.element("span", { class: `key ${kind}` }, text));
  }
}
