/** The facts about a run in reading order: how it was started, and its state. Pure. */

import type { Launch } from "../api/launch-details.js";
import { bytes, duration, endDetails, localAndUtcTime, timestamp } from "../base/format.js";
import { INVISIBLE, sign } from "../base/marks.js";
import { hasEnded, type RunStatus, stampOf } from "../base/protocol.js";
import {
  backgroundNames,
  isCell,
  isOutputOpen,
  statusName,
  takesInput,
  waitsForInput,
} from "../base/run-words.js";

export interface Fact {
  readonly name: string;
  readonly text: string;
  readonly title?: string;
  /** Show it as code. */
  readonly code?: boolean;
  /** The text to copy; absent: no copy button. */
  readonly copy?: string;
}

/** A line of code to paste elsewhere. */
export interface Snippet {
  readonly label: string;
  readonly text: string;
}

/** Characters of a value that are shown; all of it is copied. */
const MAX_SHOWN_CHARS = 4_000;
/** Invisible characters and those that reorder text, except line breaks. */
const UNSEEN = new RegExp(`[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u2028\\u2029${INVISIBLE}]`, "g");
/** Parameters that are shown. */
const MAX_PARAMETERS = 50;

/** @param seconds how long the run has taken; undefined: not known, or not started. */
export function factsOf(
  run: string,
  status: RunStatus,
  launch: Launch | undefined,
  seconds: number | undefined,
): Fact[] {
  const { terminal, encoding = "utf-8" } = status;
  const ended = hasEnded(status.status);
  const { restart_of: before } = status as { readonly restart_of?: string | null };
  const cell = isCell(status);
  const facts = [...(cell ? cellFacts(status) : []), ...launchFacts(launch), code("Run", run)];
  if (before) facts.push(code("Restart of", before));
  if (!launch?.host && status.host) facts.push(plain("Host", status.host));
  facts.push(...time("Started", status.started_at), ...time("Ended", status.completed_at));
  if (seconds !== undefined) facts.push({ name: "Duration", text: duration(seconds) });
  const details = ended ? endDetails(status) : "";
  if (details) facts.push(plain(statusName(status), details));
  if (launch?.timeout) facts.push({ name: "Timeout", text: duration(launch.timeout) });
  facts.push({
    name: "Streams",
    text: terminal ? `terminal ${terminal[0]} \u00d7 ${terminal[1]}` : "pipes",
  });
  if (!ended && !cell) facts.push({ name: "Input", text: inputText(status) });
  if (encoding.toLowerCase() !== "utf-8") facts.push({ name: "Encoding", text: encoding });
  facts.push({ name: "Output", text: bytes(status.bytes) }, ...noticeFacts(status));
  if (isOutputOpen(status))
    facts.push({ name: "Background", text: backgroundNames(status, Infinity) || "yes" });
  return facts;
}

/** Lines of code that get the run, or start it again. */
export function snippetsOf(run: string, launch: Launch | undefined): Snippet[] {
  const snippets = [{ label: "Copy for Python", text: `prismq_nb.get("${run}")` }];
  if (launch?.shell) snippets.push({ label: "Copy for a shell", text: launch.shell });
  return snippets;
}

/** Remarks about the facts, one sentence each. */
export function remarksOn(launch: Launch | undefined): string[] {
  const remarks: string[] = [];
  if (launch?.masked) remarks.push("Secrets are shown as ****** and are not stored.");
  if (launch?.abridged)
    remarks.push(
      launch.code
        ? "The code is too long to show."
        : "The command or its parameters are too long to show.",
    );
  return remarks;
}

/** Who is notified of its end, and what became of that as far as it is known. */
function noticeFacts({ notify, notified, notify_problem: problem }: RunStatus): Fact[] {
  if (!notify?.length) return [];
  const names = notify.map((name) => (name === "******" ? "an address" : name)).join(", ");
  const words = { sent: "sent", failed: "not sent", unknown: "perhaps sent" };
  const result = notified ? `${words[notified]}: ` : "";
  return [plain("Notice", `${result}${problem ?? names}`)];
}

/** Where a watched cell runs. */
function cellFacts({ notebook, kernel_id: kernel }: RunStatus): Fact[] {
  return [
    ...(notebook ? [code("Notebook", notebook)] : []),
    ...(kernel ? [code("Kernel", kernel)] : []),
  ];
}

function launchFacts(launch: Launch | undefined): Fact[] {
  if (!launch) return [];
  const facts: Fact[] = [];
  if (launch.command) facts.push(code("Command", launch.command));
  if (launch.code)
    facts.push({ ...code("Code", launch.code.replaceAll("\t", "    ")), copy: launch.code });
  const parameters = Object.entries(launch.parameters);
  if (parameters.length) {
    const shown = parameters
      .slice(0, MAX_PARAMETERS)
      .map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
    const more =
      parameters.length > MAX_PARAMETERS ? [`${parameters.length - MAX_PARAMETERS} more`] : [];
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

/** A time in the person's zone; the tooltip has zone, microseconds and UTC; the copy is UTC. */
function time(name: string, iso: string | null): Fact[] {
  if (!iso) return [];
  const local = timestamp(stampOf(iso), "datetime", false, {
    start: undefined,
    previous: undefined,
  });
  return [
    {
      name,
      text: local.slice(0, 19),
      title: localAndUtcTime(Date.parse(iso), iso.slice(19, -1)),
      copy: iso,
    },
  ];
}

function inputText(status: RunStatus): string {
  if (waitsForInput(status))
    return status.hides_input ? "waiting for hidden input" : "waiting for input";
  if (takesInput(status)) return "open";
  return status.terminal ? "closed" : "closed; launch with terminal=True or stdin=True to answer";
}
