/** How a run was started, as the server tells it: asked once per viewer, when somebody needs it. */

import { request } from "../base/page.js";

/** Answer of `GET /api/runs/{id}/launch`. */
export interface Launch {
  readonly kind: string | null;
  /** For people; masked. */
  readonly command: string;
  /** A line that starts the same again; null: that cannot be said. */
  readonly shell: string | null;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly abridged: boolean;
  readonly cwd: string | null;
  readonly interpreter: string | null;
  readonly host: string | null;
  readonly user: string | null;
  readonly timeout: number | null;
  readonly masked: boolean;
  /** Names of those whose values are kept nowhere. */
  readonly variables: readonly string[];
  /** Names of the folder that Jupyter's editors open files in; empty: none. */
  readonly roots: readonly string[];
  readonly home: string | null;
}

export class Launched {
  readonly #run: string;
  readonly #changed: () => void;
  #launch: Launch | undefined;
  #asked: Promise<Launch> | undefined;
  #wanted = false;

  /** @param changed it is known now. */
  constructor(run: string, changed: () => void) {
    this.#run = run;
    this.#changed = changed;
  }

  /** Undefined: not known yet. */
  get now(): Launch | undefined {
    return this.#launch;
  }

  /** Asks where nobody did; a failure is nobody's concern. */
  want(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    void this.load().catch(() => undefined);
  }

  /** Asks, once; after a failure again. Throws what `request` throws. */
  load(): Promise<Launch> {
    return (this.#asked ??= this.#ask().catch((error: unknown) => {
      this.#asked = undefined;
      throw error;
    }));
  }

  async #ask(): Promise<Launch> {
    const answer = await request(`api/runs/${this.#run}/launch`);
    this.#launch = (await answer.json()) as Launch;
    this.#changed();
    return this.#launch;
  }
}
