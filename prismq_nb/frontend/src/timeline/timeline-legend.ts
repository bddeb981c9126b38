/** Which curve of the timeline is which, and how high it goes. */

import { element, show } from "../base/dom.js";
import { bytes } from "../base/format.js";
import type { UsagePoint } from "./timeline-math.js";
import { keyed } from "./timeline-tip.js";

/** Fewer samples make no curve. */
const LEAST_SAMPLES = 2;

export class TimelineLegend {
  readonly root = element("div", "prismq-time-legend");
  #text = "";
  #width = 0;
  /** Width (px) of the timeline when its own was measured: a narrow one has no room for it. */
  #within = 0;

  constructor() {
    this.root.setAttribute("aria-hidden", "true"); // the figures of the toolbar say it in words
    this.root.hidden = true;
  }

  /**
   * @param within width of the timeline, in px.
   * @returns the width that it takes, in px.
   */
  render(usage: readonly UsagePoint[], within: number): number {
    const texts = usage.length < LEAST_SAMPLES ? [] : peaksOf(usage);
    const text = texts.join();
    if (text === this.#text && within === this.#within) return this.#width;
    [this.#text, this.#within] = [text, within];
    const [cpu = "", memory = ""] = texts;
    show(this.root, text !== "");
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
