// Reads the annotations of a report as programs do that mark passages in its text. Takes the paths of the annotations
// and of the text; writes a line of JSON for each annotation: what Recogito's text annotator reads of its target (or why
// it reads nothing) and of its bodies, and the words that Apache Annotator finds in the text by each of its selectors.
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

const { window } = new JSDOM("<p></p>");
// Both expect to run in a page.
for (const name of ["document", "Document", "Element", "HTMLElement", "MutationObserver", "Node", "NodeFilter", "Range"])
  globalThis[name] = window[name];
globalThis.window = window;
const { createTextPositionSelectorMatcher, createTextQuoteSelectorMatcher } = await import("@apache-annotator/dom");
const { parseW3CTextAnnotation } = await import("@recogito/text-annotator");

const MATCHERS = {
  TextPositionSelector: createTextPositionSelectorMatcher,
  TextQuoteSelector: createTextQuoteSelectorMatcher,
};

async function found(selector, scope) {
  const words = [];
  for await (const range of MATCHERS[selector.type](selector)(scope)) words.push(range.toString());
  return words;
}

function recogito(annotation) {
  const { parsed, error } = parseW3CTextAnnotation(annotation);
  if (error) return { error: error.message };
  const [{ quote, start, end }] = parsed.target.selector;
  return { quote, start, end, bodies: parsed.bodies.map((body) => body.id ?? body.value) };
}

const [annotations, text] = process.argv.slice(2);
const page = window.document.querySelector("p");
page.textContent = readFileSync(text, "utf-8");
for (const annotation of JSON.parse(readFileSync(annotations, "utf-8")).first.items) {
  const matched = {};
  for (const selector of [annotation.target.selector].flat()) matched[selector.type] = await found(selector, page);
  console.log(JSON.stringify({ id: annotation.id, matched, recogito: recogito(annotation) }));
}
