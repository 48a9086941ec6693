"use strict";
// burstnet.sortable, burstnet.table: tables whose headers sort them.
{
  // The value of a cell: a number in data-value, else its text. Empty cells have none.
  const value = (cell) => {
    if (!cell) return null;
    const given = cell.dataset.value;
    if (given !== undefined) return given === "" ? null : Number(given);
    return cell.textContent.trim() || null;
  };
  // Missing values come last in both directions; equal ones keep their order.
  const order = (a, b, sign) => {
    if (a === null || b === null) return (a === null) - (b === null);
    if (typeof a === "number" && typeof b === "number") return sign * (a - b);
    return sign * String(a).localeCompare(String(b), "en", { numeric: true });
  };

  const header = (table, th, sort) => {
    const button = burstnet.element("button", { type: "button" });
    button.append(...th.childNodes);
    button.addEventListener("click", () => {
      const direction = th.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
      for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
      th.setAttribute("aria-sort", direction);
      sort(direction === "ascending" ? 1 : -1);
      burstnet.announce(`Sorted by ${button.textContent}, ${direction}`);
    });
    th.append(button);
  };

  // Makes the headers of a table sort its rows.
  burstnet.sortable = (table) => {
    const body = table.tBodies[0];
    Array.from(table.tHead.rows[0].cells).forEach((th, column) => {
      header(table, th, (sign) => {
        const rows = Array.from(body.rows, (row) => [value(row.cells[column]), row]);
        rows.sort((a, b) => order(a[0], b[0], sign));
        body.append(...rows.map(([, row]) => row));
      });
    });
  };
  for (const table of document.querySelectorAll("table.data.sort")) burstnet.sortable(table);

  // A sortable table made here. `columns` are {title, value(row), show(row), left}; `value` gives what is sorted by, a
  // number or a text or null, and `show` an element or a text (default: the value). The first column is the row's
  // header. At first `first` rows are shown, more by a button. `made(tr, row)` can add to each row. The table that is
  // returned has `refill(rows)`.
  burstnet.table = ({ caption, columns, rows, first = 25, made = () => {} }) => {
    const body = burstnet.element("tbody");
    const head = burstnet.element("tr");
    const table = burstnet.element(
      "table",
      { class: "data" },
      burstnet.element("caption", {}, caption),
      burstnet.element("thead", {}, head),
      body,
    );
    const more = burstnet.element("button", { type: "button" });
    let shown = first;
    let all = rows;
    const cell = (column, row, at) => {
      const content = column.show ? column.show(row) : (column.value(row) ?? "–");
      const name = at === 0 ? "th" : "td";
      const attributes = { class: column.left ? "left" : null, scope: at === 0 ? "row" : null };
      return burstnet.element(name, attributes, typeof content === "number" ? burstnet.number(content) : content);
    };
    const fill = () => {
      body.replaceChildren(
        ...all.slice(0, shown).map((row) => {
          const tr = burstnet.element("tr", {}, ...columns.map((column, at) => cell(column, row, at)));
          made(tr, row);
          return tr;
        }),
      );
      const left = all.length - shown;
      more.hidden = left <= 0;
      more.textContent = left > 200 ? `Show 200 more of ${left}` : `Show ${left} more`;
    };
    more.addEventListener("click", () => {
      shown += 200;
      fill();
    });
    for (const column of columns) {
      const th = burstnet.element("th", { scope: "col", class: column.left ? "left" : null }, column.title);
      header(table, th, (sign) => {
        all = all.slice().sort((a, b) => order(column.value(a) ?? null, column.value(b) ?? null, sign));
        fill();
      });
      head.append(th);
    }
    fill();
    const scroll = burstnet.element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, table);
    const whole = burstnet.element("div", {}, scroll, more);
    whole.refill = (next) => {
      all = next;
      for (const th of head.cells) th.removeAttribute("aria-sort");
      fill();
    };
    return whole;
  };
}
