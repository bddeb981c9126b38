/**
 * Semaphore for searches, shared by all viewers of a page: browsers open six connections to a
 * server for all their tabs, and JupyterLab needs some of them.
 *
 * On `globalThis`, because the cell's bundle and the lab extension have separate instances of this
 * module.
 */

const KEY = Symbol.for("prismq_nb.searches.v1");
const MAX_CONCURRENT = 2;

interface Slots {
  running: number;
  readonly waiting: (() => void)[];
}

/** Wait for a slot, in order of arrival; call the returned function when the search ends. */
export async function acquireSearchSlot(): Promise<() => void> {
  const page = globalThis as { [KEY]?: Slots };
  page[KEY] ??= { running: 0, waiting: [] };
  const slots = page[KEY];
  if (slots.running >= MAX_CONCURRENT)
    await new Promise<void>((resolve) => slots.waiting.push(resolve));
  else slots.running++;
  return () => {
    const next = slots.waiting.shift();
    if (next)
      next(); // passes the slot on
    else slots.running--;
  };
}
