/**
 * A message that is a JSON object or array -> indented text in coloured pieces. Pure.
 *
 * Numbers are kept as they were written (a 64-bit id is no JavaScript number), so the text is laid out anew, not parsed and printed.
 */

export interface Piece {
  readonly kind: "key" | "string" | "number" | "word" | "sign";
  readonly text: string;
}

/** What is laid out, at most: characters that go in, and lines that come out. */
const MAX_CHARS = 262_144;
const MAX_LINES = 2_000;
const MAX_DEPTH = 64;

// eslint-disable-next-line no-control-regex -- control characters may not be in a JSON string
const TOKEN = /"(?:[^"\\\x00-\x1f]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]/gy;

/** Whether it is worth a button: cheap, for every row. What it says is checked when somebody asks for it. */
export function looksLikeJson(text: string): boolean {
  return /^\s*(?:\{\s*"|\[\s*[[{"\d-])/.test(text) && "]}".includes(text.trimEnd().at(-1) ?? " ");
}

/** The pieces of each line; undefined: no JSON, or too much of it. */
export function layOut(text: string): Piece[][] | undefined {
  if (text.length > MAX_CHARS || !isJson(text)) return undefined;
  const lines: Piece[][] = [[]];
  const put = (kind: Piece["kind"], part: string): void => void lines.at(-1)?.push({ kind, text: part });
  let depth = 0;
  const newLine = (): void => {
    lines.push([]);
    if (depth) put("sign", "  ".repeat(depth));
  };
  const tokens = [...tokensOf(text)];
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1];
    if (lines.length > MAX_LINES || depth > MAX_DEPTH) return undefined;
    if (token === "{" || token === "[") {
      put("sign", token);
      if (next === "}" || next === "]") continue;
      depth++;
      newLine();
    } else if (token === "}" || token === "]") {
      const previous = tokens[index - 1];
      if (previous !== "{" && previous !== "[") {
        depth--;
        newLine();
      }
      put("sign", token);
    } else if (token === ",") {
      put("sign", ",");
      newLine();
    } else if (token === ":") put("sign", ": ");
    else put(kindOf(token, next), token);
  }
  return lines;
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
  for (const [start, end] of placesOf(text)) yield text.slice(start, end);
}

/** Where the tokens of a JSON text begin and end. */
export function* placesOf(text: string): Generator<readonly [start: number, end: number]> {
  let at = 0;
  while (at < text.length) {
    while (/\s/.test(text[at] ?? "")) at++;
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined) return;
    yield [at, (at += token.length)];
  }
}
