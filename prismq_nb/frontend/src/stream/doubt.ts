/**
 * Looks after the connection where no stream does: every run in sight has ended, and a search or
 * download of one failed.
 *
 * Asks until it works again, or until a stream takes over.
 */

import { type Failure } from "../api/failure.js";
import type { LinkEnvironment } from "./link.js";
import { type Trouble, troubleOf } from "./trouble.js";

export class Doubt {
  readonly #environment: LinkEnvironment;
  readonly #trouble: (trouble: Trouble | undefined) => void;
  #run: string | undefined;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | undefined;

  /** @param trouble undefined: it works again. */
  constructor(environment: LinkEnvironment, trouble: (trouble: Trouble | undefined) => void) {
    this.#environment = environment;
    this.#trouble = trouble;
  }

  /** A request about that run failed. */
  about(run: string): void {
    if (this.#run !== undefined) return;
    this.#run = run;
    void this.#ask(run);
  }

  /** Asks at once, if it waits. */
  retryNow(): void {
    if (this.#timer === undefined || this.#run === undefined) return;
    clearTimeout(this.#timer);
    void this.#ask(this.#run);
  }

  stop(): void {
    this.#run = undefined;
    this.#failures = 0;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#asking?.abort();
  }

  async #ask(run: string): Promise<void> {
    this.#timer = undefined;
    const asking = new AbortController();
    this.#asking = asking;
    const failure = await this.#environment.probe(run, asking.signal);
    if (asking.signal.aborted) return;
    if (failure) this.#wait(run, failure);
    else {
      const was = this.#failures > 0;
      this.stop();
      if (was) this.#trouble(undefined);
    }
  }

  #wait(run: string, failure: Failure): void {
    const { now, random } = this.#environment;
    const trouble = troubleOf(failure, ++this.#failures, now(), random());
    this.#timer = setTimeout(() => void this.#ask(run), trouble.retryAt - now());
    this.#trouble(trouble);
  }
}
