import { describe, expect, test, vi } from "vitest";
import { DEFAULTS, type ViewerOptions } from "../src/base/options.js";
import { listen, type Model, optionsIn, read, write } from "../src/entry/traits.js";

const { fill: _fill, lastLine: _lastLine, ...TRAITS } = { ...DEFAULTS, line: 12 };
const CHANGED = {
  height: 600,
  collapsed: true,
  follow: false,
  line: 0,
  level: "ERROR",
  query: "x",
  regex: true,
  case: true,
  word: true,
  lines_before: 2,
  lines_after: 3,
  mode: "filter",
  timestamps: "elapsed",
  utc: true,
  numbers: false,
  wrap: true,
  fold: false,
  raw_json: true,
  fields: "a,b",
  timeline: false,
  theme: "dark",
} as const satisfies Partial<ViewerOptions>;

/** A fake of anywidget's model. */
class FakeModel implements Model {
  readonly values: Map<string, unknown>;
  readonly saved: Record<string, unknown>[] = [];
  readonly #callbacks = new Map<string, Set<() => void>>();

  constructor(values: object) {
    this.values = new Map(Object.entries(values));
  }

  get(name: string): unknown {
    return this.values.get(name);
  }

  set(name: string, value: unknown): void {
    const changed = this.values.get(name) !== value;
    this.values.set(name, value);
    if (changed) for (const callback of this.#callbacks.get(`change:${name}`) ?? []) callback();
  }

  save_changes(): void {
    this.saved.push(Object.fromEntries(this.values));
  }

  on(event: string, callback: () => void): void {
    this.#callbacks.set(event, (this.#callbacks.get(event) ?? new Set()).add(callback));
  }

  off(event: string, callback: () => void): void {
    this.#callbacks.get(event)?.delete(callback);
  }
}

test("every option but those of pages is a trait, and its default is allowed", () => {
  expect(read(new FakeModel(DEFAULTS))).toEqual({ ...TRAITS, line: undefined });
  expect(optionsIn(TRAITS)).toEqual(TRAITS);
  expect(new Set(Object.keys(CHANGED))).toEqual(new Set(Object.keys(TRAITS)));
});

test("None in Python is undefined here, and vice versa", () => {
  const model = new FakeModel({ ...TRAITS, line: null });
  expect(read(model).line).toBeUndefined();
  write(model, { line: 3 });
  write(model, { line: undefined });
  expect(model.saved.map(({ line }) => line)).toEqual([3, null]);
});

test.each(Object.entries(CHANGED))(
  "%s goes from Python to the viewer by itself, and back",
  (name, value) => {
    const model = new FakeModel(TRAITS);
    const heard = vi.fn();
    const stop = listen(model, heard);
    model.set(name, value);
    expect(heard.mock.calls).toEqual([[{ [name]: value }]]);
    stop();
    write(model, { [name]: DEFAULTS[name as keyof ViewerOptions] });
    expect(heard).toHaveBeenCalledTimes(1);
    expect(model.saved).toHaveLength(1);
  },
);

test("options that are not traits are not written", () => {
  const model = new FakeModel(TRAITS);
  write(model, { fill: true });
  expect(model.values.has("fill")).toBe(false);
});

describe("untrusted options", () => {
  const HOSTILE: unknown[] = [
    null,
    undefined,
    {},
    [],
    "x".repeat(20_000),
    -1,
    1.5,
    Number.NaN,
    Infinity,
    "<img src=x>",
    { toString: () => "dark" },
    "__proto__",
  ];

  test.each([
    "height",
    "collapsed",
    "follow",
    "line",
    "regex",
    "mode",
    "timestamps",
    "utc",
    "numbers",
    "wrap",
    "fold",
    "timeline",
    "theme",
  ])("%s", (name) => {
    for (const value of HOSTILE) {
      const { [name as keyof ViewerOptions]: taken } = optionsIn({ [name]: value });
      expect(taken).toBeUndefined();
    }
  });

  test.each([null, undefined, 7, "text", [], () => undefined])("%s has none", (value) =>
    expect(optionsIn(value)).toEqual({}),
  );

  test("unknown and inherited names are ignored", () => {
    expect(
      optionsIn(
        JSON.parse(
          '{"fill": true, "url": "http://evil.example", ' +
            '"__proto__": {"wrap": true}, "constructor": 1}',
        ),
      ),
    ).toEqual({});
    expect(optionsIn(Object.create({ wrap: true }))).toEqual({});
  });
});
