// The texts of the interface in the language of the page: a page has those that its scripts need, by their English words.

interface Texts {
  messages: Record<string, string>;
  plurals: Record<string, Record<string, string>>;
}

const page = typeof document === "undefined" ? null : document; // tests have none
const given = page?.querySelector("#texts")?.textContent;
const texts: Texts = given ? JSON.parse(given) : { messages: {}, plurals: {} };
const language = page?.documentElement.lang || "en";

function filled(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));
}

/** A message with the values for its placeholders. */
export function _(message: string, values: Record<string, string | number> = {}): string {
  return filled(texts.messages[message] ?? message, values);
}

/** The form of a message for a number. */
export function ngettext(one: string, many: string, n: number): string {
  const forms = texts.plurals[one];
  const form = forms ? (forms[new Intl.PluralRules(language).select(n)] ?? forms["other"]!) : n === 1 ? one : many;
  return filled(form, { n });
}

/** A number as the language of the page writes it. */
export function decimal(value: number, digits = 0): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits, useGrouping: false }).format(value);
}
