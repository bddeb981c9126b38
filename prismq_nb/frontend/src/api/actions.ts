/** Actions of the user on a run, as requests. Knows no DOM. */

import { messageOf } from "../base/format.js";
import { isRunId } from "../base/protocol.js";
import { ask } from "./ask.js";
import { Failure } from "./failure.js";

/**
 * Buttons are disabled this long (ms) after a click, so that a double click neither escalates a
 * stop nor starts two runs.
 */
const COOLDOWN_MS = 1_000;

export class RunActions {
  readonly #run: string;
  readonly #changed: () => void;
  readonly #problem: (text: string) => void;
  readonly #say: (text: string) => void;
  #busy = false;

  /**
   * @param changed called when `busy` changed.
   * @param problem reports a failed action; a sentence for people.
   * @param say reports an outcome that the user may not expect.
   */
  constructor(
    run: string,
    changed: () => void,
    problem: (text: string) => void,
    say: (text: string) => void,
  ) {
    this.#run = run;
    this.#changed = changed;
    this.#problem = problem;
    this.#say = say;
  }

  /** Whether a request to stop or restart is in progress, or ended a moment ago. */
  get busy(): boolean {
    return this.#busy;
  }

  /** Ask the run to stop; asked again, the server escalates. */
  async stop(): Promise<void> {
    await this.#once(async () => {
      await ask(this.#run, "", { method: "DELETE" }).catch((error: unknown) => {
        // the run has already ended
        if (error instanceof Failure && error.status === 409) return;
        throw error;
      });
    }, "Could not stop the run");
  }

  /** End a run whose machine is gone, as failed. */
  async giveUp(): Promise<void> {
    await this.#once(
      () => ask(this.#run, "?give_up=true", { method: "DELETE" }),
      "Could not give up the run",
    );
  }

  /** Pin the run, so that it is never deleted automatically, or release it. */
  async keep(on: boolean): Promise<void> {
    const headers = { "Content-Type": "application/json" };
    const init = { method: "PATCH", headers, body: JSON.stringify({ keep: on }) };
    const failure = `Could not ${on ? "keep" : "release"} the run`;
    await ask(this.#run, "", init).catch((error: unknown) => this.#report(failure, error));
  }

  /** Restart the run; return the id of the new run, or undefined on failure. */
  async restart(): Promise<string | undefined> {
    return this.#once(async () => {
      const response = await ask(this.#run, "/restart", { method: "POST" });
      const { run_id } = (await response.json()) as { run_id: unknown };
      return isRunId(run_id) ? run_id : undefined;
    }, "Could not restart the run");
  }

  /**
   * Write to the run's standard input; return whether the server accepted it.
   *
   * @param secret pass it to the program only while its terminal does not echo.
   */
  async send(text: string, eof: boolean, secret: boolean): Promise<boolean> {
    const body = JSON.stringify({ text, eof, ...(secret ? { secret } : {}) });
    const init = { method: "POST", headers: { "Content-Type": "application/json" }, body };
    return ask(this.#run, "/input", init).then(
      async (response) => {
        const { held } = (await response.json().catch(() => ({}))) as { held?: unknown };
        if (held === true) this.#say("Held until the program asks for a password");
        return true;
      },
      (error: unknown) => {
        this.#report("Could not send the line", error);
        return false;
      },
    );
  }

  /**
   * Whether the log can be read now; checked before a download, because a browser would save a
   * login page as the log.
   */
  async canRead(): Promise<boolean> {
    return ask(this.#run, "").then(
      () => true,
      (error: unknown) => {
        this.#report("Could not download the log", error);
        return false;
      },
    );
  }

  /** Run an action unless one is in progress: a button that looks disabled can still be pressed. */
  async #once<T>(work: () => Promise<T>, failure: string): Promise<T | undefined> {
    if (this.#busy) return undefined;
    this.#setBusy(true);
    const result = await work().catch((error: unknown) => this.#report(failure, error));
    setTimeout(() => this.#setBusy(false), COOLDOWN_MS);
    return result;
  }

  #report(failure: string, error: unknown): undefined {
    this.#problem(`${failure}: ${messageOf(error)}`);
  }

  #setBusy(busy: boolean): void {
    this.#busy = busy;
    this.#changed();
  }
}
