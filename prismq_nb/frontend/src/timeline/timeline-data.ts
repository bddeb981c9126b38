/**
 * Fetches what the time line draws, no more often than it has to: while the run goes on every few seconds, seldom for a long one, never unasked.
 *
 * Knows no DOM and no page: it is given how to ask. Its owner calls `want` whenever it would draw; a timer of its own asks again only where a request failed or told nothing new.
 */

import { onRecovery } from "../base/waiting.js";
import {
  type Histogram,
  histogramOf,
  refreshAfter,
  type UsagePoint,
  usageOf,
  type WireTimeline,
  type WireUsage,
} from "./timeline-math.js";

/** Between two looks at the usage (s): it is sampled every 2 to 10 s, and the newest comes with the stream. */
const USAGE_SECONDS = [10, 120] as const;
const USAGE_SHARE = 1 / 100;

export interface Wanted {
  readonly buckets: number;
  /** Lines that there are now. */
  readonly total: number;
  /** How long the run went on. */
  readonly seconds: number;
  readonly ended: boolean;
}

/** Asks the server for what is below a run's address; throws when there is no answer. */
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
  /** What the newest histogram was an answer to. */
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

  /** How long the run had gone on when the histogram was asked for. */
  get seconds(): number {
    return this.#asked?.seconds ?? 0;
  }

  dispose(): void {
    this.#abort.abort();
    clearTimeout(this.#timer);
  }

  /** Nobody looks any more: asks for nothing until `want` is called again. */
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
    return (ended && !this.#asked.ended) || buckets > 1.5 * this.#asked.buckets || buckets < this.#asked.buckets / 2;
  }

  async #fetch(wanted: Wanted): Promise<void> {
    this.#busy = true;
    const begin = performance.now();
    try {
      const histogram = histogramOf((await this.#ask(`logs/timeline?buckets=${wanted.buckets}`, this.#abort.signal)) as WireTimeline);
      const same = histogram.total === this.histogram?.total && histogram.complete === this.histogram.complete;
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
    return (ended && !this.#usageWasFinal) || (!ended && performance.now() > this.#usageAt + wait * 1000);
  }

  async #fetchUsage({ ended }: Wanted): Promise<void> {
    this.usage = usageOf((await this.#ask("usage", this.#abort.signal)) as WireUsage);
    this.#usageAt = performance.now();
    this.#usageWasFinal = ended;
  }
}
