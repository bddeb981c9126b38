import { expect, test } from "vitest";
import { register, watch } from "../src/entry/models.js";
import type { Model } from "../src/entry/traits.js";

const model = (): Model => ({
  get: () => "",
  set: () => undefined,
  save_changes: () => undefined,
  on: () => undefined,
  off: () => undefined,
});

function watched(key: string): { seen: (Model | undefined)[]; stop: () => void } {
  const seen: (Model | undefined)[] = [];
  return { seen, stop: watch(key, (live) => seen.push(live)) };
}

test("an output finds a model that is registered before or after it", () => {
  const one = model();
  const { seen: later } = watched("a");
  register("a", one);
  const { seen: at_once } = watched("a");
  expect(later).toEqual([undefined, one]);
  expect(at_once).toEqual([one]);
});

test("removing a model detaches its outputs, unless it has been replaced", () => {
  const { seen } = watched("b");
  const [one, two] = [model(), model()];
  const leave = register("b", one);
  const leaveTwo = register("b", two);
  leave();
  expect(seen).toEqual([undefined, one, two]);
  leaveTwo();
  expect(seen).toEqual([undefined, one, two, undefined]);
});

test("a stopped listener, or one for another key, is not called", () => {
  const { seen, stop } = watched("c");
  const { seen: other } = watched("d");
  stop();
  register("c", model());
  expect(seen).toEqual([undefined]);
  expect(other).toEqual([undefined]);
});
