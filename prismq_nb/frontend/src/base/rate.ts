/** Smoothed rate of lines, from successive line counts. Pure. */

/** Time window of a rate (s): shorter fluctuates, longer lags. */
const WINDOW_SECONDS = 4;
/** Minimum interval (s) between two samples. */
const MIN_INTERVAL_SECONDS = 0.2;
/** After this long (s) without a sample, as in a hidden tab, start over. */
const STALE_SECONDS = 15;

export class RateMeter {
  readonly #samples: { time: number; total: number }[] = [];

  /**
   * Add a sample.
   *
   * @param time in seconds, ascending.
   * @param total lines at that time.
   */
  add(time: number, total: number): void {
    const last = this.#samples.at(-1);
    if (last && (time - last.time > STALE_SECONDS || total < last.total)) this.#samples.length = 0;
    else if (last && time - last.time < MIN_INTERVAL_SECONDS) return;
    this.#samples.push({ time, total });
    // Keep one sample from before the window, so that the window is always covered.
    while ((this.#samples[1]?.time ?? Infinity) <= time - WINDOW_SECONDS) this.#samples.shift();
  }

  /** Lines per second; undefined until the samples cover a second. */
  get rate(): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (!first || !last || last.time - first.time < 1) return undefined;
    return (last.total - first.total) / (last.time - first.time);
  }
}

/** `1,234 lines/s`, `2.5 lines/s`; empty if no lines arrive. */
export function rateText(rate: number | undefined): string {
  if (rate === undefined || rate < 0.05) return "";
  const value =
    rate >= 10 ? Math.round(rate).toLocaleString("en-US") : String(Number(rate.toPrecision(2)));
  return `${value} lines/s`;
}
