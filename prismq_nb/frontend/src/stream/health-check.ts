/**
 * Check the connection while there is no stream: every visible run has ended, and a request about
 * one of them failed. Retries until it works again, or until a stream takes over.
 */

import type { Failure } from "../api/failure.js";
import type { ConnectionEnvironment } from "./connection.js";
import { type ConnectionProblem, problemOf } from "./connection-problem.js";

export class HealthCheck {
  readonly #environment: ConnectionEnvironment;
  readonly #trouble: (trouble: ConnectionProblem | undefined) => void;
  #run: string | undefined;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | undefined;

  /** @param trouble receives the problem; undefined: the connection works again. */
  constructor(
    environment: ConnectionEnvironment,
    trouble: (trouble: ConnectionProblem | undefined) => void,
  ) {
    this.#environment = environment;
    this.#trouble = trouble;
  }

  /** Report that a request about a run failed. */
  start(run: string): void {
    if (this.#run !== undefined) return;
    this.#run = run;
    void this.#ask(run);
  }

  /** Retry at once if a retry is scheduled. */
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
    const trouble = problemOf(failure, ++this.#failures, now(), random());
    this.#timer = setTimeout(() => void this.#ask(run), trouble.retryAt - now());
    this.#trouble(trouble);
  }
}
