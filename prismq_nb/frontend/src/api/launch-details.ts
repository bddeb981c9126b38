/** The launch of a run, as reported by the server: fetched once per viewer, on demand. */

import { request } from "../base/page.js";

/** Response of `GET /api/runs/{id}/launch`. */
export interface Launch {
  readonly kind: string | null;
  /** For display; masked. */
  readonly command: string;
  /** Source of a watched cell; null: not a cell. */
  readonly code: string | null;
  /** Shell command that starts the same run; null: unknown. */
  readonly shell: string | null;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly abridged: boolean;
  readonly cwd: string | null;
  readonly interpreter: string | null;
  readonly host: string | null;
  readonly user: string | null;
  readonly timeout: number | null;
  readonly masked: boolean;
  /** Names of variables whose values are not stored. */
  readonly variables: readonly string[];
  /** Paths of the folder in which Jupyter's editors open files; empty: none. */
  readonly roots: readonly string[];
  readonly home: string | null;
}

export class LaunchDetails {
  readonly #run: string;
  readonly #changed: () => void;
  #launch: Launch | undefined;
  #request: Promise<Launch> | undefined;
  #isRequested = false;

  /** @param changed called when the launch was loaded. */
  constructor(run: string, changed: () => void) {
    this.#run = run;
    this.#changed = changed;
  }

  /** The launch; undefined: not loaded yet. */
  get value(): Launch | undefined {
    return this.#launch;
  }

  /** Load the launch unless that was tried; ignore a failure. */
  want(): void {
    if (this.#isRequested) return;
    this.#isRequested = true;
    void this.load().catch(() => undefined);
  }

  /**
   * Load the launch, once; after a failure, again.
   *
   * @throws whatever `request` throws.
   */
  load(): Promise<Launch> {
    this.#request ??= this.#fetch().catch((error: unknown) => {
      this.#request = undefined;
      throw error;
    });
    return this.#request;
  }

  async #fetch(): Promise<Launch> {
    const response = await request(`api/runs/${this.#run}/launch`);
    this.#launch = (await response.json()) as Launch;
    this.#changed();
    return this.#launch;
  }
}
