"use strict";
// Two configurations side by side, with only what differs.
{
  const { sweep } = burstnet;
  const { configurations, keys, best } = sweep.data;
  const controls = document.getElementById("compare-controls");
  const { id, mean, low, high, n } = configurations;
  const chosen = [best, id.find((one) => one !== best) ?? best];

  const table = () => {
    const [a, b] = chosen.map((one) => sweep.rowOf.get(one));
    const interval = (row) => (low[row] === null ? burstnet.number(mean[row]) : `${burstnet.number(mean[row])} (95 %: ${burstnet.number(low[row])} to ${burstnet.number(high[row])})`);
    const of = (name, show) => ({ name, values: [show(a), show(b)] });
    const rows = [
      ...keys.map((key, at) => of(key.key, (row) => sweep.shown(at, row))).filter(({ values }) => values[0] !== values[1]),
      of(sweep.axis, interval),
      of("replicates with a value", (row) => String(n[row])),
      ...sweep.measures.slice(1).map(({ name, unit, mean: own }) => of(unit ? `${name} [${unit}]` : name, (row) => burstnet.number(own[row]))),
    ].filter(({ values }, at) => at < keys.length || values[0] !== values[1]);
    return burstnet.table({
      caption: `What differs between configurations ${chosen[0]} and ${chosen[1]}`,
      columns: [
        { title: "Key or measure", left: true, value: ({ name }) => name, show: ({ name }) => burstnet.text(name) },
        ...[0, 1].map((side) => ({ title: `Configuration ${chosen[side]}`, left: true, value: ({ values }) => values[side], show: ({ values }) => burstnet.text(values[side], 60) })),
      ],
      rows,
      first: 40,
    });
  };

  if (controls && id.length > 1) {
    const place = document.getElementById("compare-table");
    const show = () => place.replaceChildren(table());
    const input = (side, label) => {
      const field = burstnet.element("input", { type: "number", min: "0", inputmode: "numeric", value: chosen[side], class: "number-field" });
      field.addEventListener("change", () => {
        const known = field.value !== "" && sweep.rowOf.has(Number(field.value));
        field.setAttribute("aria-invalid", String(!known));
        if (!known) return burstnet.announce(`Configuration ${field.value} is not on this page`);
        chosen[side] = Number(field.value);
        show();
      });
      return [field, burstnet.element("label", {}, label, field)];
    };
    const [, left] = input(0, "Configuration");
    const [second, right] = input(1, "and");
    controls.append(left, right, burstnet.element("span", { class: "muted" }, "the chosen one comes second"));
    sweep.on("chosen", () => {
      if (sweep.chosen === null || sweep.chosen === chosen[0]) return;
      chosen[1] = sweep.chosen;
      second.value = String(sweep.chosen);
      show();
    });
    show();
  }
}
