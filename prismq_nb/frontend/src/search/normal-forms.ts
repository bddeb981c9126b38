/**
 * Unicode's normal forms in a search, as the server widens them (journal/search/normal_forms.py): NFC is found by NFD, and the other way round. The pattern is
 * widened, not the line normalised: marks keep their places. Pure.
 */

const PARTS = /(?<set>\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\])|(?<escape>\\.)|(?<plain>[^\\[]+)|./gsu;
/** A character, with the marks that follow it. */
const CLUSTERS = /.\p{M}*/gsu;
const ASCII = /^\p{ASCII}*$/u;

/** @returns a pattern for a text in any normal form. */
export function widenedText(text: string, escape: (text: string) => string): string {
  if (ASCII.test(text)) return escape(text);
  return either(widened(text, escape), escape(text));
}

/** @returns a pattern that takes its own characters in any normal form. */
export function widenedPattern(pattern: string): string {
  if (ASCII.test(pattern) || pattern.includes("\\Q")) return pattern;
  return pattern.replace(PARTS, (part: string, ...rest: unknown[]) => {
    const { set, plain } = rest.at(-1) as { set?: string; plain?: string };
    if (plain) return widened(plain, (text) => text);
    return set && !set.startsWith("[^") ? either(set, ...decomposed(set)) : part;
  });
}

/** A set takes one character, so the longer forms of its members stand beside it. */
function decomposed(set: string): string[] {
  return [...set].map((char) => [char, char.normalize("NFD")] as const).flatMap(([char, form]) => (form.length > char.length ? [form] : []));
}

function widened(text: string, escape: (text: string) => string): string {
  return text.normalize("NFC").replace(CLUSTERS, (cluster) => either(escape(cluster), escape(cluster.normalize("NFD"))));
}

function either(...forms: string[]): string {
  const different = [...new Set(forms)];
  return different.length > 1 ? `(?:${different.join("|")})` : (different[0] ?? "");
}
