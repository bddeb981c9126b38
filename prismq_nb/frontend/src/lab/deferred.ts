/** Widgets whose content is a script of its own, loaded when they are seen first. */

import { mountPlainText } from "../base/plain-text.js";
import type { LuminoWidgets, Widget } from "./application.js";

export interface Drawn {
  focus?(): void;
  dispose(): void;
}
/** What an output of a notebook has. */
export interface Model {
  readonly data: Readonly<Record<string, unknown>>;
}
export interface DrawnOutput extends Drawn {
  update(model: Model): void;
}
/** Lumino's methods that are overridden, and the message of each. */
interface Overridable extends Widget {
  onAfterAttach(message: unknown): void;
  onAfterShow(message: unknown): void;
  onActivateRequest(message: unknown): void;
}

/** Create a widget that is drawn when it is visible for the first time. */
export function deferredWidget(
  { Widget: Base }: LuminoWidgets,
  draw: (node: HTMLElement) => Promise<Drawn>,
): Widget {
  const Overridden = Base as unknown as new () => Overridable;
  return new (class extends Overridden {
    #drawn: Promise<Drawn | undefined> | undefined;
    #wantsFocus = false;

    override onAfterAttach(message: unknown): void {
      super.onAfterAttach(message);
      if (this.isVisible) this.#draw();
    }

    override onAfterShow(message: unknown): void {
      super.onAfterShow(message);
      this.#draw();
    }

    override onActivateRequest(message: unknown): void {
      super.onActivateRequest(message);
      this.#wantsFocus = true;
      void this.#drawn?.then((drawn) => drawn?.focus?.());
    }

    override dispose(): void {
      if (this.isDisposed) return;
      void this.#drawn?.then((drawn) => drawn?.dispose());
      super.dispose();
    }

    #draw(): void {
      this.#drawn ??= this.#load();
    }

    async #load(): Promise<Drawn | undefined> {
      try {
        const drawn = await draw(this.node);
        if (this.#wantsFocus) drawn.focus?.();
        return drawn;
      } catch (error) {
        this.#drawn = undefined; // the next time that it is shown
        showProblem(this.node, error);
        return undefined;
      }
    }
  })();
}

/** Create a renderer of outputs; their saved text is shown if its script cannot be loaded. */
export function deferredRenderer(
  { Widget: Base }: LuminoWidgets,
  draw: (node: HTMLElement) => Promise<DrawnOutput>,
): Widget {
  return new (class extends Base {
    #drawn: Promise<DrawnOutput> | undefined;
    #removeText = (): void => undefined;

    constructor() {
      super();
      this.addClass("prismq-output");
    }

    /** Called again for the same output when it is updated. */
    async renderModel(model: Model): Promise<void> {
      try {
        this.#drawn ??= draw(this.node);
        const drawn = await this.#drawn;
        this.#removeText();
        if (this.isDisposed) drawn.dispose();
        else drawn.update(model);
      } catch {
        this.#drawn = undefined;
        this.#removeText();
        this.#removeText = mountPlainText(this.node, String(model.data["text/plain"] ?? ""));
      }
    }

    /** Not called when detached: a collapsed output, or one in a hidden tab, comes back. */
    override dispose(): void {
      if (this.isDisposed) return;
      void this.#drawn?.then((drawn) => drawn.dispose());
      super.dispose();
    }
  })();
}

function showProblem(node: HTMLElement, error: unknown): void {
  const text = `This cannot be loaded from the Jupyter server: ${(error as Error).message}`;
  const note = Object.assign(document.createElement("p"), { textContent: text });
  note.style.cssText = "margin:12px";
  node.replaceChildren(note);
}
