/**
 * The text of a run in the output of a cell, for saved notebooks, refreshed until it is final.
 *
 * The server writes it, as for kernels, so that it changes only if the run does.
 */

import { request } from "../base/page.js";
import { isRunId } from "../base/protocol.js";
import { RUN_MIME } from "./mime.js";

/** Options that select the lines of the text. */
const AROUND = ["lines_before", "lines_after"];
const MATCHING = ["query", "regex", "case", "word"];

/** The part of an output's model that is used here. */
export interface Output {
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata?: unknown;
  setData(options: { data: Record<string, unknown>; metadata?: unknown }): void;
  toJSON?(): unknown;
}

/**
 * The reference in an output. Anybody may have written it: it names a run and options, never an
 * address.
 */
export interface Reference {
  readonly run: string;
  /** Key of the widget that the output belongs to; empty: none. */
  readonly key: string;
  /** The text does not change any more. */
  readonly final: boolean;
  readonly json: Readonly<Record<string, unknown>>;
}

let written: (output: Output) => void = () => undefined;

/** Call `listener` after each change of an output. */
export function onWritten(listener: (output: Output) => void): void {
  written = listener;
}

interface SavedText {
  readonly final: boolean;
  readonly plain: string;
  readonly html: string;
}

export function referenceIn(value: unknown): Reference {
  const json = (typeof value === "object" && value !== null ? value : {}) as Reference["json"];
  const { run_id, key, final } = json;
  return {
    run: typeof run_id === "string" ? run_id : "",
    key: typeof key === "string" ? key : "",
    final: final === true,
    json,
  };
}

/** The text of an output. Notebooks may save texts as lists of lines. */
export function textOf({ data }: Pick<Output, "data">): string {
  const text = data["text/plain"];
  if (Array.isArray(text)) return text.join("");
  return typeof text === "string" ? text : "";
}

/**
 * Refresh the text. Never throws.
 *
 * @param more members to add to the bundle once it is final.
 * @returns true if it is final, or there is nothing to request.
 */
export async function refresh(
  output: Output,
  signal?: AbortSignal,
  more: Readonly<Record<string, unknown>> = {},
): Promise<boolean> {
  const { run, final, json } = referenceIn(output.data[RUN_MIME]);
  if (!isRunId(run)) return true;
  if (final) {
    // the kernel made the text
    if (!Object.keys(more).every((name) => name in json)) write(output, more);
    return true;
  }
  const saved = await ask(run, json, signal);
  if (!saved || signal?.aborted || referenceIn(output.data[RUN_MIME]).run !== run) return false;
  write(output, { final: saved.final, ...(saved.final ? more : {}) }, saved);
  return saved.final;
}

/** Make the output refer to another run, which was started in the viewer. */
export function showRun(output: Output, run: string): void {
  write(output, { run_id: run, final: false });
}

/** Change the output, if anything differs. */
export function write(output: Output, changed: Record<string, unknown>, text?: SavedText): void {
  const { data, metadata } = output;
  const before = referenceIn(data[RUN_MIME]).json;
  const same = Object.entries(changed).every(([name, value]) => before[name] === value);
  if (same && (!text || textOf(output) === text.plain)) return;
  const texts = text ? { "text/plain": text.plain, "text/html": text.html } : {};
  const next = { ...data, ...texts, [RUN_MIME]: { ...before, ...changed } };
  output.setData(metadata ? { data: next, metadata } : { data: next });
  written(output);
}

async function ask(
  run: string,
  json: Reference["json"],
  signal?: AbortSignal,
): Promise<SavedText | undefined> {
  const params = new URLSearchParams();
  for (const name of json.mode === "highlight"
    ? ["level", ...AROUND]
    : ["level", ...AROUND, ...MATCHING]) {
    const value = json[name];
    // the server checks them
    if (value && typeof value !== "object") params.set(name, String(value));
  }
  try {
    const response = await request(`api/runs/${run}/saved?${params}`, signal ? { signal } : {});
    const { final, plain, html } = (await response.json()) as Partial<SavedText>;
    if (typeof plain !== "string" || typeof html !== "string") return undefined;
    return { final: final === true, plain, html };
  } catch {
    return undefined; // no such run, no server or no login: the old text says more
  }
}
