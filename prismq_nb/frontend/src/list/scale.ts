/**
 * A list that may be higher than browsers allow (Chromium 33 million px, divided by the zoom; Firefox 18) on a scroll bar that may not. Pure.
 *
 * Near both ends one px of the scroll bar's range is one px of the list, so that the first and the last row are reached exactly; between them the
 * range is stretched.
 */

/** Height of what is scrolled, at most, in px. Low enough for 32-bit floats, in which compositors keep offsets, to tell quarters of a px. */
export const MOST_PX = 4_000_000;
/** At each end, this much is not stretched. */
const EXACT_PX = MOST_PX / 4;

/** Height of what is scrolled for a list of `content` px. */
export function scrolledHeight(content: number): number {
  return Math.min(content, MOST_PX);
}

/** Px of the list above the window's upper edge, when the scroll bar is at `top`. */
export function toList(top: number, content: number, view: number): number {
  if (content <= MOST_PX) return top;
  const [range, real] = [MOST_PX - view, content - view];
  if (top <= EXACT_PX) return top;
  if (top >= range - EXACT_PX) return real - (range - top);
  return EXACT_PX + ((top - EXACT_PX) * (real - 2 * EXACT_PX)) / (range - 2 * EXACT_PX);
}

/** The inverse of `toList`. */
export function toScroll(y: number, content: number, view: number): number {
  if (content <= MOST_PX) return y;
  const [range, real] = [MOST_PX - view, content - view];
  if (y <= EXACT_PX) return y;
  if (y >= real - EXACT_PX) return range - (real - y);
  return EXACT_PX + ((y - EXACT_PX) * (range - 2 * EXACT_PX)) / (real - 2 * EXACT_PX);
}
