/** The legend of the timeline's curves, with their peaks. */

import { element, setVisible } from "../base/dom.js";
import { bytes } from "../base/format.js";
import type { UsagePoint } from "./timeline-math.js";
import { keyed } from "./timeline-tooltip.js";

/** A curve needs this many samples. */
const MIN_SAMPLES = 2;

export class TimelineLegend {
  readonly root = element("div", "prismq-time-legend");
  #text = "";
  #width = 0;
  /** Width (px) of the timeline when the legend was measured; a narrow timeline hides it. */
  #within = 0;

  constructor() {
    this.root.setAttribute("aria-hidden", "true"); // the toolbar's figures say the same
    this.root.hidden = true;
  }

  /**
   * @param within width (px) of the timeline.
   * @returns the legend's own width in px.
   */
  render(usage: readonly UsagePoint[], within: number): number {
    const texts = usage.length < MIN_SAMPLES ? [] : peaksOf(usage);
    const text = texts.join();
    if (text === this.#text && within === this.#within) return this.#width;
    [this.#text, this.#within] = [text, within];
    const [cpu = "", memory = ""] = texts;
    setVisible(this.root, text !== "");
    if (text) this.root.replaceChildren(keyed("cpu", cpu), keyed("memory", memory));
    this.#width = text ? this.root.offsetWidth : 0;
    return this.#width;
  }
}

function peaksOf(usage: readonly UsagePoint[]): [cpu: string, memory: string] {
  const cpu = usage.reduce((most, point) => Math.max(most, point.cpu), 0);
  const memory = usage.reduce((most, point) => Math.max(most, point.memory), 0);
  return [`CPU, peak ${Math.round(cpu)}%`, `Memory, peak ${bytes(memory)}`];
}
