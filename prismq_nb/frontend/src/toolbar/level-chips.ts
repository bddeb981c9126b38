/** The number of records by level, as buttons that filter the list. */

import { element, setAttribute, setText, setVisible } from "../base/dom.js";
import { LEVELS, type Level, type RunStatus } from "../base/protocol.js";
import { levelCounts, recordText, shortCount, shortName } from "../base/records.js";
import type { ErrorPlace } from "../search/errors.js";
import { ERRORS } from "../search/search-query.js";
import { ErrorStepper } from "./error-stepper.js";

export class LevelChips {
  readonly root = element("span", "prismq-levels");
  readonly #chips: ReadonlyMap<
    Level,
    { readonly button: HTMLButtonElement; readonly text: Text; readonly word: HTMLElement }
  >;
  #pressed: readonly string[] = [];

  readonly #steps: ErrorStepper;

  /**
   * @param onLevels show these levels only; empty: all.
   * @param onError go to the next or previous error.
   */
  constructor(onLevels: (levels: string[]) => void, onError: (direction: 1 | -1) => void) {
    this.#steps = new ErrorStepper(onError);
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Levels");
    const toggled = (level: Level): string[] =>
      LEVELS.filter((one) => (one === level) !== this.#pressed.includes(one));
    const chips = [...LEVELS].reverse().map((level) => {
      const text = document.createTextNode("");
      const word = element("span", "prismq-chip-word");
      const button = element(
        "button",
        `prismq-chip prismq-chip-${level.toLowerCase()}`,
        element("span", "prismq-dot"),
        text,
        word,
      );
      button.type = "button";
      button.addEventListener("click", () => onLevels(toggled(level)));
      return [level, { button, text, word }] as const;
    });
    this.#chips = new Map(chips);
    this.root.append(...chips.map(([, { button }]) => button));
    this.#chips.get("ERROR")?.button.after(this.#steps.root);
  }

  /**
   * @param pressed levels that the list is filtered by.
   * @param error the error that the person went to last.
   */
  render(
    status: RunStatus | undefined,
    pressed: readonly string[],
    error: ErrorPlace | undefined,
  ): void {
    this.#pressed = pressed;
    const counts = levelCounts(status);
    this.#steps.render(
      counts.some(({ level, lines }) => lines > 0 && ERRORS.includes(level)),
      error,
    );
    const several = counts.filter(({ lines }) => lines).length > 1;
    for (const counted of counts) {
      const { level, lines } = counted;
      const chip = this.#chips.get(level);
      if (!chip) continue;
      const on = pressed.includes(level);
      // A single level offers no choice; show it only if it is severe.
      const matters = level !== "INFO" && level !== "DEBUG";
      setVisible(chip.button, on || (lines > 0 && (several || matters)));
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
