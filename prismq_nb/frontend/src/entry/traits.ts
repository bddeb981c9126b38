/**
 * Convert between traits of `LogViewer` and options of the viewer.
 *
 * Values are checked, because they also come from the JSON in a notebook, which anybody may have
 * written.
 */

import type { ViewerOptions } from "../base/options.js";

/** The part of anywidget's model that is used here. */
export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, callback: () => void): void;
  off(event: string, callback: () => void): void;
}

/** The other options are for pages, which have no model. */
type Trait = Exclude<keyof ViewerOptions, "fill" | "lastLine">;
type Check = (value: unknown) => boolean;

const MAX_TEXT = 10_000;
const flag: Check = (value) => typeof value === "boolean";
const text: Check = (value) => typeof value === "string" && value.length <= MAX_TEXT;
const whole: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const oneOf =
  (names: string): Check =>
  (value) =>
    names.split(" ").includes(value as string);

const CHECKS: Readonly<Record<Trait, Check>> = {
  height: whole,
  collapsed: flag,
  follow: flag,
  line: (value) => value == null || whole(value),
  level: text,
  query: text,
  regex: flag,
  case: flag,
  word: flag,
  mode: oneOf("filter highlight"),
  lines_before: whole,
  lines_after: whole,
  timestamps: oneOf("off time datetime elapsed delta"),
  utc: flag,
  numbers: flag,
  wrap: flag,
  fold: flag,
  raw_json: flag,
  fields: text,
  timeline: flag,
  theme: oneOf("auto light dark"),
};
const TRAITS = Object.keys(CHECKS) as Trait[];

/** The valid options in an untrusted value. */
export function optionsIn(value: unknown): Partial<ViewerOptions> {
  const from = (typeof value === "object" && value !== null ? value : {}) as Readonly<
    Record<string, unknown>
  >;
  return pick((trait) => (Object.hasOwn(from, trait) ? from[trait] : undefined), TRAITS);
}

/** The current options of a model. */
export function read(model: Model): Partial<ViewerOptions> {
  return pick((trait) => model.get(trait), TRAITS);
}

/** Send the person's changes to Python. */
export function write(model: Model, changed: Partial<ViewerOptions>): void {
  for (const [name, value] of Object.entries(changed))
    if (name in CHECKS) model.set(name, value ?? null);
  model.save_changes();
}

/** Make the model refer to the run that the person started. */
export function writeRun(model: Model, run: string): void {
  model.set("run_id", run);
  model.save_changes();
}

/**
 * Call `changed` for each trait that Python or another viewer changes, one by one: setting `line`
 * again goes there again.
 */
export function listen(
  model: Model,
  changed: (options: Partial<ViewerOptions>) => void,
): () => void {
  const callbacks = TRAITS.map(
    (trait) =>
      [`change:${trait}`, () => changed(pick((name) => model.get(name), [trait]))] as const,
  );
  for (const [event, callback] of callbacks) model.on(event, callback);
  return () => {
    for (const [event, callback] of callbacks) model.off(event, callback);
  };
}

function pick(get: (trait: Trait) => unknown, traits: readonly Trait[]): Partial<ViewerOptions> {
  const found: Record<string, unknown> = {};
  for (const trait of traits) {
    const value = get(trait);
    if (value !== undefined && CHECKS[trait](value)) found[trait] = value ?? undefined;
  }
  return found;
}
