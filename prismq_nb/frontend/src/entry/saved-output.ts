/**
 * The text of a run in the output of a cell, which a saved notebook keeps: asked for anew until it is final.
 *
 * The server makes it, as for kernels, so that it differs only where the run does. Knows no notebook.
 */

import { request } from "../base/page.js";
import { isRunId } from "../base/protocol.js";

export const MIME = "application/vnd.prismq.run+json";

/** Options that say which lines are in the text. */
const AROUND = ["lines_before", "lines_after"];
const MATCHING = ["query", "regex", "case", "word"];

/** What is used here of an output's model. */
export interface Output {
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata?: unknown;
  setData(options: { data: Record<string, unknown>; metadata?: unknown }): void;
  toJSON?(): unknown;
}

/** What a bundle says. Anybody may have written it: it names a run and options, never an address. */
export interface Reference {
  readonly run: string;
  /** Of the widget that it came from; empty: of none. */
  readonly key: string;
  /** Its text stays as it is. */
  readonly final: boolean;
  readonly json: Readonly<Record<string, unknown>>;
}

let written: (output: Output) => void = () => undefined;

/** From now on `listener` is called after each change of an output. */
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

/** The text of an output; notebooks keep texts as lists of lines, too. */
export function textOf({ data }: Pick<Output, "data">): string {
  const text = data["text/plain"];
  if (Array.isArray(text)) return text.join("");
  return typeof text === "string" ? text : "";
}

/**
 * Brings the text up to date; true: it is final, or there is nothing to ask for. Never throws.
 *
 * @param more what the bundle says besides, once it is final.
 */
export async function refresh(
  output: Output,
  signal?: AbortSignal,
  more: Readonly<Record<string, unknown>> = {},
): Promise<boolean> {
  const { run, final, json } = referenceIn(output.data[MIME]);
  if (!isRunId(run)) return true;
  if (final) {
    if (!Object.keys(more).every((name) => name in json)) write(output, more); // the kernel made the text
    return true;
  }
  const saved = await ask(run, json, signal);
  if (!saved || signal?.aborted || referenceIn(output.data[MIME]).run !== run) return false;
  write(output, { final: saved.final, ...(saved.final ? more : {}) }, saved);
  return saved.final;
}

/** The output shows another run from now on: it was started again in the viewer. */
export function showRun(output: Output, run: string): void {
  write(output, { run_id: run, final: false });
}

/** Changes the notebook only where something differs. */
export function write(output: Output, changed: Record<string, unknown>, text?: SavedText): void {
  const { data, metadata } = output;
  const before = referenceIn(data[MIME]).json;
  const same = Object.entries(changed).every(([name, value]) => before[name] === value);
  if (same && (!text || textOf(output) === text.plain)) return;
  const texts = text ? { "text/plain": text.plain, "text/html": text.html } : {};
  const next = { ...data, ...texts, [MIME]: { ...before, ...changed } };
  output.setData(metadata ? { data: next, metadata } : { data: next });
  written(output);
}

async function ask(run: string, json: Reference["json"], signal?: AbortSignal): Promise<SavedText | undefined> {
  const params = new URLSearchParams();
  for (const name of json["mode"] === "highlight" ? ["level", ...AROUND] : ["level", ...AROUND, ...MATCHING]) {
    const value = json[name];
    if (value && typeof value !== "object") params.set(name, String(value)); // the server checks them
  }
  try {
    const response = await request(`api/runs/${run}/saved?${params}`, signal ? { signal } : {});
    const { final, plain, html } = (await response.json()) as Partial<SavedText>;
    if (typeof plain !== "string" || typeof html !== "string") return undefined;
    return { final: final === true, plain, html };
  } catch {
    return undefined; // no such run, no server, no login: what is there says more
  }
}
