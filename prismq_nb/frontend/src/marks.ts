/**
 * Characters that cannot be seen, or that reorder what stands around them -> a small sign in their place. Pure; imports nothing.
 *
 * Overrides and embeddings of bidirectional text can make a line read as what it does not say (CVE-2021-42574, "Trojan Source"), so they are shown and
 * have no effect; right-to-left letters, marks of direction (LRM, RLM) and joiners (emoji, Persian, Indic scripts) work as ever.
 */

const NAMES: Readonly<Record<number, string>> = {
  0x85: "NEL", 0xad: "SHY", 0x180e: "MVS", 0x200b: "ZWSP", 0x2060: "WJ", 0xfeff: "BOM",
  0x202a: "LRE", 0x202b: "RLE", 0x202c: "PDF", 0x202d: "LRO", 0x202e: "RLO",
  0x2066: "LRI", 0x2067: "RLI", 0x2068: "FSI", 0x2069: "PDI",
  0x2061: "f()", 0x2062: "\u00d7", 0x2063: ",", 0x2064: "+", 0xfff9: "IAA", 0xfffa: "IAS", 0xfffb: "IAT",
};

/** What `sign` knows, for a character class of a regular expression: besides C0 and C1, which the parser of escape sequences sees first. */
export const INVISIBLE = "\\u00ad\\u180e\\u200b\\u202a-\\u202e\\u2060-\\u2064\\u2066-\\u2069\\ufeff\\ufff9-\\ufffb";

/** The sign of a character, and its code for a tooltip; undefined: nothing is shown (shifts of terminals, which prompts are full of). */
export function sign(character: string): { readonly text: string; readonly code: string } | undefined {
  const value = character.codePointAt(0) ?? 0;
  if (value === 0x0e || value === 0x0f) return undefined;
  const code = `U+${value.toString(16).toUpperCase().padStart(4, "0")}`;
  if (value < 0x20) return { text: String.fromCharCode(0x2400 + value), code };
  if (value === 0x7f) return { text: "\u2421", code };
  return { text: NAMES[value] ?? code.slice(2), code };
}
