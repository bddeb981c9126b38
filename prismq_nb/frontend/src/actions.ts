/** What a person can do to a run, as requests. Knows no DOM but the link of a download. */

import { element, icon } from "./dom.js";
import { HttpError, request, url } from "./page.js";

/** The stop button rests this long (ms) after a click: the second click of a double click must not escalate. */
const STOP_REST_MS = 1_000;

export class RunActions {
  readonly #run: string;
  readonly #changed: () => void;
  readonly #problem: (text: string) => void;
  #busy = false;

  /**
   * @param changed `busy` is another.
   * @param problem something could not be done; a sentence for people.
   */
  constructor(run: string, changed: () => void, problem: (text: string) => void) {
    this.#run = run;
    this.#changed = changed;
    this.#problem = problem;
  }

  /** A request to stop is on its way, or was a moment ago. */
  get busy(): boolean {
    return this.#busy;
  }

  /** Asks the run to end; asked again, the server escalates. */
  async stop(): Promise<void> {
    if (this.#busy) return; // the second click of a double click, before the button is drawn as disabled
    this.#setBusy(true);
    await request(`api/runs/${this.#run}`, { method: "DELETE" }).catch((error: unknown) => {
      if (error instanceof HttpError && error.status === 409) return; // it ended meanwhile, as was wanted
      this.#problem(`The run could not be stopped: ${error instanceof Error ? error.message : String(error)}`);
    });
    await new Promise((resolve) => setTimeout(resolve, STOP_REST_MS));
    this.#setBusy(false);
  }

  downloadLink(): HTMLAnchorElement {
    const link = element("a", "prismq-button", icon("download"), element("span", "prismq-button-label", "Download"));
    link.href = url(`api/runs/${this.#run}/logs/download`);
    link.download = `${this.#run}.log`;
    link.title = "Download the whole log as text, up to now";
    return link;
  }

  #setBusy(busy: boolean): void {
    this.#busy = busy;
    this.#changed();
  }
}
