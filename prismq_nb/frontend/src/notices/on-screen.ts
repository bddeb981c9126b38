/** Which runs somebody can see in a viewer. */

/** A page that is not drawn gets no answer. */
const PATIENCE_MS = 1_000;

/** Of these runs, those with a viewer in sight: neither in a hidden tab nor scrolled away. */
export async function onScreen(runs: readonly string[]): Promise<ReadonlySet<string>> {
  const viewers = document.querySelectorAll<HTMLElement>(".prismq-root[data-run]");
  const theirs = [...viewers].filter(({ dataset }) => runs.includes(dataset.run ?? ""));
  if (!theirs.length) return new Set();
  return new Promise((resolve) => {
    const done = (seen: readonly Element[]): void => {
      observer.disconnect();
      clearTimeout(timer);
      resolve(new Set(seen.map((viewer) => (viewer as HTMLElement).dataset.run ?? "")));
    };
    const observer = new IntersectionObserver((entries) => {
      done(entries.filter(({ isIntersecting }) => isIntersecting).map(({ target }) => target));
    });
    const timer = setTimeout(() => done([]), PATIENCE_MS);
    for (const viewer of theirs) observer.observe(viewer);
  });
}
