/** Records per level as buttons: pressed ones are those whose lines the list shows. */

import { element, setAttribute, setText, show } from "../base/dom.js";
import { ErrorStepper } from "./error-stepper.js";
import type { ErrorPlace } from "../search/errors.js";
import { type Level, LEVELS, type RunStatus } from "../base/protocol.js";
import { ERRORS } from "../search/search-query.js";
import { levelCounts, recordText, shortCount, shortName } from "../base/records.js";

export class LevelChips {
  readonly root = element("span", "prismq-levels");
  readonly #chips: ReadonlyMap<Level, { readonly button: HTMLButtonElement; readonly text: Text; readonly word: HTMLElement }>;
  #pressed: readonly string[] = [];

  readonly #steps: ErrorStepper;

  /**
   * @param onLevels the person wants to see these levels only; none: all.
   * @param onError the person wants to see the next error, or the one before.
   */
  constructor(onLevels: (levels: string[]) => void, onError: (direction: 1 | -1) => void) {
    this.#steps = new ErrorStepper(onError);
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Levels");
    const toggled = (level: Level): string[] => LEVELS.filter((one) => (one === level) !== this.#pressed.includes(one));
    const chips = [...LEVELS].reverse().map((level) => {
      const text = document.createTextNode("");
      const word = element("span", "prismq-chip-word");
      const button = element("button", `prismq-chip prismq-chip-${level.toLowerCase()}`, element("span", "prismq-dot"), text, word);
      button.type = "button";
      button.addEventListener("click", () => onLevels(toggled(level)));
      return [level, { button, text, word }] as const;
    });
    this.#chips = new Map(chips);
    this.root.append(...chips.map(([, { button }]) => button));
    this.#chips.get("ERROR")?.button.after(this.#steps.root);
  }

  /**
   * @param pressed names of the levels that the list is filtered by.
   * @param error which of the errors the person went to last.
   */
  render(status: RunStatus | undefined, pressed: readonly string[], error: ErrorPlace | undefined): void {
    this.#pressed = pressed;
    const counts = levelCounts(status);
    this.#steps.render(counts.some(({ level, lines }) => lines > 0 && ERRORS.includes(level)), error);
    const several = counts.filter(({ lines }) => lines).length > 1;
    for (const counted of counts) {
      const { level, lines } = counted;
      const chip = this.#chips.get(level);
      if (!chip) continue;
      const on = pressed.includes(level);
      // One level alone is no choice, unless it is one that matters.
      const matters = level !== "INFO" && level !== "DEBUG";
      show(chip.button, on || (lines > 0 && (several || matters)));
      setText(chip.text, shortCount(counted));
      setText(chip.word, ` ${shortName(counted)}`);
      setAttribute(chip.button, "aria-pressed", String(on));
      const name = recordText(counted);
      setAttribute(chip.button, "aria-label", name);
      setAttribute(chip.button, "title", `${name}\n${clickText(on, pressed.length > 0)}`);
    }
  }
}

function clickText(on: boolean, filtered: boolean): string {
  if (on) return "Click to remove from the filter";
  return filtered ? "Click to add to the filter" : "Click to show only these";
}
