/**
 * Visible signs for characters that are invisible or that reorder the surrounding text. Pure;
 * imports nothing.
 *
 * Bidirectional overrides and embeddings can make a line read differently from its content
 * (CVE-2021-42574, "Trojan Source"), so they are shown and have no effect. Right-to-left letters,
 * direction marks (LRM, RLM) and joiners (emoji, Persian, Indic scripts) keep working.
 */

// biome-ignore-start lint/complexity/useSimpleNumberKeys: code points are hexadecimal in Unicode
const NAMES: Readonly<Record<number, string>> = {
  0x00: "NUL",
  0x01: "SOH",
  0x02: "STX",
  0x03: "ETX",
  0x04: "EOT",
  0x05: "ENQ",
  0x06: "ACK",
  0x07: "BEL",
  0x08: "BS",
  0x10: "DLE",
  0x11: "DC1",
  0x12: "DC2",
  0x13: "DC3",
  0x14: "DC4",
  0x15: "NAK",
  0x16: "SYN",
  0x17: "ETB",
  0x18: "CAN",
  0x19: "EM",
  0x1a: "SUB",
  0x1c: "FS",
  0x1d: "GS",
  0x1e: "RS",
  0x1f: "US",
  0x7f: "DEL",
  0x85: "NEL",
  0xad: "SHY",
  0x180e: "MVS",
  0x200b: "ZWSP",
  0x2060: "WJ",
  0xfeff: "BOM",
  0x202a: "LRE",
  0x202b: "RLE",
  0x202c: "PDF",
  0x202d: "LRO",
  0x202e: "RLO",
  0x2066: "LRI",
  0x2067: "RLI",
  0x2068: "FSI",
  0x2069: "PDI",
  0x2061: "f()",
  0x2062: "\u00d7",
  0x2063: ",",
  0x2064: "+",
  0xfff9: "IAA",
  0xfffa: "IAS",
  0xfffb: "IAT",
};
// biome-ignore-end lint/complexity/useSimpleNumberKeys: as above

/**
 * The characters that `sign` covers, for a character class; without C0 and C1, which the escape
 * sequence parser handles first.
 */
export const INVISIBLE =
  "\\u00ad\\u180e\\u200b\\u202a-\\u202e\\u2060-\\u2064\\u2066-\\u2069\\ufeff\\ufff9-\\ufffb";

/**
 * Return the sign of a character and its code point for a tooltip; undefined if nothing is shown
 * (SO and SI, which are common in prompts).
 */
export function sign(
  character: string,
): { readonly text: string; readonly code: string } | undefined {
  const value = character.codePointAt(0) ?? 0;
  if (value === 0x0e || value === 0x0f) return undefined;
  const code = `U+${value.toString(16).toUpperCase().padStart(4, "0")}`;
  return { text: NAMES[value] ?? code.slice(2), code };
}
