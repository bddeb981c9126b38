import { describe, expect, test } from "vitest";
import search from "../src/search/search.css?raw";
import theme from "../src/viewer/theme.css?raw";

/** WCAG 2.2, success criterion 1.4.3 (AA). */
const LEAST = 4.5;

const light = { ...palette(theme, ".prismq-root {"), ...palette(search, ".prismq-root {") };
const dark = {
  ...light,
  ...palette(theme, ".prismq-root.prismq-dark {"),
  ...palette(search, ".prismq-root.prismq-dark {"),
};
const TEXTS = [
  "text",
  "accent",
  "good",
  "bad",
  "warn",
  "grave",
  "still",
  ...Array.from({ length: 16 }, (_, index) => `ansi-${index}`),
];
const ROW_TEXTS = TEXTS.filter((name) => !["accent", "good", "still"].includes(name));

function palette(css: string, selector: string): Record<string, string> {
  const block = css.slice(css.indexOf(selector), css.indexOf("}", css.indexOf(selector)));
  return Object.fromEntries(
    [...block.matchAll(/--prismq-([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [
      name,
      value,
    ]),
  );
}

function channels(hex: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}

function mix(one: readonly number[], share: number, other: readonly number[]): number[] {
  return one.map((value, index) => value * share + (other[index] ?? 0) * (1 - share));
}

function luminance(color: readonly number[]): number {
  const linear = color
    .map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  const [red = 0, green = 0, blue = 0] = linear;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: readonly number[], other: readonly number[]): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

// The second ground of each theme is JupyterLab's.
describe.each([
  ["light", light, ["#ffffff"], 0.07],
  ["dark", dark, ["#14161a", "#111111"], 0.11],
] as const)("%s", (_, colors, grounds, tint) => {
  const color = (name: string): number[] => channels(colors[name] ?? "#000000");
  test.each(TEXTS)("%s is legible on the list", (name) => {
    for (const ground of grounds)
      expect(contrast(color(name), channels(ground))).toBeGreaterThanOrEqual(LEAST);
  });
  test.each(["bad", "grave"])("%s and dim are legible on a row of that level", (name) => {
    for (const ground of grounds) {
      const row = mix(color(name), tint, channels(ground));
      expect(contrast(color(name), row)).toBeGreaterThanOrEqual(LEAST);
      expect(contrast(mix(color("text"), 0.7, channels(ground)), row)).toBeGreaterThanOrEqual(
        LEAST,
      );
    }
  });
  test.each(ROW_TEXTS)(
    "%s is legible on rows of errors, under the pointer, and on selected rows",
    (name) => {
      for (const ground of grounds) {
        const under = ["bad", "grave"].map((level) =>
          mix(color(level), tint + 0.04, channels(ground)),
        );
        for (const row of [...under, mix(color("accent"), 0.1, channels(ground))])
          expect(contrast(color(name), row)).toBeGreaterThanOrEqual(LEAST);
      }
    },
  );
  test.each(["accent", "good", "bad", "warn", "still"])("%s is legible in its pill", (name) => {
    for (const ground of grounds) {
      const bar = mix(color("text"), 0.03, channels(ground));
      expect(contrast(color(name), mix(color(name), 0.12, bar))).toBeGreaterThanOrEqual(LEAST);
    }
  });
  test("the connection bar is legible", () => {
    for (const ground of grounds) {
      const banner = mix(color("bad"), 0.08, channels(ground));
      for (const name of ["bad", "text"])
        expect(contrast(color(name), banner)).toBeGreaterThanOrEqual(LEAST);
    }
  });
  test("matches are legible", () => {
    expect(contrast(color("hit-text"), color("hit-ground"))).toBeGreaterThanOrEqual(LEAST);
    expect(contrast(color("none"), color("hit-now"))).toBeGreaterThanOrEqual(LEAST); // black
  });
  test("the button that jumps to the end is legible", () =>
    expect(contrast(color("on-accent"), color("accent"))).toBeGreaterThanOrEqual(LEAST));
});
