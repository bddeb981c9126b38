/** What a person can do to a run, as requests. Knows no DOM. */

import { ask } from "./ask.js";
import { Failure } from "./failure.js";
import { isRunId } from "../base/protocol.js";

/** The stop button rests this long (ms) after a click: the second click of a double click must not escalate, nor start two runs. */
const REST_MS = 1_000;

export class RunActions {
  readonly #run: string;
  readonly #changed: () => void;
  readonly #problem: (text: string) => void;
  readonly #say: (text: string) => void;
  #busy = false;

  /**
   * @param changed `busy` is another.
   * @param problem something could not be done; a sentence for people.
   * @param say something was done in another way than they may think.
   */
  constructor(run: string, changed: () => void, problem: (text: string) => void, say: (text: string) => void) {
    this.#run = run;
    this.#changed = changed;
    this.#problem = problem;
    this.#say = say;
  }

  /** A request to stop or to start again is on its way, or was a moment ago. */
  get busy(): boolean {
    return this.#busy;
  }

  /** Asks the run to end; asked again, the server escalates. */
  async stop(): Promise<void> {
    await this.#once(async () => {
      await ask(this.#run, "", { method: "DELETE" }).catch((error: unknown) => {
        if (error instanceof Failure && error.status === 409) return; // it ended meanwhile, as was wanted
        throw error;
      });
    }, "Could not stop the run");
  }

  /** Ends a run whose machine is gone, as failed. */
  async giveUp(): Promise<void> {
    await this.#once(
      () => ask(this.#run, "?give_up=true", { method: "DELETE" }),
      "Could not give up the run",
    );
  }

  /** Starts the run again; the id of the new one, undefined when it could not be started. */
  async restart(): Promise<string | undefined> {
    return this.#once(async () => {
      const response = await ask(this.#run, "/restart", { method: "POST" });
      const { run_id } = (await response.json()) as { run_id: unknown };
      return isRunId(run_id) ? run_id : undefined;
    }, "Could not restart the run");
  }

  /**
   * Writes to the run's standard input; whether it was taken.
   *
   * @param secret it is given to the program only while its terminal does not echo it.
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
        this.#tell("Could not send the line", error);
        return false;
      },
    );
  }

  /** Whether the log can be read now: a browser would save a login page as the log. */
  async canRead(): Promise<boolean> {
    return ask(this.#run, "").then(
      () => true,
      (error: unknown) => {
        this.#tell("Could not download the log", error);
        return false;
      },
    );
  }

  /** Not while the last one is under way: a button that is drawn as disabled can be pressed all the same. */
  async #once<T>(work: () => Promise<T>, failure: string): Promise<T | undefined> {
    if (this.#busy) return undefined;
    this.#setBusy(true);
    const result = await work().catch((error: unknown) => this.#tell(failure, error));
    setTimeout(() => this.#setBusy(false), REST_MS);
    return result;
  }

  #tell(failure: string, error: unknown): undefined {
    this.#problem(`${failure}: ${error instanceof Error ? error.message : String(error)}`);
  }

  #setBusy(busy: boolean): void {
    this.#busy = busy;
    this.#changed();
  }
}
