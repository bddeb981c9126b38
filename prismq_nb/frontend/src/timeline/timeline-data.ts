/**
 * Fetch the data of the timeline: every few seconds while the run is active, less often for a long
 * run, and only while somebody can see it.
 *
 * Knows neither DOM nor page. Its owner calls `want` whenever it would draw; the timer here only
 * repeats requests that failed or brought nothing new.
 */

import { onRecovery } from "../base/backoff.js";
import {
  type Histogram,
  histogramOf,
  refreshAfter,
  type UsagePoint,
  usageOf,
  type WireTimeline,
  type WireUsage,
} from "./timeline-math.js";

/**
 * Interval (s) of usage requests. Usage is sampled every 2 to 10 s, and the stream brings the
 * newest.
 */
const USAGE_SECONDS = [10, 120] as const;
const USAGE_SHARE = 1 / 100;

export interface Wanted {
  readonly buckets: number;
  /** Lines in the log now. */
  readonly total: number;
  /** How long the run has taken. */
  readonly seconds: number;
  readonly ended: boolean;
}

/**
 * Request a path below the run's address.
 *
 * @throws when there is no answer.
 */
export type Ask = (what: string, signal: AbortSignal) => Promise<unknown>;

export class TimelineData {
  histogram: Histogram | undefined;
  usage: readonly UsagePoint[] = [];
  /** Grows with every change. */
  version = 0;

  readonly #ask: Ask;
  readonly #changed: () => void;
  readonly #abort = new AbortController();
  #wanted: Wanted | undefined;
  /** The request that the newest histogram answers. */
  #asked: Wanted | undefined;
  #usageWasFinal = false;
  #usageAt = -Infinity;
  #notBefore = 0;
  #idle = 0;
  #busy = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param changed called when there is something new to draw. */
  constructor(ask: Ask, changed: () => void) {
    this.#ask = ask;
    this.#changed = changed;
    const again = (): void => {
      this.#notBefore = this.#idle = 0;
      this.#next();
    };
    this.#abort.signal.addEventListener("abort", onRecovery(again));
  }

  /** How long the run had taken when the histogram was requested. */
  get seconds(): number {
    return this.#asked?.seconds ?? 0;
  }

  dispose(): void {
    this.#abort.abort();
    clearTimeout(this.#timer);
  }

  /** Nobody is looking: request nothing until `want` is called again. */
  rest(): void {
    this.#wanted = undefined;
    clearTimeout(this.#timer);
  }

  want(wanted: Wanted): void {
    this.#wanted = wanted;
    this.#next();
  }

  #next(): void {
    clearTimeout(this.#timer);
    const wanted = this.#wanted;
    if (!wanted || this.#busy || this.#abort.signal.aborted || !this.#isStale(wanted)) return;
    const wait = this.#notBefore - performance.now();
    if (wait > 0) this.#timer = setTimeout(() => this.#next(), wait);
    else void this.#fetch(wanted);
  }

  #isStale({ total, buckets, ended }: Wanted): boolean {
    const known = this.histogram;
    if (!known || !this.#asked || !known.complete || known.total < total) return true;
    return (
      (ended && !this.#asked.ended) ||
      buckets > 1.5 * this.#asked.buckets ||
      buckets < this.#asked.buckets / 2
    );
  }

  async #fetch(wanted: Wanted): Promise<void> {
    this.#busy = true;
    const begin = performance.now();
    try {
      const histogram = histogramOf(
        (await this.#ask(
          `logs/timeline?buckets=${wanted.buckets}`,
          this.#abort.signal,
        )) as WireTimeline,
      );
      const same =
        histogram.total === this.histogram?.total && histogram.complete === this.histogram.complete;
      this.#idle = same ? this.#idle + 1 : 0;
      if (this.#usageIsStale(wanted)) await this.#fetchUsage(wanted);
      this.histogram = histogram;
      this.#asked = wanted;
      this.version++;
    } catch {
      this.#idle++; // the connection's state says why
    }
    this.#busy = false;
    if (this.#abort.signal.aborted) return;
    const now = performance.now();
    this.#notBefore = now + refreshAfter(wanted.seconds, now - begin, this.#idle);
    this.#changed();
    this.#next();
  }

  #usageIsStale({ seconds, ended }: Wanted): boolean {
    const [least, most] = USAGE_SECONDS;
    const wait = Math.min(most, Math.max(least, seconds * USAGE_SHARE));
    return (
      (ended && !this.#usageWasFinal) || (!ended && performance.now() > this.#usageAt + wait * 1000)
    );
  }

  async #fetchUsage({ ended }: Wanted): Promise<void> {
    this.usage = usageOf((await this.#ask("usage", this.#abort.signal)) as WireUsage);
    this.#usageAt = performance.now();
    this.#usageWasFinal = ended;
  }
}
