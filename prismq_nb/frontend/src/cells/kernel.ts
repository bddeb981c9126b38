/** Ask the kernel of a notebook whether it watches its long cells, and tell it to. */

/** The part of JupyterLab's kernel connection that is used here. */
export interface Kernel {
  readonly id: string;
  readonly name: string;
  /** Pending until the kernel was idle once. */
  readonly info: Promise<{ readonly language_info: { readonly name: string } }>;
  requestExecute(content: object): { readonly done: Promise<{ readonly content: Reply }> };
}
interface Reply {
  readonly status: "ok" | "error" | "aborted";
  readonly user_expressions?: { readonly [NAME]?: Evaluated };
}
interface Evaluated {
  readonly status: string;
  readonly data?: { readonly "text/plain"?: string };
  readonly ename?: string;
  readonly evalue?: string;
}
/** Whether the kernel watches its cells, or why it cannot. */
export type Answer = { readonly isOn: boolean } | { readonly problem: string };

const NAME = "watched";
const MODULE = "prismq_nb.notebook.cells";

/** Does not import prismq_nb: without it nothing is watched. */
export const STATE = `getattr(__import__("sys").modules.get("${MODULE}"), "is_on", bool)()`;
export const OFF = call("cells.off()");
export const turnOn = (after: number): string => call(`cells.on(after=${after})`);
/** Turn it on unless it is on already, perhaps with another time. */
export const keepOn = (after: number): string => call(`cells.is_on() or cells.on(after=${after})`);

/** An expression that leaves no name behind, and says afterwards whether cells are watched. */
function call(action: string): string {
  return `(lambda cells: (${action}, cells.is_on())[1])(__import__("${MODULE}", fromlist=["on"]))`;
}

/**
 * Evaluate one of the expressions above, as soon as the kernel is idle.
 *
 * As an expression of the user's, because its error is an answer: that of code would be published.
 *
 * @throws if the kernel ends or restarts before.
 */
export async function ask(kernel: Kernel, expression: string): Promise<Answer> {
  const request = {
    code: "",
    silent: true,
    store_history: false,
    allow_stdin: false,
    stop_on_error: false,
    user_expressions: { [NAME]: expression },
  };
  let reply: Reply;
  // a cell that fails takes everything with it that waits for its end
  do reply = (await kernel.requestExecute(request).done).content;
  while (reply.status === "aborted");
  const { status, data, ename, evalue } = reply.user_expressions?.[NAME] ?? { status: "error" };
  if (status === "ok") return { isOn: data?.["text/plain"] === "True" };
  return { problem: explained(ename ?? "The kernel does not say why", evalue ?? "") };
}

function explained(ename: string, evalue: string): string {
  const found = ename === "ModuleNotFoundError" && /prismq_nb(\.?)/.exec(evalue);
  if (!found) return `Cells cannot be watched in this kernel. ${ename}: ${evalue}`;
  return found[1]
    ? "The prismq_nb of this kernel is too old to watch cells. Run “%pip install -U prismq-nb” in" +
        " a cell and restart the kernel."
    : "prismq_nb is not installed where the kernel of this notebook runs. Run “%pip install" +
        " prismq-nb” in a cell, then press the button again.";
}
