/**
 * Match Unicode normal forms as the server does (journal/search/normal_forms.py): NFC finds NFD and
 * vice versa. The pattern is widened rather than the line normalised, so that match positions stay
 * valid. Pure.
 */

const PARTS =
  /(?<set>\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\])|(?<escape>\\.)|(?<plain>[^\\[]+)|./gsu;
/** A character with its combining marks. */
const CLUSTERS = /.\p{M}*/gsu;
const ASCII = /^\p{ASCII}*$/u;

/** Return a pattern that matches a text in any normal form. */
export function widenedText(text: string, escaped: (text: string) => string): string {
  if (ASCII.test(text)) return escaped(text);
  return either(widened(text, escaped), escaped(text));
}

/** Return a pattern whose literal characters match in any normal form. */
export function widenedPattern(pattern: string): string {
  if (ASCII.test(pattern) || pattern.includes("\\Q")) return pattern;
  return pattern.replace(PARTS, (part: string, ...rest: unknown[]) => {
    const { set, plain } = rest.at(-1) as { set?: string; plain?: string };
    if (plain) return widened(plain, (text) => text);
    return set && !set.startsWith("[^") ? either(set, ...decomposed(set)) : part;
  });
}

/**
 * Return the decomposed members of a set; a set matches one character, so these become alternatives
 * to it.
 */
function decomposed(set: string): string[] {
  return [...set]
    .map((char) => [char, char.normalize("NFD")] as const)
    .flatMap(([char, form]) => (form.length > char.length ? [form] : []));
}

function widened(text: string, escaped: (text: string) => string): string {
  return text
    .normalize("NFC")
    .replace(CLUSTERS, (cluster) => either(escaped(cluster), escaped(cluster.normalize("NFD"))));
}

function either(...forms: string[]): string {
  const different = [...new Set(forms)];
  return different.length > 1 ? `(?:${different.join("|")})` : (different[0] ?? "");
}
