/** One run in the list, or a heading above several. */

import { html, nothing, type TemplateResult } from "lit-html";
import { count } from "../base/format.js";
import { url } from "../base/page.js";
import { hasEnded } from "../base/protocol.js";
import { isCell } from "../base/run-words.js";
import type { ListedRun } from "../runs/runs-text.js";
import { RESTART_TITLE, stopWords } from "../runs/stop-words.js";
import { glyph } from "./glyph.js";
import { HEADING_PX, type Item } from "./layout.js";
import type { RunParts } from "./run-parts.js";
import {
  argumentsOf,
  durationOf,
  errorsOfRun,
  itemsText,
  linesText,
  originOf,
  percentOf,
  problemOf,
  progressText,
  startOf,
  usageText,
} from "./run-words.js";

export interface RowState {
  readonly parts: RunParts;
  readonly isSelected: boolean;
  /** Whether Tab reaches this row. */
  readonly isActive: boolean;
  /** There is no connection. */
  readonly isStale: boolean;
  /** Seconds since the run was read. */
  readonly since: number;
  readonly rowPx: number;
  /** Address that the name leads to is opened in a tab of its own. */
  readonly isNewTab: boolean;
}

type RunItem = Extract<Item, { kind: "run" }>;

export function heading(item: Extract<Item, { kind: "heading" }>): TemplateResult {
  const { heading: text, count: runs } = item.section;
  const place = `top:${item.top}px;height:${HEADING_PX}px`;
  return html`<div class="prismq-all-heading" role="row" .style=${place}>
    <div role="gridcell"><bdi>${text}</bdi> <span>${count(runs)}</span></div>
  </div>`;
}

/** A run that is not here yet. */
export function placeholder(item: RunItem, rowPx: number): TemplateResult {
  const place = `top:${item.top}px;height:${rowPx}px`;
  return html`<div class="prismq-all-row" role="row" aria-rowindex=${item.index + 1} .style=${place}
    ><div role="gridcell" class="prismq-all-waiting"></div
  ></div>`;
}

export function row(item: RunItem, run: ListedRun, state: RowState): TemplateResult {
  const { parts, isSelected, isActive, rowPx } = state;
  const place = `top:${item.top}px;height:${rowPx}px`;
  const tab = isActive ? "0" : "-1";
  parts.pill.render(run, state.isStale);
  parts.menu.button.tabIndex = isActive ? 0 : -1;
  parts.menu.button.setAttribute("aria-label", `More actions for ${run.module_name}`);
  return html`<div
    class="prismq-all-row"
    role="row"
    data-run=${run.run_id}
    aria-rowindex=${item.index + 1}
    aria-selected=${isSelected}
    tabindex=${tab}
    .style=${place}
  >
    <div role="gridcell" class="prismq-all-check">
      <input
        type="checkbox"
        tabindex="-1"
        .checked=${isSelected}
        aria-label=${`Select ${run.module_name}`}
      />
    </div>
    <div role="gridcell" class="prismq-all-status">${parts.pill.root}</div>
    ${what(run, tab, state.isNewTab)} ${activity(run, state.since)}
    <div role="gridcell" class="prismq-all-errors">${errorsOfRun(run)}</div>
    <div role="gridcell" class="prismq-all-took">
      ${durationOf(run, state.isStale ? 0 : state.since)}
    </div>
    <div role="gridcell" class="prismq-all-actions">
      ${action(run, tab, parts.actions.busy)} ${parts.menu.root}
    </div>
  </div>`;
}

const KEPT = "Kept: it is never deleted automatically";

/** What it is: its name and arguments, when and where it was started, why it failed. */
function what(run: ListedRun, tab: string, isNewTab: boolean): TemplateResult {
  const given = argumentsOf(run);
  const [started, times] = startOf(run, Date.now());
  const origin = originOf(run);
  const notebook = run.origin?.notebook ?? run.notebook ?? nothing;
  const problem = problemOf(run);
  const look = `prismq-all-problem${run.status === "failed" ? " prismq-all-failed" : ""}`;
  return html`<div role="gridcell" class="prismq-all-what">
    <div class="prismq-all-line">
      <a
        class="prismq-all-name"
        href=${url(`prismq/runs/${run.run_id}`)}
        target=${isNewTab ? "_blank" : nothing}
        rel=${isNewTab ? "noopener" : nothing}
        tabindex=${tab}
        title=${`${run.module_name}\n${run.run_id}`}
        >${run.module_name}</a
      >
      ${isCell(run) ? html`<span class="prismq-runs-kind">cell</span>` : nothing}
      ${run.kept ? html`<span class="prismq-runs-kind" title=${KEPT}>kept</span>` : nothing}
      ${given ? html`<span class="prismq-all-arguments" title=${given}>${given}</span>` : nothing}
    </div>
    <div class="prismq-all-line prismq-all-about">
      <time datetime=${run.started_at ?? run.created_at} title=${times}>${started}</time>
      ${origin ? html`<bdi title=${notebook}>${origin}</bdi>` : nothing}
      ${problem ? html`<bdi class=${look} title=${problem}>${problem}</bdi>` : nothing}
    </div>
  </div>`;
}

/** What it does: progress, CPU and memory; of an ended run, how much it printed. */
function activity(run: ListedRun, since: number): TemplateResult {
  const percent = percentOf(run);
  if (percent === undefined)
    return html`<div role="gridcell" class="prismq-all-activity">
      <span class="prismq-all-usage">${usageText(run) || linesText(run)}</span>
    </div>`;
  return html`<div role="gridcell" class="prismq-all-activity" title=${itemsText(run) || nothing}>
    <div
      class="prismq-all-bar"
      role="progressbar"
      aria-label=${`Progress of ${run.module_name}`}
      aria-valuenow=${Math.floor(percent)}
      aria-valuemin="0"
      aria-valuemax="100"
    >
      <div .style=${`transform:scaleX(${percent / 100})`}></div>
    </div>
    <span class="prismq-all-progress">${progressText(run, since)}</span>
    <span class="prismq-all-usage">${usageText(run)}</span>
  </div>`;
}

/** The button that ends the run or starts it again. */
function action(run: ListedRun, tab: string, isBusy: boolean): TemplateResult | typeof nothing {
  if (!hasEnded(run.status)) {
    const { word, title } = stopWords(run);
    const kill = word === "Kill" ? " prismq-button-kill" : "";
    return button(run, "stop", word, title, `prismq-button-stop${kill}`, tab, isBusy);
  }
  if (isCell(run)) return nothing;
  return button(run, "retry", "Restart", RESTART_TITLE, "prismq-button-restart", tab, isBusy);
}

function button(
  run: ListedRun,
  mark: "stop" | "retry",
  word: string,
  title: string,
  className: string,
  tab: string,
  isBusy: boolean,
): TemplateResult {
  const name = `${word} ${run.module_name}`;
  return html`<button
    type="button"
    class=${`prismq-button prismq-runs-action ${className}`}
    tabindex=${tab}
    data-act=${mark === "stop" ? "stop" : "restart"}
    aria-label=${name}
    title=${`${name}: ${title}`}
    aria-disabled=${isBusy}
  >
    ${glyph(mark)}
  </button>`;
}
