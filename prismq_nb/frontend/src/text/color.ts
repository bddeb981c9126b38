/**
 * Colours that a program asked for -> colours that can be read (WCAG 2.2, 1.4.3: a contrast of 4.5). Pure.
 *
 * Programs choose colours for the ground of their author's terminal. A colour keeps its hue and is mixed with black or white only as far as is needed.
 */

export type Rgb = readonly [red: number, green: number, blue: number];

/** A little above 4.5, because the page rounds. */
const LEAST_CONTRAST = 4.6;
const STEPS = 20;
const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [255, 255, 255];

/** The grounds of each theme that are hardest to read on: rows of errors, under the pointer; and the list's text as a ground, for inverse text. */
export const GROUNDS = {
  light: { row: [244, 228, 229], inverse: [43, 47, 51] },
  dark: { row: [56, 42, 46], inverse: [205, 207, 210] },
} as const satisfies Record<string, Record<"row" | "inverse", Rgb>>;

/** The 16 named colours as grounds, the same in both themes; the style sheet has them too. */
export const NAMED_GROUNDS: readonly Rgb[] = [
  [43, 48, 54], [179, 38, 30], [27, 111, 52], [138, 90, 0], [20, 89, 179], [125, 53, 184], [11, 102, 114], [213, 217, 222],
  [95, 103, 112], [255, 143, 134], [125, 223, 149], [242, 204, 96], [143, 194, 255], [220, 184, 255], [127, 227, 234], [255, 255, 255],
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

/** Black or white, whichever reads better. */
export function inkOn(ground: Rgb): Rgb {
  return contrast(BLACK, ground) >= contrast(WHITE, ground) ? BLACK : WHITE;
}

const MAX_KNOWN = 4_096;
const known = new Map<string, Rgb>();

/**
 * `color`, as far towards black or white as it needs to be read on `ground`. Remembered: a row may
 * have a thousand pieces in a dozen colours.
 */
export function legible(color: Rgb, ground: Rgb): Rgb {
  const key = `${color.join()} ${ground.join()}`;
  let found = known.get(key);
  if (!found) {
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(key, (found = made(color, ground)));
  }
  return found;
}

/** The further towards the ink, the higher the contrast: so the least step is found by halving. */
function made(color: Rgb, ground: Rgb): Rgb {
  const ink = inkOn(ground);
  let [low, high] = [0, STEPS];
  while (low < high) {
    const step = (low + high) >> 1;
    if (contrast(mix(ink, color, step / STEPS), ground) >= LEAST_CONTRAST) high = step;
    else low = step + 1;
  }
  return mix(ink, color, low / STEPS);
}

function mix(one: Rgb, other: Rgb, share: number): Rgb {
  const channel = (index: 0 | 1 | 2): number => Math.round(one[index] * share + other[index] * (1 - share));
  return [channel(0), channel(1), channel(2)];
}

function luminance(color: Rgb): number {
  const [red = 0, green = 0, blue = 0] = color
    .map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
