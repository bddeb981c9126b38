/**
 * Format a JSON object or array as indented text in coloured pieces. Pure.
 *
 * Works on tokens instead of parsed values, because numbers have to stay as written: a 64-bit id is
 * not a JavaScript number.
 */

export interface Piece {
  readonly kind: "key" | "string" | "number" | "word" | "sign";
  readonly text: string;
}

/** Bounds of the input (characters) and the output (lines). */
const MAX_CHARS = 262_144;
const MAX_LINES = 2_000;
const MAX_DEPTH = 64;

const TOKEN =
  /"(?:[^"\\\x00-\x1f]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]/gy;

/** Whether a text may be JSON. Cheap, for every row; `formatJson` checks it. */
export function looksLikeJson(text: string): boolean {
  return /^\s*(?:\{\s*"|\[\s*[[{"\d-])/.test(text) && "]}".includes(text.trimEnd().at(-1) ?? " ");
}

/** The pieces of each line; undefined: it is not JSON, or too large. */
export function formatJson(text: string): Piece[][] | undefined {
  if (text.length > MAX_CHARS || !isJson(text)) return undefined;
  const layout = new Layout();
  const tokens = [...tokensOf(text)];
  for (const [index, token] of tokens.entries()) {
    if (layout.isTooLarge) return undefined;
    layout.add(token, tokens[index - 1], tokens[index + 1]);
  }
  return layout.lines;
}

/** Puts tokens on indented lines. */
class Layout {
  readonly lines: Piece[][] = [[]];
  #depth = 0;

  get isTooLarge(): boolean {
    return this.lines.length > MAX_LINES || this.#depth > MAX_DEPTH;
  }

  /** Add a token between its neighbours. */
  add(token: string, previous: string | undefined, next: string | undefined): void {
    if (token === "{" || token === "[") this.#open(token, next);
    else if (token === "}" || token === "]") this.#close(token, previous);
    else if (token === ",") {
      this.#put("sign", ",");
      this.#newLine();
    } else if (token === ":") this.#put("sign", ": ");
    else this.#put(kindOf(token, next), token);
  }

  #open(token: string, next: string | undefined): void {
    this.#put("sign", token);
    if (next === "}" || next === "]") return;
    this.#depth++;
    this.#newLine();
  }

  #close(token: string, previous: string | undefined): void {
    if (previous !== "{" && previous !== "[") {
      this.#depth--;
      this.#newLine();
    }
    this.#put("sign", token);
  }

  #newLine(): void {
    this.lines.push([]);
    if (this.#depth) this.#put("sign", "  ".repeat(this.#depth));
  }

  #put(kind: Piece["kind"], text: string): void {
    this.lines.at(-1)?.push({ kind, text });
  }
}

function kindOf(token: string, next: string | undefined): Piece["kind"] {
  if (token.startsWith('"')) return next === ":" ? "key" : "string";
  return /^[-\d]/.test(token) ? "number" : "word";
}

function isJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null;
  } catch {
    return false;
  }
}

function* tokensOf(text: string): Generator<string> {
  for (const [start, end] of tokenRanges(text)) yield text.slice(start, end);
}

/** Start and end of each token of a JSON text. */
export function* tokenRanges(text: string): Generator<readonly [start: number, end: number]> {
  let at = 0;
  while (at < text.length) {
    while (/\s/.test(text[at] ?? "")) at++;
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined) return;
    yield [at, at + token.length];
    at += token.length;
  }
}
