import { describe, expect, test } from "vitest";
import {
  channels,
  contrast,
  GROUNDS,
  inkOn,
  legible,
  NAMED_GROUNDS,
  type Rgb,
} from "../src/text/color.js";

/** WCAG 2.2, success criterion 1.4.3 (AA). */
const LEAST = 4.5;
const STEPS = [0, 51, 102, 153, 204, 255];
const CUBE: Rgb[] = STEPS.flatMap((red) =>
  STEPS.flatMap((green) => STEPS.map((blue): Rgb => [red, green, blue])),
);

test("a CSS colour is parsed into channels", () =>
  expect(channels("rgb(1, 2, 3)")).toEqual([1, 2, 3]));
test("a legible colour is not changed", () =>
  expect(legible([180, 20, 20], [255, 255, 255])).toEqual([180, 20, 20]));

describe.each(["light", "dark"] as const)("%s", (theme) => {
  test.each(["row", "inverse"] as const)(
    "every colour of the cube can be read on its %s",
    (ground) => {
      for (const color of CUBE)
        expect(
          contrast(legible(color, GROUNDS[theme][ground]), GROUNDS[theme][ground]),
        ).toBeGreaterThanOrEqual(LEAST);
    },
  );
});

test("every colour is legible on every background that a program can choose", () => {
  for (const ground of [...CUBE.filter((_, index) => index % 7 === 0), ...NAMED_GROUNDS]) {
    expect(contrast(inkOn(ground), ground)).toBeGreaterThanOrEqual(LEAST);
    for (const color of CUBE.filter((_, index) => index % 5 === 0))
      expect(contrast(legible(color, ground), ground)).toBeGreaterThanOrEqual(LEAST);
  }
});
