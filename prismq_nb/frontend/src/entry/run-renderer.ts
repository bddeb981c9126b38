/**
 * Draws an output of `application/vnd.prismq.run+json` as a viewer; where the run is not on this server, what the notebook kept.
 *
 * What the viewer shows of the run (`data-state`, `data-link`, `data-run` of its root) says when the output's text is to be made anew.
 */

import { keptText } from "./kept-text.js";
import { offered } from "./loader.js";
import { watch } from "./models.js";
import { turnOf } from "./notebooks.js";
import { Outlet } from "./outlet.js";
import { HttpError, request } from "../base/page.js";
import { hasEnded, isRunId, type RunState } from "../base/protocol.js";
import { MIME, type Output, type Reference, referenceIn, refresh, showRun, textOf, write } from "./saved-output.js";
import { optionsIn } from "./traits.js";

/** Waits (ms) for what is counted after the end of a run, and for another one who writes. */
const ASK_AGAIN_MS = [0, 1_000, 3_000, 10_000, 30_000];

/** Bounds of the height that a notebook says. */
const [LEAST_PX, MOST_PX] = [40, 5_000];

/** What is used here of @lumino/widgets. */
interface LuminoWidget {
  readonly node: HTMLElement;
  readonly isDisposed: boolean;
  dispose(): void;
  addClass(name: string): void;
}
export interface Lumino {
  readonly Widget: new () => LuminoWidget;
}

interface Shown {
  /** That of the output, or the run that was started in its place. */
  run: string;
  readonly first: Reference;
  readonly outlet: Outlet;
  readonly end: AbortController;
  /** This server has no such run. */
  isGone: boolean;
  /** What the notebook kept, where there is no viewer, and how to take it away. */
  kept: readonly [text: string, remove: () => void] | undefined;
  /** State and connection, as seen last. */
  seen: string;
}

export function renderer({ Widget }: Lumino): object {
  return new (class extends Widget {
    #output: Output | undefined;
    #shown: Shown | undefined;

    constructor() {
      super();
      this.addClass("prismq-output");
    }

    /** Called again for the same output when it is updated: the viewer stays. */
    async renderModel(model: Output): Promise<void> {
      this.#output = model;
      const reference = referenceIn(model.data[MIME]);
      const shown = this.#shown;
      if (shown && isSame(shown, reference)) this.#keep(shown, reference);
      else {
        this.#clear();
        this.#show(reference);
      }
    }

    /** Not when detached: a collapsed output, or one in a hidden tab, comes back. */
    override dispose(): void {
      if (this.isDisposed) return;
      this.#clear();
      super.dispose();
    }

    #show(first: Reference): void {
      const outlet = new Outlet(this.node, first.run, optionsIn(first.json), heightIn(first.json));
      const end = new AbortController();
      const shown: Shown = { run: first.run, first, outlet, end, isGone: false, kept: undefined, seen: "" };
      this.#shown = shown;
      if (first.key) end.signal.addEventListener("abort", watch(first.key, (live) => outlet.bind(live)));
      const observer = new MutationObserver(() => this.#look(shown));
      const attributeFilter = ["data-state", "data-link", "data-size"];
      observer.observe(this.node, { subtree: true, attributes: true, attributeFilter });
      const children = new MutationObserver(() => this.#fallBack(shown));
      children.observe(this.node, { childList: true });
      end.signal.addEventListener("abort", () => {
        observer.disconnect();
        children.disconnect();
      });
    }

    /** The kernel still means the run that was started again in the viewer, or has a newer text of a run that it alone knows. */
    #keep(shown: Shown, reference: Reference): void {
      if (reference.run !== shown.run && this.#output) showRun(this.#output, shown.run);
      this.#fallBack(shown);
    }

    #look(shown: Shown): void {
      const { state, link, run, size } = this.node.querySelector<HTMLElement>(".prismq-root")?.dataset ?? {};
      const seen = `${run} ${state} ${link}${size}`;
      if (!run || seen === shown.seen) return;
      shown.seen = seen;
      if (size && this.#output) write(this.#output, JSON.parse(size)); // as the person left it
      if (run !== shown.run && isRunId(run) && this.#output) {
        shown.run = run;
        showRun(this.#output, run);
      }
      if (link === "error" && state === "unknown") void this.#askWhetherGone(shown);
      else if (hasEnded(state as RunState)) void this.#finish(shown);
    }

    /** Brings the text up to date after the end. */
    async #finish(shown: Shown): Promise<void> {
      const { signal } = shown.end;
      const run = shown.run;
      for (const wait of ASK_AGAIN_MS) {
        const turn = this.#output ? turnOf(this.#output) : 0;
        await new Promise((resolve) => setTimeout(resolve, wait + turn));
        if (signal.aborted || shown.run !== run || !this.#output) return;
        const { offsetHeight: px } = this.node.querySelector<HTMLElement>(".prismq-root") ?? {};
        if (await refresh(this.#output, signal, px ? { px } : {})) return;
      }
    }

    async #askWhetherGone(shown: Shown): Promise<void> {
      const { signal } = shown.end;
      const error: unknown = await request(`api/runs/${shown.run}`, { signal }).catch((reason: unknown) => reason);
      const isGone = error instanceof HttpError && error.status === 404;
      if (!isGone || signal.aborted) return;
      shown.isGone = true;
      shown.outlet.dispose();
      this.#fallBack(shown);
    }

    /** Shows what the notebook kept, as it is now, where there is no viewer. */
    #fallBack(shown: Shown): void {
      const isNeeded = shown.isGone || this.node.querySelector(":scope > .prismq-unloaded") !== null;
      const text = isNeeded && this.#output ? textOf(this.#output) : undefined;
      if (shown.kept?.[0] === text) return;
      shown.kept?.[1]();
      shown.kept = undefined;
      if (text === undefined) return;
      const viewer = shown.isGone ? offered() : undefined;
      const remove = (viewer?.mountSaved ?? keptText)(this.node, text);
      shown.kept = [text, remove];
    }

    #clear(): void {
      this.#shown?.end.abort();
      this.#shown?.outlet.dispose();
      this.#shown?.kept?.[1]();
      this.#shown = undefined;
    }
  })();
}

/** Height (px) of the viewer when the text was made; anybody may have written it. */
function heightIn({ px }: Reference["json"]): number | undefined {
  return Number.isSafeInteger(px) && Number(px) >= LEAST_PX && Number(px) <= MOST_PX ? Number(px) : undefined;
}

function isSame({ run, first }: Shown, reference: Reference): boolean {
  return reference.key === first.key && (reference.run === run || reference.run === first.run);
}
