// Sorts tables: by a button in each head of a column, in the order of numbers, dates or the language of the page.

/** A cell's value in the order that its column has. */
export type Value = number | string;

/** Makes the table sortable. */
export function sortable(table: HTMLTableElement): void {
  for (const head of table.querySelectorAll<HTMLTableCellElement>("thead th")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sort(table, head));
  }
}

function sort(table: HTMLTableElement, head: HTMLTableCellElement): void {
  const direction = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
  for (const other of table.querySelectorAll("thead th")) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", direction);
  const body = table.tBodies[0]!;
  const rows = [...body.rows].map((row) => ({ row, value: valueOf(row.cells[head.cellIndex]) }));
  const compare = order(table.closest("[lang]")?.getAttribute("lang") ?? "en");
  rows.sort((a, b) => compare(a.value, b.value, direction === "descending" ? -1 : 1));
  body.append(...rows.map(({ row }) => row));
}

/** Its number or its words; `data-value` where the words are not what to sort by. */
function valueOf(cell: HTMLTableCellElement | undefined): Value {
  const text = (cell?.dataset["value"] ?? cell?.textContent ?? "").trim();
  return text !== "" && /^[-+]?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(text) ? Number(text) : text;
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
