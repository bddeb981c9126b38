/** Lines per level as buttons: pressed ones are what the list shows. */

import { element, setAttribute, setText, show } from "./dom.js";
import { count, countOf } from "./format.js";
import { type Level, LEVELS, type RunStatus } from "./protocol.js";

/** Longer numbers are told in thousands and millions. */
const LONG = 100_000;
const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 3 });

export class LevelChips {
  readonly root = element("span", "prismq-levels");
  readonly #chips: ReadonlyMap<Level, { readonly button: HTMLButtonElement; readonly text: Text }>;
  #pressed: readonly string[] = [];

  /** @param onLevels the person wants to see these levels only; none: all. */
  constructor(onLevels: (levels: string[]) => void) {
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Levels");
    const toggled = (level: Level): string[] => LEVELS.filter((one) => (one === level) !== this.#pressed.includes(one));
    const chips = [...LEVELS].reverse().map((level) => {
      const text = document.createTextNode("");
      const button = element("button", `prismq-chip prismq-chip-${level.toLowerCase()}`, element("span", "prismq-dot"), text);
      button.type = "button";
      button.addEventListener("click", () => onLevels(toggled(level)));
      return [level, { button, text }] as const;
    });
    this.#chips = new Map(chips);
    this.root.append(...chips.map(([, { button }]) => button));
  }

  /** @param pressed names of the levels that the list is filtered by. */
  render(status: RunStatus | undefined, pressed: readonly string[]): void {
    this.#pressed = pressed;
    const counts = new Map(LEVELS.map((level) => [level, Number(status?.levels[level] ?? 0)]));
    const several = LEVELS.filter((level) => counts.get(level)).length > 1;
    const atLeast = status?.levels["complete"] === false ? "at least " : "";
    for (const [level, { button, text }] of this.#chips) {
      const lines = counts.get(level) ?? 0;
      const on = pressed.includes(level);
      // One level alone is no choice, unless it is one that matters.
      show(button, on || (lines > 0 && (several || (level !== "INFO" && level !== "DEBUG"))));
      setText(text, lines < LONG ? count(lines) : short.format(lines));
      setAttribute(button, "aria-pressed", String(on));
      const name = `${atLeast}${countOf(lines, "line")} of level ${level}`;
      setAttribute(button, "aria-label", name);
      setAttribute(button, "title", `${name}\n${on ? "Shown; click to leave them out" : pressed.length ? "Click to show them as well" : "Click to show only those"}`);
    }
  }
}
