/**
 * Map a list that may be higher than browsers allow (Chromium 33 million px, divided by the zoom;
 * Firefox 18 million) to a scroll bar range within the limit. Pure.
 *
 * Near both ends, one px of the scroll bar range is one px of the list, so that the first and the
 * last row are reached exactly; in between, the range is stretched.
 */

/**
 * Maximum height of the scrolled element, in px. Low enough for compositors, which keep offsets as
 * 32-bit floats, to resolve a quarter of a px.
 */
export const MAX_PX = 4_000_000;
/** Px at each end that are not stretched. */
const EXACT_PX = MAX_PX / 4;

/** Height of the scrolled element for a list of `content` px. */
export function scrolledHeight(content: number): number {
  return Math.min(content, MAX_PX);
}

/** Convert a scroll position to px of the list above the upper edge of the view. */
export function toList(top: number, content: number, view: number): number {
  if (content <= MAX_PX) return top;
  const [range, real] = [MAX_PX - view, content - view];
  if (top <= EXACT_PX) return top;
  if (top >= range - EXACT_PX) return real - (range - top);
  return EXACT_PX + ((top - EXACT_PX) * (real - 2 * EXACT_PX)) / (range - 2 * EXACT_PX);
}

/** The inverse of `toList`. */
export function toScroll(y: number, content: number, view: number): number {
  if (content <= MAX_PX) return y;
  const [range, real] = [MAX_PX - view, content - view];
  if (y <= EXACT_PX) return y;
  if (y >= real - EXACT_PX) return range - (real - y);
  return EXACT_PX + ((y - EXACT_PX) * (range - 2 * EXACT_PX)) / (real - 2 * EXACT_PX);
}
