/**
 * The bar above the list: what the run is doing. Shows what it is given; decides nothing and requests nothing.
 */

import { element, icon, type IconName, setAttribute, setText, show } from "./dom.js";
import { bytes, clock, count, countOf, duration, exitReason } from "./format.js";
import type { Connection } from "./hub.js";
import { hasEnded, LEVELS, type Progress, type RunState, type RunStatus } from "./protocol.js";

export interface ToolbarState {
  readonly status: RunStatus | undefined;
  readonly progress: Progress | undefined;
  readonly total: number;
  /** Seconds; undefined: not started. */
  readonly elapsed: number | undefined;
  readonly link: Connection;
}

const STATUS_ICONS: Readonly<Partial<Record<RunState, IconName>>> = {
  queued: "queued",
  completed: "completed",
  failed: "failed",
  cancelled: "cancelled",
};
const LINK_TITLES: Readonly<Record<Connection["state"], string>> = {
  connecting: "Opening the stream of this page",
  live: "New lines appear as they are printed",
  ended: "The run has ended and its log is complete",
  reconnecting: "The connection broke; trying again",
  disconnected: "No connection to the Jupyter server; trying again now and then",
  error: "This run cannot be shown",
};

export class Toolbar {
  readonly root = element("div", "prismq-toolbar");
  readonly #pill = element("span", "prismq-pill");
  readonly #pillText = element("span", "");
  readonly #name = element("span", "prismq-name");
  readonly #elapsed = element("span", "prismq-fact prismq-elapsed");
  readonly #lines = element("span", "prismq-fact");
  readonly #percent = element("span", "prismq-fact prismq-percent");
  readonly #levels = element("span", "prismq-levels");
  readonly #link = element("span", "prismq-link");
  readonly #linkText = element("span", "prismq-link-label");
  readonly #bar = element("div", "prismq-progress");
  readonly #barFill = element("div", "prismq-progress-fill");
  #pillIcon: IconName | "dot" | undefined;
  #levelsShown = "";

  /** @param actions the buttons at its end. */
  constructor(actions: HTMLElement) {
    this.#link.append(element("span", "prismq-dot"), this.#linkText);
    this.#bar.append(this.#barFill);
    this.#bar.setAttribute("role", "progressbar");
    this.#bar.setAttribute("aria-label", "Progress");
    this.#bar.setAttribute("aria-valuemin", "0");
    this.#bar.setAttribute("aria-valuemax", "100");
    const facts = element("span", "prismq-facts", this.#elapsed, this.#lines, this.#percent);
    this.root.append(this.#pill, this.#name, facts, element("span", "prismq-space"), this.#levels, this.#link, actions, this.#bar);
    this.root.setAttribute("role", "toolbar");
    this.root.setAttribute("aria-label", "Run");
  }

  render(state: ToolbarState): void {
    this.#renderPill(state.status);
    show(this.#pill, state.status !== undefined || state.link.state !== "error");
    const { status } = state;
    const ended = status !== undefined && hasEnded(status.status);
    setText(this.#name, status?.module_name ?? "");
    setText(this.#elapsed, state.elapsed === undefined ? "" : ended ? duration(state.elapsed) : clock(state.elapsed));
    setAttribute(this.#elapsed, "title", status?.started_at ? `Started ${status.started_at}` : "");
    setText(this.#lines, status ? countOf(state.total, "line") : "");
    setAttribute(this.#lines, "title", status ? `${bytes(status.bytes)} of output` : "");
    this.#renderProgress(state);
    this.#renderLevels(status);
    this.#renderLink(state.link);
  }

  #renderPill(status: RunStatus | undefined): void {
    const state = status?.status;
    const stopping = state === "running" && status?.stopping === true;
    const kind = stopping ? "stopping" : (state ?? "unknown");
    this.#pill.className = `prismq-pill prismq-is-${kind}`;
    const wanted = (state && STATUS_ICONS[state]) ?? "dot";
    if (wanted !== this.#pillIcon) {
      this.#pillIcon = wanted;
      this.#pill.replaceChildren(wanted === "dot" ? element("span", "prismq-dot") : icon(wanted), this.#pillText);
    }
    setText(this.#pillText, stopping ? "Stopping" : state ? state.charAt(0).toUpperCase() + state.slice(1) : "Opening");
    const details = status && hasEnded(status.status) ? [exitReason(status), status.error_message] : [];
    setAttribute(this.#pill, "title", details.filter(Boolean).join(" · "));
  }

  #renderProgress({ progress, status }: ToolbarState): void {
    const percent = progress?.percent ?? undefined;
    const shown = percent !== undefined && status?.status === "running";
    show(this.#bar, shown);
    show(this.#percent, shown);
    if (!shown) return;
    const items = progress?.items_total ? `  ${count(progress.items_processed ?? 0)}/${count(progress.items_total)}` : "";
    setText(this.#percent, `${Math.floor(percent)}%${items}`);
    setAttribute(this.#bar, "aria-valuenow", String(Math.round(percent)));
    this.#barFill.style.transform = `scaleX(${Math.min(1, Math.max(0, percent / 100))})`;
  }

  #renderLevels(status: RunStatus | undefined): void {
    const counts = LEVELS.slice(2).map((level) => [level, Number(status?.levels[level] ?? 0)] as const);
    const key = `${counts.join(" ")} ${status?.levels["complete"]}`;
    if (key === this.#levelsShown) return;
    this.#levelsShown = key;
    const atLeast = status?.levels["complete"] === false ? "at least " : "";
    const chips = [...counts].reverse().filter(([, lines]) => lines > 0);
    this.#levels.replaceChildren(...chips.map(([level, lines]) => levelChip(level.toLowerCase(), lines, atLeast)));
  }

  #renderLink(link: Connection): void {
    this.#link.className = `prismq-link prismq-link-${link.state}`;
    setText(this.#linkText, link.state === "error" ? "Unavailable" : link.state.charAt(0).toUpperCase() + link.state.slice(1));
    const reason = "reason" in link ? `\n${link.reason}` : "";
    setAttribute(this.#link, "title", LINK_TITLES[link.state] + reason);
  }
}

function levelChip(level: string, lines: number, atLeast: string): HTMLElement {
  const chip = element("span", `prismq-chip prismq-chip-${level}`, element("span", "prismq-dot"), count(lines));
  chip.title = `${atLeast}${countOf(lines, "line")} of level ${level.toUpperCase()}`;
  chip.setAttribute("aria-label", chip.title);
  chip.setAttribute("role", "img");
  return chip;
}
