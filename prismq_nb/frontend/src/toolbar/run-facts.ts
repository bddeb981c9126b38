/** What is known of a run, in the order in which it is read: how it was started, and how it is. Pure. */

import { bothTimes, bytes, duration, endDetails, timestamp } from "../base/format.js";
import type { Launch } from "../api/launched.js";
import { INVISIBLE, sign } from "../base/marks.js";
import { hasEnded, type RunStatus, stampOf } from "../base/protocol.js";
import { backgroundNames, isOutputOpen, statusName, takesInput, waitsForInput } from "../base/run-words.js";

export interface Fact {
  readonly name: string;
  readonly text: string;
  readonly title?: string;
  /** It was typed, or can be: shown as code. */
  readonly code?: boolean;
  /** What is copied; absent: it cannot be. */
  readonly copy?: string;
}

/** Something to type elsewhere. */
export interface Recipe {
  readonly label: string;
  readonly text: string;
}

/** Of a value, so much is shown; all of it is copied. */
const MAX_SHOWN_CHARS = 4_000;
/** Characters that cannot be seen, or that reorder others; but line breaks. */
const UNSEEN = new RegExp(`[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u2028\\u2029${INVISIBLE}]`, "g");
/** Parameters that are shown. */
const MAX_PARAMETERS = 50;

/** @param seconds how long the run has taken until now; undefined: not known, or not started. */
export function factsOf(
  run: string,
  status: RunStatus,
  launch: Launch | undefined,
  seconds: number | undefined,
): Fact[] {
  const { terminal, encoding = "utf-8" } = status;
  const ended = hasEnded(status.status);
  const { restart_of: before } = status as { readonly restart_of?: string | null };
  const facts = [...startOf(launch), code("Run", run)];
  if (before) facts.push(code("Restart of", before));
  if (!launch?.host && status.host) facts.push(plain("Host", status.host));
  facts.push(...time("Started", status.started_at), ...time("Ended", status.completed_at));
  if (seconds !== undefined) facts.push({ name: "Duration", text: duration(seconds) });
  if (ended) facts.push(plain(statusName(status), endDetails(status)));
  if (launch?.timeout) facts.push({ name: "Timeout", text: duration(launch.timeout) });
  facts.push({ name: "Streams", text: terminal ? `terminal ${terminal[0]} \u00d7 ${terminal[1]}` : "pipes" });
  if (!ended) facts.push({ name: "Input", text: inputText(status) });
  if (encoding.toLowerCase() !== "utf-8") facts.push({ name: "Encoding", text: encoding });
  facts.push({ name: "Output", text: bytes(status.bytes) });
  if (isOutputOpen(status)) facts.push({ name: "Background", text: backgroundNames(status, Infinity) || "yes" });
  return facts;
}

/** Lines that lead to the run, or start it again. */
export function recipesOf(run: string, launch: Launch | undefined): Recipe[] {
  const recipes = [{ label: "Copy for Python", text: `prismq_nb.get("${run}")` }];
  if (launch?.shell) recipes.push({ label: "Copy for a shell", text: launch.shell });
  return recipes;
}

/** What a person should know of what is said, one sentence each. */
export function remarksOn(launch: Launch | undefined): string[] {
  const remarks: string[] = [];
  if (launch?.masked) remarks.push("Secrets are shown as ****** and are not stored.");
  if (launch?.abridged) remarks.push("The command or its parameters are too long to show.");
  return remarks;
}

function startOf(launch: Launch | undefined): Fact[] {
  if (!launch) return [];
  const facts: Fact[] = [];
  if (launch.command) facts.push(code("Command", launch.command));
  const parameters = Object.entries(launch.parameters);
  if (parameters.length) {
    const shown = parameters.slice(0, MAX_PARAMETERS).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
    const more = parameters.length > MAX_PARAMETERS ? [`${parameters.length - MAX_PARAMETERS} more`] : [];
    const copy = JSON.stringify(launch.parameters, null, 2);
    facts.push({ ...code("Parameters", [...shown, ...more].join("\n")), copy });
  }
  if (launch.cwd) facts.push(code("Folder", launch.cwd));
  if (launch.interpreter) facts.push(code("Interpreter", launch.interpreter));
  if (launch.variables.length) {
    const title = "Set for this run; their values are not stored";
    facts.push({ ...code("Variables", launch.variables.join("\n")), title });
  }
  if (launch.host) facts.push(plain("Host", launch.host));
  if (launch.user) facts.push(plain("User", launch.user));
  return facts;
}

function plain(name: string, text: string): Fact {
  const start = text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS)}\u2026` : text;
  const shown = start.replace(UNSEEN, (character) => `\u2039${sign(character)?.text ?? ""}\u203a`);
  return { name, text: shown, copy: text };
}

function code(name: string, text: string): Fact {
  return { ...plain(name, text), code: true };
}

/** In the person's time; with its zone, to the microsecond, and UTC in the tooltip; UTC when it is copied. */
function time(name: string, iso: string | null): Fact[] {
  if (!iso) return [];
  const local = timestamp(stampOf(iso), "datetime", false, { start: undefined, previous: undefined });
  return [{ name, text: local.slice(0, 19), title: bothTimes(Date.parse(iso), iso.slice(19, -1)), copy: iso }];
}

function inputText(status: RunStatus): string {
  if (waitsForInput(status)) return status.hides_input ? "waiting for hidden input" : "waiting for input";
  if (takesInput(status)) return "open";
  return status.terminal ? "closed" : "closed; launch with terminal=True or stdin=True to answer";
}
