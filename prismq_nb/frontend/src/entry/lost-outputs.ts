/**
 * Puts the viewers of watched cells back into a notebook that was closed before it was saved.
 *
 * JupyterLab forgets what a cell sent to a closed tab; the run knows its kernel, notebook and cell.
 */

import { request } from "../base/page.js";
import { isRunId } from "../base/protocol.js";
import { RUN_MIME } from "./mime.js";
import { referenceIn } from "./saved-output.js";

/** Newest runs among which those of the notebook are looked for. */
const RUNS = 200;

interface Listed<T> {
  readonly length: number;
  get(index: number): T;
}
interface Cell {
  readonly id: string;
  readonly outputs?: Listed<{ readonly data?: Readonly<Record<string, unknown>> }> & {
    add(output: unknown): unknown;
  };
}
interface Model {
  readonly cells?: Listed<Cell>;
  readonly collaborative?: boolean;
  readonly sharedModel?: {
    readonly awareness?: { readonly clientID: number; getStates(): ReadonlyMap<number, unknown> };
  };
}
export interface OpenNotebook {
  readonly content: { readonly model?: Model | null };
  readonly context: {
    readonly ready: Promise<unknown>;
    readonly localPath: string;
    readonly contentsModel: { readonly last_modified: string } | null;
    readonly model: { readonly readOnly?: boolean };
  };
  readonly sessionContext: {
    readonly ready: Promise<unknown>;
    readonly session: { readonly kernel: { readonly id: string } | null } | null;
  };
  readonly isDisposed: boolean;
}

/** A run as the server lists it. */
export interface CellRun {
  readonly run_id: string;
  readonly module_name: string;
  readonly kind: string;
  readonly kernel_id: string | null;
  readonly notebook: string | null;
  readonly cell_id: string | null;
  readonly completed_at: string | null;
}

/** What is known of a notebook when it is opened. */
interface Opened {
  readonly path: string;
  readonly kernel: string | undefined;
  /** When it was saved last (ms since 1970). */
  readonly saved: number;
}

/**
 * Look for lost outputs when a notebook has been read, and again if its kernel is known only later.
 * The runs are listed once, for both.
 */
export async function putBack(panel: OpenNotebook): Promise<void> {
  const { context, sessionContext } = panel;
  await context.ready;
  const saved = Date.parse(context.contentsModel?.last_modified ?? "");
  let runs: readonly CellRun[] | undefined;
  const look = async (kernel: string | undefined): Promise<void> => {
    if (panel.isDisposed || context.model.readOnly || !isFirst(panel)) return;
    runs ??= await list();
    if (panel.isDisposed || !runs) return;
    for (const cell of listed(panel.content.model?.cells))
      for (const run of lostOf(cell.id, runs, { path: context.localPath, kernel, saved }))
        add(cell, run);
  };
  const known = kernelOf(panel);
  await look(known);
  await sessionContext.ready;
  const kernel = kernelOf(panel);
  if (kernel !== known || !runs) await look(kernel);
}

function kernelOf({ sessionContext }: OpenNotebook): string | undefined {
  return sessionContext.session?.kernel?.id;
}

/**
 * The runs, newest first, of a cell that its outputs lack if they do not show them: those that
 * run, or else the last one, if the notebook was not saved since its end. Somebody who cleared the
 * outputs of a cell that had ended, and saved, wants none.
 */
export function lostOf(cell: string, runs: readonly CellRun[], opened: Opened): CellRun[] {
  const own = runs.filter((run) => run.cell_id === cell && belongs(run, opened));
  const running = own.filter(({ completed_at }) => completed_at === null).reverse();
  if (running.length) return running;
  const [last] = own;
  return last?.completed_at && Date.parse(last.completed_at) > opened.saved ? [last] : [];
}

function belongs(run: CellRun, { path, kernel }: Opened): boolean {
  if (run.kind !== "cell") return false;
  const isHere = run.notebook === path || run.notebook?.endsWith(`/${path}`);
  return isHere === true || (kernel !== undefined && run.kernel_id === kernel);
}

/** Never throws: a notebook is opened anyway. Undefined: the server did not answer. */
async function list(): Promise<readonly CellRun[] | undefined> {
  try {
    const response = await request(`api/runs?limit=${RUNS}`);
    const { runs } = (await response.json()) as { readonly runs?: readonly CellRun[] };
    return Array.isArray(runs) ? runs.filter(({ run_id }) => isRunId(run_id)) : [];
  } catch {
    return undefined;
  }
}

function add({ outputs }: Cell, { run_id, module_name }: CellRun): void {
  const isThere = listed(outputs).some(({ data }) => referenceIn(data?.[RUN_MIME]).run === run_id);
  if (isThere) return;
  const data = {
    [RUN_MIME]: { run_id, final: false },
    "text/plain": `${module_name}: its log follows (${run_id})`,
  };
  outputs?.add({ output_type: "display_data", data, metadata: {} });
}

function listed<T>(list: Listed<T> | undefined): T[] {
  return Array.from({ length: list?.length ?? 0 }, (_, index) => (list as Listed<T>).get(index));
}

/** With real-time collaboration one client adds the outputs for all. */
function isFirst({ content }: OpenNotebook): boolean {
  const { collaborative, sharedModel } = content.model ?? {};
  const { awareness } = sharedModel ?? {};
  if (!collaborative || !awareness) return true;
  return [...awareness.getStates().keys()].every((id) => id >= awareness.clientID);
}
