/** How quickly lines come, smoothed, from the number of lines now and then. Pure. */

/** How far back a rate looks (s): shorter is nervous, longer is late. */
const WINDOW_SECONDS = 4;
/** Numbers that come sooner (s) after one another count as one. */
const LEAST_SECONDS = 0.2;
/** After so long (s) without a look, such as in a hidden tab, it begins anew. */
const STALE_SECONDS = 15;

export class RateMeter {
  readonly #samples: { time: number; total: number }[] = [];

  /** @param time in seconds, rising; `total`: lines then. */
  add(time: number, total: number): void {
    const last = this.#samples.at(-1);
    if (last && (time - last.time > STALE_SECONDS || total < last.total)) this.#samples.length = 0;
    else if (last && time - last.time < LEAST_SECONDS) return;
    this.#samples.push({ time, total });
    // One sample from before the window stays, so that it is always covered.
    while ((this.#samples[1]?.time ?? Infinity) <= time - WINDOW_SECONDS) this.#samples.shift();
  }

  /** Lines per second; undefined until a second was seen. */
  get rate(): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (!first || !last || last.time - first.time < 1) return undefined;
    return (last.total - first.total) / (last.time - first.time);
  }
}

/** `1,234 lines/s`, `2.5 lines/s`; empty when nothing comes. */
export function rateText(rate: number | undefined): string {
  if (rate === undefined || rate < 0.05) return "";
  const told = rate >= 10 ? Math.round(rate).toLocaleString("en-US") : String(Number(rate.toPrecision(2)));
  return `${told} lines/s`;
}
