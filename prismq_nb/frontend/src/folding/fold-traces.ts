/**
 * Find the extent of tracebacks and stack traces, and the lines that report the error. Pure; knows
 * texts, not rows.
 *
 * Python (chained, exception groups, indented), Java and other JVM languages, JavaScript and .NET
 * (`at ...`), Go, Rust.
 */

/**
 * Return the text of line `n` without escape sequences; undefined: not loaded, or of another
 * stream.
 */
export type TextAt = (n: number) => string | undefined;

export interface Trace {
  /** Its last line. */
  readonly last: number;
  /** Lines that stay visible when it is folded, in order; the first is its head. */
  readonly shown: readonly number[];
}

/** Maximum length of a trace; a longer one is folded in parts. */
export const MAX_TRACE_LINES = 1_000;
/**
 * Lines that an exception's message may have before the sentence that introduces the next
 * exception.
 */
const MESSAGE_LINES = 20;

const PYTHON_HEAD =
  /^([ \t|]*)(?:\+ )?(?:Exception Group )?Traceback \(most recent call last\):\s*$/;
/** IPython: the exception name is in the head, and also begins the last line. */
const IPYTHON_HEAD = /^([A-Za-z_][\w.]{0,200}) {2,200}Traceback \(most recent call last\)\s*$/;
const IPYTHON_LINE = /^(?:\s|$|File |Cell |-+>|[~/<[]|\.\.\.)/;
const PYTHON_CHAIN = new RegExp(
  String.raw`^[ \t|]*(?:The above exception was the direct cause of the following exception|` +
    "During handling of the above exception, another exception occurred):",
);
const AT_FRAME = /^\s+at \S/;
const AT_MORE = /^\s+(?:\.\.\. \d+ (?:more|common frames omitted)|--- End of .*---)\s*$/;
const AT_CAUSE = /^\s*(?:Caused by|Suppressed|Wrapped by):? /;
const GO_PANIC = /^(?:panic|fatal error): /;
const GO_ROUTINE = /^goroutine \d+ (?:gp=\S+ m=\S+ (?:mp=\S+ )?)?\[.*\]:\s*$/;
const GO_NAME = /^(?:created by )?([\w./*()\-\u00b7{}$[\]]+)/;
const GO_CREATED = /^(?: in goroutine \d+)?\s*$/;
const GO_PLACE = /^\t.+:\d+(?: \+0x[0-9a-f]+)?\s*$/;
const RUST_HEAD = /^stack backtrace:\s*$/;
const RUST_FRAME = /^\s+(?:\d+: |at )/;

/**
 * Return the trace whose head is line `n`; undefined if there is none. Reads at most
 * `MAX_TRACE_LINES` lines from `n` on.
 */
export function traceAt(n: number, text: TextAt): Trace | undefined {
  const head = text(n);
  if (head === undefined) return undefined;
  const python = PYTHON_HEAD.exec(head);
  if (python) return pythonAt(n, text, python[1] ?? "");
  const ipython = IPYTHON_HEAD.exec(head);
  if (ipython) return ipythonAt(n, text, ipython[1] ?? "");
  if (GO_PANIC.test(head) || GO_ROUTINE.test(head)) return goAt(n, text);
  if (RUST_HEAD.test(head)) return rustAt(n, text);
  const next = text(n + 1);
  return next !== undefined && AT_FRAME.test(next) && head.trim() && !AT_FRAME.test(head)
    ? atFramesAt(n, text)
    : undefined;
}

function pythonAt(first: number, text: TextAt, indent: string): Trace | undefined {
  let at = first;
  const limit = first + MAX_TRACE_LINES;
  let last = first;
  while (at < limit) {
    const end = exceptionLine(at + 1, limit, text, indent);
    if (end === undefined) return undefined; // incomplete or truncated
    last = end;
    const next = chained(end, text);
    if (next === undefined) break;
    at = next;
  }
  return { last: groupEnd(last, limit, text, indent), shown: [first, last] };
}

function ipythonAt(first: number, text: TextAt, name: string): Trace | undefined {
  for (let at = first + 1; at < first + MAX_TRACE_LINES; at++) {
    const line = text(at);
    if (line === undefined) return undefined;
    if (line.startsWith(name) && /^(?::|\s*$)/.test(line.slice(name.length)))
      return { last: at, shown: [first, at] };
    if (!IPYTHON_LINE.test(line)) return undefined;
  }
  return undefined;
}

/**
 * Return the line after the frames: the first that is not indented deeper than the head. In an
 * exception group (`| `) the head's own prefix counts as indentation.
 */
function exceptionLine(
  from: number,
  limit: number,
  text: TextAt,
  indent: string,
): number | undefined {
  const bars = /^[ \t]*\+/.exec(text(from - 1) ?? "") ? `${indent}| ` : indent;
  for (let at = from; at < limit; at++) {
    const line = text(at);
    if (line === undefined) return undefined;
    const rest = line.startsWith(bars)
      ? line.slice(bars.length)
      : line.startsWith(indent)
        ? line.slice(indent.length)
        : line;
    if (rest.trim() && !/^\s/.test(rest)) return at;
  }
  return undefined;
}

/** Return the head of the next traceback of a chain. */
function chained(end: number, text: TextAt): number | undefined {
  for (let at = end + 1; at <= end + MESSAGE_LINES; at++) {
    const line = text(at);
    if (line === undefined || PYTHON_HEAD.test(line)) return undefined;
    if (!PYTHON_CHAIN.test(line)) continue;
    for (let head = at + 1; head <= at + 2; head++)
      if (PYTHON_HEAD.test(text(head) ?? "")) return head;
    return undefined;
  }
  return undefined;
}

/** Return the end of the exceptions nested in an exception group. */
function groupEnd(last: number, limit: number, text: TextAt, indent: string): number {
  let at = last;
  while (at + 1 < limit) {
    const line = text(at + 1);
    if (
      line === undefined ||
      !/^[ \t]*[|+]/.test(
        line.startsWith(indent) ? line.slice(indent.replace(/\|.*/, "").length) : line,
      )
    )
      break;
    at++;
  }
  return at;
}

function atFramesAt(first: number, text: TextAt): Trace {
  const shown = [first];
  let at = first + 1;
  for (; at < first + MAX_TRACE_LINES; at++) {
    const line = text(at);
    if (line === undefined) break;
    const isCause = AT_CAUSE.test(line);
    if (!isCause && !AT_FRAME.test(line) && !AT_MORE.test(line)) break;
    if (isCause) shown[1] = at;
  }
  return { last: at - 1, shown };
}

function goAt(first: number, text: TextAt): Trace | undefined {
  let at = first;
  for (let ahead = first; ahead <= first + 4 && !GO_ROUTINE.test(text(at) ?? ""); ahead++)
    at = ahead;
  if (!GO_ROUTINE.test(text(at) ?? "")) return undefined;
  let last = at;
  for (at++; at < first + MAX_TRACE_LINES; at++) {
    const line = text(at);
    if (line === undefined) break;
    const isCall = isGoCall(line) && GO_PLACE.test(text(at + 1) ?? "");
    if (isCall || GO_PLACE.test(line) || GO_ROUTINE.test(line)) last = at;
    else if (line.trim() || !GO_ROUTINE.test(text(at + 1) ?? "")) break;
  }
  return last > first ? { last, shown: [first] } : undefined;
}

/**
 * `main.run(0x1, {0x2, 0x3})`, `created by main.start in goroutine 1`.
 *
 * Matched in steps, because a single pattern for both takes quadratic time.
 */
function isGoCall(line: string): boolean {
  const [whole, name] = GO_NAME.exec(line) ?? [];
  if (whole === undefined || name === undefined) return false;
  if (GO_CREATED.test(line.slice(whole.length))) return true;
  return name.indexOf("(", 1) > 0 && line.trimEnd().endsWith(")");
}

function rustAt(first: number, text: TextAt): Trace {
  let at = first + 1;
  while (at < first + MAX_TRACE_LINES && RUST_FRAME.test(text(at) ?? "")) at++;
  return { last: at - 1, shown: [first] };
}
