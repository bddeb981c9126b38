import { expect, test, vi } from "vitest";
import { EarlierFrames } from "../src/list/earlier-frames.js";

const answer = (line: number, count: number, total = count) => ({
  line,
  frames: Array.from({ length: count }, (_, i) => `${i}%`),
  total,
});

test("frames are fetched on opening and dropped on closing", async () => {
  const frames = new EarlierFrames(async (line) => answer(line, 3));
  const changed = vi.fn();
  const opening = frames.toggle(5, changed);
  expect(frames.state(5)).toBe("fetching");
  await opening;
  expect([frames.state(5), frames.of(5)]).toEqual([
    "open",
    { frames: ["0%", "1%", "2%"], omitted: 0 },
  ]);
  await frames.toggle(5, changed);
  expect([frames.state(5), frames.of(5)]).toEqual(["closed", undefined]);
  expect(changed).toHaveBeenCalledTimes(3);
});
test("the newest frames are shown, and few lines can be open at once", async () => {
  const frames = new EarlierFrames(async (line) => answer(line, 900, 5_000));
  for (let n = 0; n < 20; n++) await frames.toggle(n, () => undefined);
  expect(frames.of(19)?.frames.at(-1)).toBe("899%");
  expect([frames.of(19)?.frames.length, frames.of(19)?.omitted]).toEqual([500, 4_500]);
  expect(
    Array.from({ length: 20 }, (_, n) => frames.state(n)).filter((state) => state === "open"),
  ).toHaveLength(8);
});
test("frames that cannot be fetched are closed again", async () => {
  const frames = new EarlierFrames(() => Promise.reject(new Error("gone")));
  await expect(frames.toggle(1, () => undefined)).rejects.toThrow("gone");
  expect(frames.state(1)).toBe("closed");
});
