/** An element with attributes and a text. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Record<string, string>,
  text = "",
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(text);
  return made;
}

/** What says that an element is in another language than the page, if it is. */
export function inLanguage(language?: string | null): Record<string, string> {
  return language ? { lang: language, dir: "auto" } : {};
}
