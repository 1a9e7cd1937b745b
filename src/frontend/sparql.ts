// The SPARQL page: stored questions to begin with, an editor, the answer, files and a link to share.

import { counted, csvOf, download, shown, tableOf } from "./table.js";
import { fromTheLeft } from "./arithmetic.js";
import { element } from "./dom.js";
import { Editor } from "./editor.js";
import { Engine, Stopped, size } from "./engine.js";
import type { Form } from "./worker-protocol.js";
import { termOf, type Offers, type Parameter, type Question } from "./offers.js";
import { _ } from "./words.js";
import { bound, foreseen, formOf, located, place, type Problem } from "./query.js";

const UNSERVED = _(
  "A browser cannot run queries on a page that is opened from disk. Serve the folder, e.g. with “python3 -m http.server”, and open this page there.",
);
const FIRST = "who-raised-what";

const part = <E extends HTMLElement>(id: string): E => document.querySelector<E>(`#${id}`)!;
const tool = part("tool");
const choice = part<HTMLSelectElement>("question");
const fields = part<HTMLFormElement>("parameters");
const [run, stop, share] = ["run", "stop", "share"].map((id) => part<HTMLButtonElement>(id)) as [
  HTMLButtonElement,
  HTMLButtonElement,
  HTMLButtonElement,
];
const state = part("state");
const error = part("error");
const answer = part("answer");

async function start(): Promise<void> {
  tool.hidden = false;
  if (location.protocol === "file:") {
    return tool.replaceChildren(element("p", { class: "note" }, UNSERVED));
  }
  const offers = (await (await fetch("assets/offers.json")).json()) as Offers;
  const editor = new Editor(part("editor"), offers, () => void ask(offers, editor, engine));
  const engine = new Engine(tell);
  offerQuestions(offers, editor);
  for (const figure of state.querySelectorAll<HTMLElement>("[data-bytes]")) figure.textContent = size(Number(figure.dataset["bytes"]));
  run.addEventListener("click", () => void ask(offers, editor, engine));
  stop.addEventListener("click", () => engine.stop());
  share.addEventListener("click", () => void copyLink(editor));
  addEventListener("hashchange", () => open(offers, editor));
  open(offers, editor);
}

function tell(words: string): void {
  state.textContent = words;
}

/** Opens what the address names: a query, or a stored question. */
function open(offers: Offers, editor: Editor): void {
  const query = new URLSearchParams(location.hash.slice(1)).get("query");
  const wanted = new URLSearchParams(location.search).get("question") ?? FIRST;
  const question = offers.questions.find(({ name }) => name === wanted) ?? offers.questions[0];
  if (query !== null) return void (editor.text = query);
  if (!question) return;
  show(question, offers, editor);
  fillIn(question, offers, editor);
}

/** Sets the parameters that the address has values for, and runs the query if there are any. */
function fillIn(question: Question, offers: Offers, editor: Editor): void {
  const address = new URLSearchParams(location.search);
  const given = question.parameters.filter(({ name }) => address.has(name));
  for (const parameter of given) {
    const input = fields.elements.namedItem(parameter.name) as HTMLInputElement | HTMLSelectElement;
    set(input, parameter, address.get(parameter.name)!, offers);
  }
  if (!given.length) return;
  fill(question, offers, editor);
  run.click();
}

function offerQuestions(offers: Offers, editor: Editor): void {
  const groups = new Map<string, Question[]>();
  for (const question of offers.questions) groups.set(question.group, [...(groups.get(question.group) ?? []), question]);
  choice.replaceChildren(new Option("…", ""), ...[...groups].map(([label, members]) => {
    const group = element("optgroup", { label });
    group.append(...members.map(({ name, title }) => new Option(title, name)));
    return group;
  }));
  choice.addEventListener("change", () => {
    const question = offers.questions.find(({ name }) => name === choice.value);
    if (question) show(question, offers, editor);
  });
}

/** Puts a stored question into the editor, with a field for each of its parameters. */
function show(question: Question, offers: Offers, editor: Editor): void {
  choice.value = question.name;
  editor.text = question.query;
  fields.hidden = !question.parameters.length;
  fields.replaceChildren(...question.parameters.map((parameter) => field(parameter, offers)));
  fields.oninput = () => fill(question, offers, editor);
  fields.onsubmit = (event) => {
    event.preventDefault();
    run.click();
  };
  if (question.parameters.some(({ value }) => value)) fill(question, offers, editor);
}

/** Binds the parameters that have values, in the text of the query, where everybody sees them. */
function fill(question: Question, offers: Offers, editor: Editor): void {
  const terms = new Map<string, string>();
  for (const parameter of question.parameters) {
    const input = fields.elements.namedItem(parameter.name) as HTMLInputElement | HTMLSelectElement;
    const words = input.value.trim();
    const term = words ? termOf(parameter, words, offers.base) : null;
    input.setAttribute("aria-invalid", String(Boolean(words) && term === null));
    if (term !== null) terms.set(parameter.name, term);
  }
  editor.text = bound(question.query, terms);
}

