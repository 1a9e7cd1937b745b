// The page of a question: lists and words choose rows of its answer, and the address says what is chosen.

import { addressOf, chosen, csvOf, sorted, type Cell, type Row } from "./answer-rows.js";
import { element, inLanguage } from "./dom.js";
import { order, sortable } from "./sorting.js";

const PAGE = 200;
const PAUSE = 120;
const SVG = "http://www.w3.org/2000/svg";

const form = document.querySelector<HTMLFormElement>("#narrow");
const table = document.querySelector<HTMLTableElement>("table.answers");
const count = document.querySelector<HTMLElement>("#count")!;
const more = document.querySelector<HTMLButtonElement>("#more");
const csv = document.querySelector<HTMLAnchorElement>("#csv");

/** The table with all its rows, of which it shows those that the form chooses. */
class Answer {
  private rows: Promise<Row[]> | null = null;
  private sorting: { column: number; sign: number } | null = null;
  private readonly heads: HTMLTableCellElement[];
  private readonly titles: string[];
  private turn = 0;
  private readonly texts = new WeakMap<Cell[], string>();

  constructor(
    private readonly form: HTMLFormElement,
    private readonly table: HTMLTableElement,
  ) {
    this.heads = [...table.querySelectorAll<HTMLTableCellElement>("thead th")];
    this.titles = this.heads.map((head) => head.textContent!.trim());
    sortable(table, (column, sign) => {
      this.sorting = { column, sign };
      void this.show();
    });
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("focusin", () => void this.all().catch(() => {}));
    let waiting = 0;
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = window.setTimeout(() => void this.show(), PAUSE);
    });
    const address = new URLSearchParams(location.search);
    let isAsked = false;
    for (const field of this.fields) {
      const wanted = address.get(field.name);
      const known = field instanceof HTMLInputElement || [...field.options].some(({ value }) => value === wanted);
      if (wanted === null || !known) continue;
      field.value = wanted;
      isAsked = true;
    }
    if (more) more.onclick = () => void this.show().then(() => more.click());
    if (isAsked) void this.show();
    else if (more) more.hidden = !document.querySelector("#beginning");
  }

  private get lists(): HTMLSelectElement[] {
    return [...this.form.querySelectorAll("select")];
  }

  private get filter(): HTMLInputElement {
    return this.form.querySelector<HTMLInputElement>("[name=filter]")!;
  }

  private get fields(): (HTMLSelectElement | HTMLInputElement)[] {
    return [...this.lists, this.filter];
  }

  /** All rows, by a script, which a page opened from disk may load; it may not fetch. */
  private all(): Promise<Row[]> {
    this.rows ??= new Promise<Row[]>((resolve, reject) => {
      Object.assign(window, { rejoinderRows: resolve });
      const script = element("script", { src: this.form.dataset["rows"]! });
      script.onerror = () => reject(new Error(this.form.dataset["failed"]));
      document.head.append(script);
    });
    return this.rows;
  }

  /** Shows the first of the chosen rows, and says in the address what is chosen. */
  private async show(): Promise<void> {
    const turn = ++this.turn;
    const choice = { keys: this.lists.map((list) => list.selectedIndex - 1), words: this.filter.value };
    const first = (list: HTMLSelectElement) => [...list.options].find((option) => option.defaultSelected)?.value ?? "";
    const said = addressOf([
      ...this.lists.map((list) => [list.name, list.value, first(list)] as [string, string, string]),
      ["filter", this.filter.value.trim(), ""],
    ]);
    try {
      const rows = await this.all();
      if (turn !== this.turn) return;
      history.replaceState(null, "", (said || location.pathname) + location.hash);
      this.fill(this.inOrder(chosen(rows, choice, this.texts)), rows.length);
    } catch (error) {
      count.textContent = (error as Error).message;
    }
  }

  private inOrder(rows: Row[]): Row[] {
    if (!this.sorting) return rows;
    const { column, sign } = this.sorting;
    const compare = order(this.table.closest("[lang]")?.getAttribute("lang") ?? "en");
    return sorted(rows, column, (a, b) => compare(a, b, sign));
  }

  private fill(rows: Row[], all: number): void {
    document.querySelector("#beginning")?.remove();
    const body = this.table.tBodies[0]!;
    body.replaceChildren(...rows.slice(0, PAGE).map((row) => this.line(row)));
    const words = rows.length ? this.form.dataset["count"]! : this.form.dataset["none"]!;
    count.textContent = words.replace("{shown}", String(rows.length)).replace("{all}", String(all));
    if (more) {
      more.hidden = rows.length <= PAGE;
      more.onclick = () => this.extend(rows);
    }
    if (csv) {
      if (csv.href.startsWith("blob:")) URL.revokeObjectURL(csv.href);
      csv.href = URL.createObjectURL(new Blob([csvOf(this.titles, rows)], { type: "text/csv" }));
      csv.download = `${location.pathname.split("/").at(-1)!.replace(/\.html$/, "")}.csv`;
    }
  }

  private extend(rows: Row[]): void {
    const body = this.table.tBodies[0]!;
    const from = body.rows.length;
    body.append(...rows.slice(from, from + PAGE).map((row) => this.line(row)));
    more!.hidden = body.rows.length >= rows.length;
    body.rows[from]?.querySelector("a")?.focus();
  }

  /** A row as the template writes it. */
  private line([, cells]: Row): HTMLTableRowElement {
    const made = element("tr", {});
    made.append(...cells.map((cell, at) => this.cell(cell, at)));
    return made;
  }

  private cell(cell: Cell, at: number): HTMLTableCellElement {
    const [words, link, language, bar] = typeof cell === "string" ? [cell] : cell;
    const head = this.heads[at]!;
    const isNumber = head.classList.contains("number");
    const isName = at === 0 && !isNumber && words !== "";
    const made = element(isName ? "th" : "td", { "data-label": this.titles[at]!, ...(isName ? { scope: "row" } : {}) });
    if (isNumber) made.className = "number";
    else if (words.length <= 24 && !words.includes(" ")) made.className = "tight";
    if (language) Object.assign(made, inLanguage(language));
    made.append(link && words ? element("a", { href: link }, words) : words);
    if (typeof bar === "number") made.append(drawn(bar, head.dataset["series"]!));
    return made;
  }
}

function drawn(length: number, series: string): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  const given = { class: "bar", viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" };
  for (const [name, value] of Object.entries(given)) svg.setAttribute(name, value);
  const rect = document.createElementNS(SVG, "rect");
  for (const [name, value] of Object.entries({ class: `series${series}`, width: String(length), height: "4" })) rect.setAttribute(name, value);
  svg.append(rect);
  return svg;
}

if (form && table) new Answer(form, table);
