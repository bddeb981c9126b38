/**
 * Two searches at once for all viewers of a page: browsers open six connections to a server for all their tabs, and JupyterLab needs some.
 *
 * On `globalThis`, because the cell's bundle and the lab extension's are two instances of this module.
 */

const KEY = Symbol.for("prismq_nb.searches.v1");
const AT_ONCE = 2;

interface Turns {
  running: number;
  readonly waiting: (() => void)[];
}

/** Waits for a turn, the first come first; call what is returned when the search is over. */
export async function takeTurn(): Promise<() => void> {
  const page = globalThis as { [KEY]?: Turns };
  const turns = (page[KEY] ??= { running: 0, waiting: [] });
  if (turns.running >= AT_ONCE) await new Promise<void>((resolve) => turns.waiting.push(resolve));
  else turns.running++;
  return () => {
    const next = turns.waiting.shift();
    if (next) next(); // takes over the turn
    else turns.running--;
  };
}