/** A field for a parameter: a list of the things that it can be, or words. */
function field(parameter: Parameter, offers: Offers): HTMLElement {
  const id = `parameter-${parameter.name}`;
  const values = offers.values[parameter.type] ?? [];
  const given = { id, name: parameter.name, autocomplete: "off", "aria-describedby": `${id}-hint` };
  const input = values.length ? element("select", given) : element("input", given);
  if (input instanceof HTMLSelectElement) {
    input.append(new Option("…", ""), ...values.map(([name, label]) => new Option(label, name)));
  }
  set(input, parameter, parameter.value ?? "", offers);
  const group = element("div", { class: "parameter" });
  group.append(
    element("label", { for: id }, parameter.name),
    input,
    element("p", { id: `${id}-hint`, class: "note" }, parameter.summary),
  );
  return group;
}

/** Puts a value into a field; one that a list does not have is added to it. */
function set(input: HTMLInputElement | HTMLSelectElement, parameter: Parameter, value: string, offers: Offers): void {
  if (input instanceof HTMLInputElement || !value) return void (input.value = value);
  const term = termOf(parameter, value, offers.base);
  const known = [...input.options].find((option) => option.value && termOf(parameter, option.value, offers.base) === term);
  if (!known) input.append(new Option(value, value));
  input.value = known?.value ?? value;
}

async function ask(offers: Offers, editor: Editor, engine: Engine): Promise<void> {
  if (run.disabled) return;
  const query = editor.text;
  error.hidden = true;
  answer.hidden = true;
  const problem = foreseen(query);
  if (problem) return complain(query, problem, editor);
  editor.mark(null);
  history.replaceState(null, "", link(query));
  busy(true);
  try {
    const form = formOf(query) ?? "SELECT";
    present(await answerOf(query, form, engine), form, offers);
  } catch (reason) {
    refuse(query, reason as Error, editor);
  } finally {
    busy(false);
  }
}

/** The answer; if there is none, the reason names the place in the query as it was written. */
async function answerOf(query: string, form: Form, engine: Engine): Promise<string> {
  const run = fromTheLeft(query);
  try {
    return await engine.ask(run, form);
  } catch (reason) {
    if (run === query || !located(run, (reason as Error).message)) throw reason;
    return engine.ask(query, form);
  }
}

function busy(is: boolean): void {
  const hadFocus = document.activeElement === (is ? run : stop);
  run.disabled = is;
  stop.hidden = !is;
  if (hadFocus) (is ? stop : run).focus();
}

function refuse(query: string, reason: Error, editor: Editor): void {
  const problem = located(query, reason.message);
  if (problem) return complain(query, problem, editor);
  tell(reason instanceof Stopped ? reason.message : _("There is no answer."));
  if (reason instanceof Stopped) return;
  error.textContent = reason.message;
  error.hidden = false;
}

/** Says in words what is wrong and in which line, and marks it. */
function complain(query: string, problem: Problem, editor: Editor): void {
  const { line, column } = place(query, problem.at);
  tell(_("The query was not run."));
  error.textContent = _("Line {line}, column {column}: {problem}", { line, column, problem: problem.words });
  error.hidden = false;
  editor.mark(problem);
}

function present(text: string, form: Form, offers: Offers): void {
  const links = part("downloads");
  for (const old of links.querySelectorAll("a")) URL.revokeObjectURL(old.href);
  const isGraph = form === "CONSTRUCT" || form === "DESCRIBE";
  const files = isGraph ? presentGraph(text) : presentTable(text, offers);
  links.replaceChildren(`${_("Download:")} `, ...files.flatMap((file, at) => (at ? [" · ", file] : [file])));
  answer.hidden = false;
  part("answered").focus();
}

function presentTable(text: string, offers: Offers): HTMLElement[] {
  const table = tableOf(text);
  part("rows").textContent = counted(table);
  part("table").replaceChildren(shown(table, offers));
  return [
    download("answer.csv", csvOf(table), "text/csv", "CSV"),
    download("answer.json", text, "application/sparql-results+json", "JSON"),
  ];
}

function presentGraph(text: string): HTMLElement[] {
  part("rows").textContent = text ? _("a graph") : _("an empty graph");
  part("table").replaceChildren(element("pre", {}, text));
  return [download("answer.ttl", text, "text/turtle", "Turtle")];
}

function link(query: string): string {
  return `#${new URLSearchParams({ query })}`;
}

async function copyLink(editor: Editor): Promise<void> {
  history.replaceState(null, "", link(editor.text));
  try {
    await navigator.clipboard.writeText(location.href);
    tell(_("The link is copied; it is in the address line, too."));
  } catch {
    tell(_("The link is in the address line."));
  }
}

start().catch((reason: Error) => tell(_("The page cannot start: {reason}", { reason: reason.message })));
