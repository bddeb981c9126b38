/**
 * Adjust a program's colours until they are legible (WCAG 2.2, 1.4.3: a contrast of 4.5). Pure.
 *
 * Programs choose colours for the background of their author's terminal. A colour keeps its hue and
 * is mixed with just enough black or white.
 */

import { bisect } from "../base/bisect.js";

export type Rgb = readonly [red: number, green: number, blue: number];

/** Slightly above 4.5, because browsers round colours. */
const MIN_CONTRAST = 4.6;
const STEPS = 20;
const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [255, 255, 255];

/**
 * The least legible backgrounds of each theme: a hovered error row, and the text colour for inverse
 * text.
 */
export const GROUNDS = {
  light: { row: [244, 228, 229], inverse: [43, 47, 51] },
  dark: { row: [56, 42, 46], inverse: [205, 207, 210] },
} as const satisfies Record<string, Record<"row" | "inverse", Rgb>>;

/**
 * The 16 named colours as backgrounds, the same in both themes; the style sheet has them as well.
 */
export const NAMED_GROUNDS: readonly Rgb[] = [
  [43, 48, 54],
  [179, 38, 30],
  [27, 111, 52],
  [138, 90, 0],
  [20, 89, 179],
  [125, 53, 184],
  [11, 102, 114],
  [213, 217, 222],
  [95, 103, 112],
  [255, 143, 134],
  [125, 223, 149],
  [242, 204, 96],
  [143, 194, 255],
  [220, 184, 255],
  [127, 227, 234],
  [255, 255, 255],
];

/** `rgb(1, 2, 3)` as numbers. */
export function channels(color: string): Rgb {
  const [red = 0, green = 0, blue = 0] = (color.match(/\d+/g) ?? []).map(Number);
  return [red, green, blue];
}

export function css([red, green, blue]: Rgb): string {
  return `rgb(${red}, ${green}, ${blue})`;
}

/** Contrast of two colours, from 1 to 21. */
export function contrast(one: Rgb, other: Rgb): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** Black or white, whichever has more contrast. */
export function inkOn(ground: Rgb): Rgb {
  return contrast(BLACK, ground) >= contrast(WHITE, ground) ? BLACK : WHITE;
}

const MAX_CACHED = 4_096;
const cache = new Map<string, Rgb>();

/**
 * `color`, mixed with just enough black or white to be legible on `ground`. Cached: a row may have
 * a thousand spans in a dozen colours.
 */
export function legible(color: Rgb, ground: Rgb): Rgb {
  const key = `${color.join()} ${ground.join()}`;
  let found = cache.get(key);
  if (!found) {
    if (cache.size >= MAX_CACHED) cache.clear();
    found = adjusted(color, ground);
    cache.set(key, found);
  }
  return found;
}

/** Binary search for the smallest step: contrast grows with every step towards the ink. */
function adjusted(color: Rgb, ground: Rgb): Rgb {
  const ink = inkOn(ground);
  const isLegible = (step: number): boolean =>
    contrast(mix(ink, color, step / STEPS), ground) >= MIN_CONTRAST;
  return mix(ink, color, bisect(STEPS, isLegible) / STEPS);
}

function mix(one: Rgb, other: Rgb, share: number): Rgb {
  const channel = (index: 0 | 1 | 2): number =>
    Math.round(one[index] * share + other[index] * (1 - share));
  return [channel(0), channel(1), channel(2)];
}

function luminance(color: Rgb): number {
  const [red = 0, green = 0, blue = 0] = color
    .map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
