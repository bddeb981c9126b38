/** Binary search. Pure; imports nothing. */

/**
 * Return the first of `count` indices (below 2^30) for which `holds` is true; `count` if there is
 * none.
 *
 * @param holds is false up to some index and true from there on.
 */
export function bisect(count: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
