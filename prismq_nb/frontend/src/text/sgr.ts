/**
 * Convert SGR ("colour") parameters to a style. Pure; imports nothing.
 *
 * Sources: ECMA-48 8.3.117; xterm's ctlseqs for `38;5;n` and `38;2;r;g;b` (with `;` or `:`).
 */

/** 0-15: a colour of the theme's palette; a string: `rgb(r, g, b)`, made here from numbers. */
export type Color = number | string;

export interface Style {
  readonly fg?: Color;
  readonly bg?: Color;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly strike?: boolean;
  readonly inverse?: boolean;
}

/** A mutable style. */
export type Pen = { -readonly [Key in keyof Style]?: Style[Key] };

const MAX_PARAMETERS = 32;

/** The pen after an SGR sequence; `pen` is not changed. */
export function applySgr(pen: Pen, parameters: string): Pen {
  const codes = parameters.split(";").slice(0, MAX_PARAMETERS);
  let next: Pen = { ...pen };
  for (let i = 0; i < codes.length; i++) {
    const parts = (codes[i] ?? "").split(":").map(codeOf);
    const code = parts[0] ?? 0;
    if (code === 0) next = {};
    else if (code === 38 || code === 48 || code === 58)
      i += applyColor(next, code, parts, codes.slice(i + 1, i + 5));
    else applySimple(next, code, parts[1]);
  }
  return next;
}

/** The shortest SGR sequence that sets a pen; empty for the plain pen. */
export function sgrOf(pen: Pen): string {
  const codes = Object.entries(FLAGS).flatMap(([flag, code]) => (pen[flag as Flag] ? [code] : []));
  if (pen.fg !== undefined) codes.push(colorCode(pen.fg, 30));
  if (pen.bg !== undefined) codes.push(colorCode(pen.bg, 40));
  return codes.length ? `\x1b[${codes.join(";")}m` : "";
}

/** A pen, and `sgrOf` it. */
export interface KeyedPen {
  readonly pen: Pen;
  readonly key: string;
}

/** Bound of the cache; programs use few colours. */
const MAX_CACHED = 500;
const CACHE = new Map<string, KeyedPen>();

/**
 * `applySgr` with a cache, which makes it ten times as fast.
 *
 * @param key `sgrOf(pen)`.
 */
export function penAfterSgr(pen: Pen, key: string, parameters: string): KeyedPen {
  const both = `${key} ${parameters}`;
  const known = CACHE.get(both);
  if (known) return known;
  const next = applySgr(pen, parameters);
  const found = { pen: next, key: sgrOf(next) };
  if (CACHE.size >= MAX_CACHED) CACHE.clear();
  CACHE.set(both, found);
  return found;
}

/** A number of at most three digits, as in `common/base/terminal/sgr.py`; empty: 0. */
function codeOf(text: string): number {
  return text.length <= 3 ? Number(text) : NaN;
}

function colorCode(color: Color, base: number): string {
  if (typeof color === "string") return `${base + 8};2;${color.match(/\d+/g)?.join(";") ?? ""}`;
  return String(color < 8 ? base + color : base + 52 + color);
}

/**
 * Apply code 38, 48 or 58 to a pen.
 *
 * @param parts the code and its parameters after `:`.
 * @param following the parameters after `;`.
 * @returns how many of `following` it takes.
 */
function applyColor(
  pen: Pen,
  code: number,
  parts: readonly number[],
  following: readonly string[],
): number {
  const inline = parts.length > 1;
  const rest = inline ? parts.slice(1) : following.map(codeOf);
  const [color, used] = extendedColor(rest, inline);
  // 58 is the colour of the underline, which is not shown
  if (color !== undefined && code !== 58) pen[code === 38 ? "fg" : "bg"] = color;
  return inline ? 0 : used;
}

function applySimple(pen: Pen, code: number, sub: number | undefined): void {
  if (code >= 30 && code <= 37) pen.fg = code - 30;
  else if (code >= 90 && code <= 97) pen.fg = code - 82;
  else if (code >= 40 && code <= 47) pen.bg = code - 40;
  else if (code >= 100 && code <= 107) pen.bg = code - 92;
  else if (code === 39) delete pen.fg;
  else if (code === 49) delete pen.bg;
  else if (code === 4 && sub === 0) delete pen.underline;
  else if (code === 22) {
    delete pen.bold;
    delete pen.dim;
  } else {
    const on = ON[code];
    const off = OFF[code];
    if (on) pen[on] = true;
    if (off) delete pen[off];
  }
}

type Flag = "bold" | "dim" | "italic" | "underline" | "strike" | "inverse";
const ON: Readonly<Record<number, Flag>> = {
  1: "bold",
  2: "dim",
  3: "italic",
  4: "underline",
  7: "inverse",
  9: "strike",
  21: "underline",
};
const FLAGS: Readonly<Record<Flag, string>> = {
  bold: "1",
  dim: "2",
  italic: "3",
  underline: "4",
  inverse: "7",
  strike: "9",
};
const OFF: Readonly<Record<number, Flag>> = {
  23: "italic",
  24: "underline",
  27: "inverse",
  29: "strike",
};

/**
 * The colour after 38 or 48, and the number of parameters it takes. The `:` form of true colour
 * begins with a colour space id, which many programs omit.
 */
function extendedColor(rest: readonly number[], inline: boolean): [Color | undefined, number] {
  if (rest[0] === 5) return [paletteColor(rest[1]), 2];
  if (rest[0] !== 2) return [undefined, 1];
  const channels = inline && rest.length > 4 ? rest.slice(2, 5) : rest.slice(1, 4);
  return [channels.length === 3 && channels.every(isByte) ? rgb(channels) : undefined, 4];
}

/** xterm's 256 colours: 16 of the theme, a 6 x 6 x 6 cube, 24 greys. */
function paletteColor(index: number | undefined): Color | undefined {
  if (index === undefined || !isByte(index)) return undefined;
  if (index < 16) return index;
  if (index >= 232) return rgb(Array<number>(3).fill(8 + (index - 232) * 10));
  const cube = index - 16;
  return rgb(
    [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((step) =>
      step ? 55 + step * 40 : 0,
    ),
  );
}

function isByte(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 255;
}

function rgb(channels: readonly number[]): string {
  return `rgb(${channels.join(", ")})`;
}
