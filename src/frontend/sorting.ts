// Sorts tables: by a button in each head of a column, in the order of numbers, dates or the language of the page.

/** A cell's value in the order that its column has. */
export type Value = number | string;

/** Makes the table sortable by all columns but fixed ones: by its own rows or by `sort`, which gets the column and 1 or -1. */
export function sortable(table: HTMLTableElement, sort = (column: number, sign: number) => sortRows(table, column, sign)): void {
  const heads = [...table.querySelectorAll<HTMLTableCellElement>("thead th")];
  for (const head of heads) {
    if ("fixed" in head.dataset) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const direction = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", direction);
      sort(head.cellIndex, direction === "descending" ? -1 : 1);
    });
  }
}

function sortRows(table: HTMLTableElement, column: number, sign: number): void {
  const body = table.tBodies[0]!;
  const rows = [...body.rows].map((row) => ({ row, value: valueOf(row.cells[column]?.textContent ?? "") }));
  const compare = order(table.closest("[lang]")?.getAttribute("lang") ?? "en");
  rows.sort((a, b) => compare(a.value, b.value, sign));
  body.append(...rows.map(({ row }) => row));
}

/** The number that a text is, else its words. */
export function valueOf(text: string): Value {
  const words = text.trim();
  return /^[-+]?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(words) ? Number(words) : words;
}

/** Compares values; what is empty stands last in either direction, numbers before words. */
export function order(language: string): (a: Value, b: Value, sign: number) => number {
  const words = new Intl.Collator(language, { numeric: true, sensitivity: "base" });
  return (a, b, sign) => {
    if (a === "" || b === "") return Number(a === "") - Number(b === "");
    if (typeof a === "number" && typeof b === "number") return sign * (a - b);
    return sign * words.compare(String(a), String(b));
  };
}
