/**
 * One output of a run in an element: the viewer, or what the notebook saved if the run is not on
 * this server.
 *
 * The attributes of the viewer's root (`data-state`, `data-link`, `data-run`) say when the text of
 * the output has to be refreshed.
 */

import { HttpError, request } from "../base/page.js";
import { mountPlainText } from "../base/plain-text.js";
import { hasEnded, isRunId, type RunState } from "../base/protocol.js";
import { offered } from "./loader.js";
import { RUN_MIME } from "./mime.js";
import { watch } from "./models.js";
import { MountPoint } from "./mount-point.js";
import { turnOf } from "./notebooks.js";
import {
  type Output,
  type Reference,
  referenceIn,
  refresh,
  showRun,
  textOf,
  write,
} from "./saved-output.js";
import { optionsIn } from "./traits.js";

/** Delays (ms) of refreshes after the end of a run, until counts are final. */
const ASK_AGAIN_MS = [0, 1_000, 3_000, 10_000, 30_000];

/** Bounds (px) of the height in a notebook. */
const [MIN_PX, MAX_PX] = [40, 5_000];

interface MountedRun {
  /** The run of the output, or the attempt that replaced it. */
  run: string;
  readonly first: Reference;
  readonly mountPoint: MountPoint;
  readonly end: AbortController;
  /** The server does not have this run. */
  isGone: boolean;
  /** The saved text that is shown, and the function that removes it. */
  kept: readonly [text: string, remove: () => void] | undefined;
  /** State and connection at the last check. */
  seen: string;
}

export class RunOutput {
  #output: Output | undefined;
  #shown: MountedRun | undefined;

  readonly #node: HTMLElement;

  constructor(node: HTMLElement) {
    this.#node = node;
  }

  /** Draw this model; of the same run, the viewer stays. */
  update(model: Output): void {
    this.#output = model;
    const reference = referenceIn(model.data[RUN_MIME]);
    const shown = this.#shown;
    if (shown && isSame(shown, reference)) this.#keep(shown, reference);
    else {
      this.dispose();
      this.#show(reference);
    }
  }

  dispose(): void {
    this.#shown?.end.abort();
    this.#shown?.mountPoint.dispose();
    this.#shown?.kept?.[1]();
    this.#shown = undefined;
  }

  #show(first: Reference): void {
    const mountPoint = new MountPoint(
      this.#node,
      first.run,
      optionsIn(first.json),
      heightIn(first.json),
    );
    const end = new AbortController();
    const shown: MountedRun = {
      run: first.run,
      first,
      mountPoint,
      end,
      isGone: false,
      kept: undefined,
      seen: "",
    };
    this.#shown = shown;
    if (first.key)
      end.signal.addEventListener(
        "abort",
        watch(first.key, (live) => mountPoint.bind(live)),
      );
    const observer = new MutationObserver(() => this.#check(shown));
    const attributeFilter = ["data-state", "data-link", "data-size"];
    observer.observe(this.#node, { subtree: true, attributes: true, attributeFilter });
    const children = new MutationObserver(() => this.#fallBack(shown));
    children.observe(this.#node, { childList: true });
    end.signal.addEventListener("abort", () => {
      observer.disconnect();
      children.disconnect();
    });
  }

  /**
   * The kernel updated the output: it may still name the run that was restarted in the viewer, or
   * have a newer text.
   */
  #keep(shown: MountedRun, reference: Reference): void {
    if (reference.run !== shown.run && this.#output) showRun(this.#output, shown.run);
    this.#fallBack(shown);
  }

  #check(shown: MountedRun): void {
    const { state, link, run, size } =
      this.#node.querySelector<HTMLElement>(".prismq-root")?.dataset ?? {};
    const seen = `${run} ${state} ${link}${size}`;
    if (!run || seen === shown.seen) return;
    shown.seen = seen;
    // the size that the person chose
    if (size && this.#output) write(this.#output, JSON.parse(size));
    if (run !== shown.run && isRunId(run) && this.#output) {
      shown.run = run;
      showRun(this.#output, run);
    }
    if (link === "error" && state === "unknown") void this.#askWhetherGone(shown);
    else if (hasEnded(state as RunState)) void this.#finish(shown);
  }

  /** Refresh the text after the end of the run. */
  async #finish(shown: MountedRun): Promise<void> {
    const { signal } = shown.end;
    const run = shown.run;
    for (const wait of ASK_AGAIN_MS) {
      const turn = this.#output ? turnOf(this.#output) : 0;
      await new Promise((resolve) => setTimeout(resolve, wait + turn));
      if (signal.aborted || shown.run !== run || !this.#output) return;
      const { offsetHeight: px } = this.#node.querySelector<HTMLElement>(".prismq-root") ?? {};
      if (await refresh(this.#output, signal, px ? { px } : {})) return;
    }
  }

  async #askWhetherGone(shown: MountedRun): Promise<void> {
    const { signal } = shown.end;
    const error: unknown = await request(`api/runs/${shown.run}`, { signal }).catch(
      (reason: unknown) => reason,
    );
    const isGone = error instanceof HttpError && error.status === 404;
    if (!isGone || signal.aborted) return;
    shown.isGone = true;
    shown.mountPoint.dispose();
    this.#fallBack(shown);
  }

  /** Show the saved text where there is no viewer. */
  #fallBack(shown: MountedRun): void {
    const isNeeded = shown.isGone || this.#node.querySelector(":scope > .prismq-unloaded") !== null;
    const text = isNeeded && this.#output ? textOf(this.#output) : undefined;
    if (shown.kept?.[0] === text) return;
    shown.kept?.[1]();
    shown.kept = undefined;
    if (text === undefined) return;
    const viewer = shown.isGone ? offered() : undefined;
    const remove = (viewer?.mountSaved ?? mountPlainText)(this.#node, text);
    shown.kept = [text, remove];
  }
}

/** Height (px) of the viewer when the notebook was saved; anybody may have written it. */
function heightIn({ px }: Reference["json"]): number | undefined {
  return Number.isSafeInteger(px) && Number(px) >= MIN_PX && Number(px) <= MAX_PX
    ? Number(px)
    : undefined;
}

function isSame({ run, first }: MountedRun, reference: Reference): boolean {
  return reference.key === first.key && (reference.run === run || reference.run === first.run);
}
