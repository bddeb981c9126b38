/**
 * Find file locations as programs print them (`File "train.py", line 7`, `src/a.ts:3:5`). Pure;
 * linear time.
 *
 * Python, IPython, pdb, pytest, compilers and linters, Node, Go, Rust, the JVM. A path without
 * quotes ends in the suffix of a source file.
 */

export interface FileLocation {
  /** As printed. */
  readonly path: string;
  /** Counted from 1, as programs print it. */
  readonly line: number;
  readonly column?: number;
}

/** A file location in a text; `end`: index after its last character. */
export interface FoundLocation extends FileLocation {
  readonly start: number;
  readonly end: number;
}

/** Maximum number of locations in one line. */
const MAX_LOCATIONS = 200;
const MAX_PATH_CHARS = 1_024;

const PYTHON = /File "([^"<>\x00-\x1f]{1,1024})", line (\d{1,7})/g;
const IPYTHON = /^\s{0,80}File ([~/.\w][^":<>\x00-\x1f]{0,1023}):(\d{1,7})(?=,|\(|\s*$)/;
const SUFFIXES =
  "py|pyi|pyx|pxd|ipynb|jsx?|mjs|cjs|tsx?|mts|cts|vue|svelte|go|rs|c|cc|cpp|cxx|h|hh|hpp|hxx|" +
  "cu|cuh|java|kts?|scala|groovy|clj|cs|fs|vb|rb|php|pl|pm|lua|jl|[rR]|R?md|swift|mm?|zig|nim|" +
  "dart|exs?|erl|hs|ml|sql|s?css|less|html?|sh|bash|ya?ml|toml|json|jsonl|ini|" +
  "cfg|conf|tf|proto|cmake|gradle|tex|f90";
const PLAIN = new RegExp(
  String.raw`\.(?:${SUFFIXES})(?::(\d{1,7})(?::(\d{1,7}))?(?![\w])|\((\d{1,7})(?:, ?(\d{1,7}))?\))`,
  "g",
);
const PATH_END = /[\p{L}\p{N}\p{M}_./~@+-]$/u;

/** The file locations in a text, in order. */
export function findLocations(text: string): FoundLocation[] {
  const found = [...quoted(text)];
  const ipython = IPYTHON.exec(text);
  if (ipython) {
    const [whole, path = "", line] = ipython;
    const start = whole.indexOf("File ") + 5;
    found.push({ start, end: whole.length, path, line: Number(line) });
  }
  for (const each of plain(text)) {
    if (!found.some(({ start, end }) => each.start < end && start < each.end)) found.push(each);
    if (found.length >= MAX_LOCATIONS) break;
  }
  return found.sort((a, b) => a.start - b.start);
}

function* quoted(text: string): Generator<FoundLocation> {
  let count = 0;
  for (const match of text.matchAll(PYTHON)) {
    const [whole, path = "", line] = match;
    yield { start: match.index + 6, end: match.index + whole.length, path, line: Number(line) };
    if (++count >= MAX_LOCATIONS) return;
  }
}

function* plain(text: string): Generator<FoundLocation> {
  let from = 0;
  for (const match of text.matchAll(PLAIN)) {
    const [whole, line, column, boxed, boxedColumn] = match;
    const start = pathStart(text, match.index, from);
    const end = match.index + whole.length;
    from = end;
    const path = text.slice(start, match.index + whole.search(/[:(]/));
    // only a suffix, or a URL
    if (/^[-.+~@]*\.[^./]*$/.test(path) || /\/\/|^[-+@]/.test(path)) continue;
    const [row, place] = [line ?? boxed, column ?? boxedColumn];
    yield {
      start,
      end,
      path,
      line: Number(row),
      ...(place === undefined ? {} : { column: Number(place) }),
    };
  }
}

/** Where the path begins whose suffix is at `dot`; not before `lowest`. */
function pathStart(text: string, dot: number, lowest: number): number {
  let at = dot;
  while (at > lowest && dot - at < MAX_PATH_CHARS) {
    const low = (text.charCodeAt(at - 1) & 0xfc00) === 0xdc00 ? at - 2 : at - 1;
    if (low < lowest || !PATH_END.test(text.slice(low, at))) break;
    at = low;
  }
  if (text.startsWith("//", at) && text.slice(at - 5, at) === "file:") return at + 2;
  return at;
}
