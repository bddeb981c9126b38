/** What is known of the gaps of a run. Pure; imports only types. */

import type { Gap } from "../base/protocol.js";

/** Gaps by place, each once; the newer report of one that still grows wins. */
export function mergeGaps(old: readonly Gap[], fresh: readonly Gap[]): readonly Gap[] {
  if (!fresh.length) return old;
  const byPlace = new Map([...old, ...fresh].map((gap) => [`${gap.before} ${gap.begin}`, gap]));
  return [...byPlace.values()].sort((a, b) => a.before - b.before || a.begin.localeCompare(b.begin));
}
