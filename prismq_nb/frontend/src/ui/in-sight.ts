/** Whether an element is in the viewport. */

/**
 * Call `changed` when `node` enters or leaves the viewport, until `signal` aborts.
 *
 * @param rootMargin how far outside still counts, as a CSS length.
 */
export function onSight(
  node: Element,
  changed: (inSight: boolean) => void,
  signal: AbortSignal,
  rootMargin = "0px",
): void {
  const observer = new IntersectionObserver(
    (entries) => changed(entries.at(-1)?.isIntersecting === true), // the newest of several
    { rootMargin },
  );
  observer.observe(node);
  signal.addEventListener("abort", () => observer.disconnect());
}
