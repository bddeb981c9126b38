/**
 * The figures of a run in its toolbar: duration, progress, lines, rate, CPU and memory, and how it
 * ended.
 */

import { element, setAttribute, setFigure, setVisible } from "../base/dom.js";
import {
  bytes,
  clock,
  count,
  countOf,
  duration,
  exitReason,
  localAndUtcTime,
} from "../base/format.js";
import {
  hasEnded,
  isUnreachable,
  type Progress,
  type RunStatus,
  type Usage,
} from "../base/protocol.js";
import { RateMeter, rateText } from "../base/rate.js";
import { isCell } from "../base/run-words.js";

/** A run is shown as quiet after this long (s) without output. */
const QUIET_SECONDS = 300;
/** Less CPU use (percent) counts as idle. */
const IDLE_PERCENT = 1;

export interface FactsState {
  readonly status: RunStatus | undefined;
  readonly progress: Progress | undefined;
  readonly usage: Usage | undefined;
  readonly total: number;
  /** Seconds; undefined: not started. */
  readonly elapsed: number | undefined;
  /** Seconds since the last line; undefined: not known. */
  readonly silence: number | undefined;
  /** New lines arrive. */
  readonly live: boolean;
}

export class Facts {
  readonly root: HTMLElement;
  readonly #elapsed = element("span", "prismq-fact prismq-elapsed");
  readonly #percent = element("span", "prismq-fact prismq-percent");
  readonly #lines = element("span", "prismq-fact");
  readonly #rate = element("span", "prismq-fact prismq-rate");
  readonly #cpu = element("span", "prismq-fact prismq-usage");
  readonly #memory = element("span", "prismq-fact prismq-usage");
  readonly #quiet = element("span", "prismq-fact prismq-quiet");
  readonly #reason = element("span", "prismq-fact prismq-reason");
  readonly #meter = new RateMeter();

  constructor() {
    // When space is short, the last ones are hidden first; see facts.css.
    const how = [this.#elapsed, this.#percent, this.#reason, this.#quiet];
    const all = [...how, this.#lines, this.#memory, this.#cpu, this.#rate];
    this.root = element("span", "prismq-facts", ...all);
    setAttribute(
      this.#cpu,
      "title",
      "CPU use of the run and its child processes; 100% is one core",
    );
    setAttribute(this.#memory, "title", "Memory of the run and its child processes");
  }

  /** All figures in one line. */
  get text(): string {
    const texts = Array.from(this.root.children, ({ textContent }) => textContent ?? "");
    return texts.filter(Boolean).join(" \u00b7 ");
  }

  render(state: FactsState): void {
    const { status, total } = state;
    setAttribute(
      this.#elapsed,
      "title",
      status?.started_at ? `Started ${localAndUtcTime(Date.parse(status.started_at))}` : "",
    );
    setFigure(this.#lines, status ? countOf(total, "line") : "");
    setAttribute(this.#lines, "title", status ? `${bytes(status.bytes)} of output` : "");
    this.#renderProgress(state);
    this.#renderUsage(state);
    this.tick(state);
    const asked = status?.status === "cancelled" || status?.status === "failed";
    const isTold = asked && (status.exit_code !== null || isCell(status));
    setFigure(this.#reason, isTold ? exitReason(status) : "");
    setAttribute(this.#reason, "title", status?.error_message ?? "");
  }

  /** Draw what changes with time alone. */
  tick(state: FactsState): void {
    const { status, total, elapsed, live } = state;
    const running = status?.status === "running";
    const ended = status !== undefined && hasEnded(status.status);
    setFigure(
      this.#elapsed,
      elapsed === undefined ? "" : ended ? duration(elapsed) : clock(elapsed),
    );
    if (running && live) this.#meter.add(performance.now() / 1000, total);
    setFigure(this.#rate, running && live ? rateText(this.#meter.rate) : "");
    this.#renderQuiet(state);
  }

  #renderProgress({ status, progress }: FactsState): void {
    const percent = progress?.percent ?? undefined;
    const shown = percent !== undefined && status?.status === "running";
    setVisible(this.#percent, shown);
    const items = progress?.items_total
      ? `  ${count(progress.items_processed ?? 0)}/${count(progress.items_total)}`
      : "";
    setFigure(this.#percent, shown ? `${Math.floor(percent)}%${items}` : "");
  }

  #renderUsage({ status, usage }: FactsState): void {
    const running = status?.status === "running";
    const { cpu_percent: cpu, memory_bytes: memory } = (running && usage) || {
      cpu_percent: null,
      memory_bytes: null,
    };
    setFigure(this.#cpu, cpu === null ? "" : `CPU ${Math.round(cpu)}%`);
    setFigure(this.#memory, memory === null ? "" : bytes(memory));
    const idle = cpu !== null && cpu < IDLE_PERCENT;
    this.#quiet.classList.toggle("prismq-idle", idle);
    setAttribute(
      this.#quiet,
      "title",
      idle
        ? "No output and no CPU use: it is waiting for something, or stuck"
        : "No output for a while",
    );
  }

  #renderQuiet({ status, silence, elapsed, total }: FactsState): void {
    const goesOn = status?.status === "running" && !isUnreachable(status);
    const quiet = goesOn ? ((total ? silence : elapsed) ?? 0) : 0;
    setFigure(this.#quiet, quiet >= QUIET_SECONDS ? `quiet for ${span(quiet)}` : "");
  }
}

/** An approximate duration: `5 min`, `2 h`, `3 d`. */
export function span(seconds: number): string {
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800
    ? `${Math.floor(seconds / 3600)} h`
    : `${Math.floor(seconds / 86_400)} d`;
}
