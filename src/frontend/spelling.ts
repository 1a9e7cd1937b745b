// One spelling for all spellings: the same steps as `spelt` in searchindex.py, whose tables index.js hands over.

export interface Rules {
  letters: Record<string, string>;
  sounds: [written: string, sound: string][];
}

/** The words of a text: without accents, in Latin letters, by their sound. */
export function spelling(text: string, rules: Rules): string[] {
  const plain = text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
  const latin = [...plain].map((letter) => (Object.hasOwn(rules.letters, letter) ? rules.letters[letter] : letter)).join("");
  return (latin.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => bySound(word, rules));
}

function bySound(word: string, { sounds }: Rules): string {
  const replaced = sounds.reduce((sofar, [written, sound]) => sofar.replaceAll(written, sound), word);
  return replaced.replace(/(\p{L})\1/gu, "$1");
}
