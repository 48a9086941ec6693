"use strict";
// The bar of the chosen configuration, the address that names it, rows that choose and commands that follow the folder.
{
  const { sweep } = burstnet;
  const { data } = sweep;
  const at = (id) => document.getElementById(id);
  const [bar, name, line, body, input, more] = ["chosen", "chosen-name", "chosen-line", "chosen-body", "chosen-id", "chosen-more"].map(at);

  const folder = at("folder");
  const quoted = (word) => {
    const path = word.startsWith("-") ? `./${word}` : word;
    return /^[A-Za-z0-9/._\-+=:,@%]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
  };
  const rerun = (id) => `burstnet rerun ${quoted(folder.value)} --config ${id} --replicate 0`;

  // Texts with the folder in them, as the program writes them.
  const fill = () => {
    const file = (table) => `${folder.value.replace(/\/+$/, "")}/${table}.parquet`;
    const sql = (text) => `'${text.replaceAll("'", "''")}'`;
    for (const code of document.querySelectorAll("code[data-template]")) {
      code.textContent = code.dataset.template
        .replaceAll("{trials_sql}", () => sql(file("trials")))
        .replaceAll("{trials}", () => JSON.stringify(file("trials")))
        .replaceAll("{curves}", () => JSON.stringify(file("curves")))
        .replaceAll("{word}", () => quoted(folder.value));
    }
    const best = at("rerun-best");
    if (best) best.textContent = rerun(data.best);
    show();
  };

  const show = () => {
    const id = sweep.chosen;
    const hash = id === null ? "" : `#config=${id}`;
    if (location.hash !== hash && (hash || location.hash.startsWith("#config="))) {
      try {
        history.replaceState(null, "", hash || location.pathname);
      } catch {
        location.hash = hash;
      }
    }
    bar.hidden = id === null;
    document.body.classList.toggle("choosing", id !== null);
    for (const row of document.querySelectorAll("tr[data-config]")) mark(row);
    if (id === null) return;
    const row = sweep.rowOf.get(id);
    const [title, measure, count, ...settings] = sweep.lines(row);
    name.textContent = title.replace("configuration", "Configuration");
    line.textContent = `${measure}, ${count}`;
    input.value = id;
    const values = burstnet.element("dl", { class: "facts" });
    data.keys.forEach(({ key }, number) => {
      const value = burstnet.element("dd", {}, burstnet.text(sweep.shown(number, row), 200));
      values.append(burstnet.element("dt", {}, burstnet.element("code", {}, key)), value);
    });
    const command = burstnet.element("pre", { tabindex: "0" }, burstnet.element("code", {}, rerun(id)));
    body.replaceChildren(values, burstnet.copyable(burstnet.element("div", { class: "copy", "data-label": "the command to rerun this configuration" }, command)));
    burstnet.announce(`${settings.length ? `${title}: ${settings.join(", ")}` : title}. ${measure}`);
  };

  // A row of a table that chooses its configuration, by mouse and, through the button in its header, by keyboard.
  const mark = (row) => row.classList.toggle("chosen", Number(row.dataset.config) === sweep.chosen);
  burstnet.chooses = (row, id) => {
    row.dataset.config = id;
    const header = row.querySelector("th");
    if (sweep.rowOf.has(id)) {
      const button = burstnet.element("button", { type: "button", class: "choose", title: "Choose this configuration" });
      button.append(...header.childNodes);
      header.append(button);
      row.addEventListener("click", () => sweep.choose(id));
    }
    mark(row);
  };
  for (const row of document.querySelectorAll("tr[data-config]")) burstnet.chooses(row, Number(row.dataset.config));

  at("chosen-clear").addEventListener("click", () => sweep.choose(null));
  more.addEventListener("click", () => {
    body.hidden = !body.hidden;
    more.setAttribute("aria-expanded", String(!body.hidden));
  });
  input.addEventListener("change", () => {
    const known = input.value !== "" && sweep.choose(Number(input.value));
    if (!known) burstnet.announce(`Configuration ${input.value} is not on this page`);
    input.setAttribute("aria-invalid", String(!known));
    input.title = known ? "" : "Not on this page";
  });
  folder.addEventListener("input", fill);
  sweep.on("chosen", show);
  const follow = () => {
    const found = /^#config=(\d+)$/.exec(location.hash);
    if (found) sweep.choose(Number(found[1]));
  };
  addEventListener("hashchange", follow);
  // All parts listen by then.
  addEventListener("DOMContentLoaded", () => {
    follow();
    show();
  });
}
