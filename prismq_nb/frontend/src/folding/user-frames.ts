/**
 * Find the frame of a traceback that the reader looks for: the deepest one of their own code. Pure.
 *
 * Own code is neither part of the standard library nor installed (`site-packages`, `node_modules`),
 * and preferably below the run's working directory. Without own code, it is the deepest frame.
 */

import { type FileLocation, findLocations } from "../text/file-locations.js";
import type { TextAt } from "./fold-traces.js";

export interface Frame extends FileLocation {
  /** Function name; empty: unknown. */
  readonly name: string;
}

/** Characters of a line that are examined. */
const MAX_CHARS = 600;
/** Maximum frames examined, from the deepest on. */
const MAX_FRAMES = 100;

const PYTHON = /^[\s|+]*File "([^"]+)", line (\d{1,7})(?:, in (.{1,200}))?/;
const IPYTHON = /^(?:File |Cell )?([^\n:]{1,500}\.py):(\d{1,7})(?:, in ([\w.<>]+))?/;
const AT = /^\s+at (?:async )?/;
const HEAD = /Traceback \(most recent call last\)/;
const FOREIGN = new RegExp(
  [
    "(?:^|/)(?:site-packages|dist-packages|node_modules)/",
    String.raw`/lib/python\d[\d.]*/`,
    "^<",
    "^node:",
    "^internal/",
    String.raw`\.pyenv/versions/`,
    "importlib/_bootstrap",
  ].join("|"),
);
const FOREIGN_CLASS = new RegExp(
  String.raw`^(?:[\w.@]+/)?(?:java|javax|jdk|sun|com\.sun|kotlin|scala|groovy|clojure|` +
    String.raw`org\.(?:junit|springframework|apache|gradle|eclipse))\.`,
);

/**
 * Find the user's frame of a trace.
 *
 * @param first first line of the trace.
 * @param shown line of the exception, or the head of the trace if that names the exception.
 * @param last last line of the trace.
 * @param text returns the text of a line without escape sequences.
 * @param folder working directory of the run; undefined: unknown.
 */
export function userFrame(
  first: number,
  shown: number,
  last: number,
  text: TextAt,
  folder: string | undefined,
): Frame | undefined {
  const up = shown > first && !isAt(text(shown + 1));
  const frames: Frame[] = [];
  for (let step = 1; frames.length < MAX_FRAMES; step++) {
    const n = up ? shown - step : shown + step;
    const line = n < first || n > last ? undefined : text(n)?.slice(0, MAX_CHARS);
    if (line === undefined || HEAD.test(line)) break;
    if (!up && !isAt(line)) break;
    const frame = frameIn(line);
    if (frame) frames.push(frame);
  }
  const own = frames.filter(isOwn);
  const base = folder === undefined ? undefined : `${folder.replace(/\/$/, "")}/`;
  return (
    own.find(({ path }) => base === undefined || !path.startsWith("/") || path.startsWith(base)) ??
    own[0] ??
    frames[0]
  );
}

/** `train.py:42 in fit`, `Train.java:12 in Train.main`; without directories and packages. */
export function frameText({ path, line, name }: Frame): string {
  const file = path.split("/").at(-1) ?? path;
  const short = name.split(".").slice(-2).join(".");
  return `${file}:${line}${short ? ` in ${short}` : ""}`;
}

function isAt(line: string | undefined): boolean {
  return line !== undefined && /^\s+at \S/.test(line);
}

function frameIn(line: string): Frame | undefined {
  const python = PYTHON.exec(line) ?? IPYTHON.exec(line);
  if (python) {
    const [, path = "", number, name = ""] = python;
    return { path, line: Number(number), name: name.replace(/\(.*/, "").trim() };
  }
  const at = AT.exec(line);
  const found = at ? findLocations(line).at(-1) : undefined;
  if (!at || !found) return undefined;
  const { start, path, line: number, column } = found;
  const name = line.slice(at[0].length, start).replace(/ ?\(?(?:file:\/\/)?$/, "");
  return { path, line: number, name, ...(column === undefined ? {} : { column }) };
}

function isOwn({ path, name }: Frame): boolean {
  return !FOREIGN.test(path) && !FOREIGN_CLASS.test(name);
}
