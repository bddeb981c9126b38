/**
 * Which window of a browser tells what: the first that claims the end of a run. Claims are in the
 * browser's storage, so they outlive the window, and are made under a Web Lock.
 */

/** Claims that are kept: more runs than end between two looks at the windows. */
const MAX_CLAIMS = 2_000;

/** The subset of `navigator.locks` in use. */
export interface ExclusiveLocks {
  request<T>(name: string, holding: () => T): Promise<T>;
}
export type ClaimStorage = Pick<Storage, "getItem" | "setItem">;

export class Claims {
  readonly #name: string;
  readonly #storage: ClaimStorage;
  readonly #locks: ExclusiveLocks | undefined;

  /** @param locks undefined: the page has none, because it is neither https nor localhost. */
  constructor(name: string, storage: ClaimStorage, locks: ExclusiveLocks | undefined) {
    this.#name = name;
    this.#storage = storage;
    this.#locks = locks;
  }

  /** Claim the ends of runs; return the ids of those that nobody has claimed before. */
  async claim(runs: readonly string[]): Promise<string[]> {
    const take = (): string[] => this.#take(runs);
    return this.#locks ? this.#locks.request(this.#name, take) : take();
  }

  #take(runs: readonly string[]): string[] {
    try {
      const known = claimed(this.#storage.getItem(this.#name));
      const fresh = runs.filter((run) => !known.includes(run));
      if (fresh.length) {
        const kept = [...known, ...fresh].slice(-MAX_CLAIMS);
        this.#storage.setItem(this.#name, JSON.stringify(kept));
      }
      return fresh;
    } catch {
      return [...runs]; // no storage: each window tells it
    }
  }
}

/** The ids in what is stored; empty if it is not ours. */
export function claimed(stored: string | null): string[] {
  const value = parsed(stored);
  return Array.isArray(value) ? value.filter((run) => typeof run === "string") : [];
}

/** The value of a JSON text; undefined if it is none. */
export function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return undefined;
  }
}
