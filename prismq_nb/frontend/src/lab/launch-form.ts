/** The form for the arguments of a script, in a dialog of the application. */

import { element } from "../base/dom.js";
import type { DialogClass, LuminoWidgets } from "./application.js";
import type { LaunchChoices } from "./launch-memory.js";
import type { KernelChoice } from "./script-kernel.js";

export interface FormOptions {
  /** Name of the file. */
  readonly name: string;
  readonly choices: LaunchChoices;
  /** Undefined: the file is not run by Python. */
  readonly kernels: readonly KernelChoice[] | undefined;
  /** Why it could not be launched before; empty: it was not tried. */
  readonly problem: string;
  /** Launch it; return why that was not possible, empty: it was. */
  launch(choices: LaunchChoices): Promise<string>;
}

const CANCEL = 0;
const SERVER_PYTHON = "Python of the Jupyter server";

/** Show the form until the script is launched or the person cancels. */
export async function showForm(
  { Widget }: LuminoWidgets,
  Base: DialogClass,
  options: FormOptions,
): Promise<void> {
  const fields = new Fields(options);
  const body = new Widget();
  body.node.append(...fields.nodes);
  body.node.style.minWidth = "min(400px, 80vw)";
  class Form extends Base {
    #isBusy = false;

    /** Stay open until the server has accepted the launch. */
    override resolve(index?: number): void {
      if (index === CANCEL) super.resolve(index);
      else if (!this.#isBusy) void this.#submit(index);
    }

    async #submit(index?: number): Promise<void> {
      this.#isBusy = true;
      const problem = await options.launch(fields.choices);
      this.#isBusy = false;
      if (problem) fields.say(problem);
      else super.resolve(index);
    }
  }
  const form = new Form({
    title: `Run ${options.name} in the background`,
    body,
    buttons: [Base.cancelButton(), Base.okButton({ label: "Run" })],
    focusNodeSelector: "input",
  });
  await form.launch();
}

class Fields {
  readonly nodes: readonly HTMLElement[];
  readonly #arguments = element("input", "");
  readonly #cwd = element("input", "");
  readonly #kernel = element("select", "");
  readonly #problem = element("p", "");
  readonly #hasKernel: boolean;

  constructor({ choices, kernels, problem }: FormOptions) {
    Object.assign(this.#arguments, {
      value: choices.arguments,
      placeholder: "--epochs 5 --note 'two words'",
      spellcheck: false,
      autocomplete: "off",
    });
    Object.assign(this.#cwd, {
      value: choices.cwd,
      placeholder: "the folder of the file",
      spellcheck: false,
    });
    for (const { name, label } of kernels ?? []) this.#kernel.append(new Option(label, name));
    this.#kernel.append(new Option(SERVER_PYTHON, ""));
    this.#kernel.value = choices.kernel ?? "";
    this.#problem.setAttribute("role", "alert");
    this.#problem.style.cssText = "color:var(--jp-error-color1);margin:8px 0 0;max-width:60ch";
    this.#hasKernel = kernels !== undefined;
    this.nodes = [
      field("Arguments", this.#arguments),
      field("Working directory", this.#cwd),
      ...(this.#hasKernel ? [field("Python", this.#kernel)] : []),
      this.#problem,
    ];
    this.say(problem);
  }

  get choices(): LaunchChoices {
    return {
      arguments: this.#arguments.value,
      cwd: this.#cwd.value.trim(),
      ...(this.#hasKernel && { kernel: this.#kernel.value }),
    };
  }

  say(problem: string): void {
    this.#problem.textContent = problem;
  }
}

function field(label: string, control: HTMLElement): HTMLElement {
  const root = element("label", "", label, control);
  root.style.cssText = "display:flex;flex-direction:column;gap:4px;margin-bottom:8px";
  return root;
}
