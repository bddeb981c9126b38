/** What a search of all logs has found: the runs, and the first matching lines of each. */

import { html, nothing, type TemplateResult } from "lit-html";
import { count, countOf } from "../base/format.js";
import { url } from "../base/page.js";
import { hasEnded } from "../base/protocol.js";
import type { ListedRun } from "../runs/runs-text.js";
import { glyph } from "./glyph.js";
import type { FoundRun, Hit, LogSearch } from "./log-search.js";
import { startOf } from "./run-words.js";

/** Show a run; with a line, from there. */
export type OpenRun = (run: ListedRun, line?: number) => void;

/** @param open undefined: the browser follows the link. */
export function foundRuns(search: LogSearch, text: string, open?: OpenRun): TemplateResult {
  return html`<div class="prismq-all-found" role="region" aria-label="Runs whose logs match">
    ${headline(search, text)}
    <ul>
      ${search.found.map((found) => foundRun(found, text, open))}
    </ul>
  </div>`;
}

function headline(search: LogSearch, text: string): TemplateResult {
  const { state, progress } = search;
  const act = state === "searching" ? () => search.cancel() : () => search.again();
  return html`<div class="prismq-all-found-head" aria-live="polite">
    <span class="prismq-all-found-text">${sentence(search, text)}</span>
    <button type="button" class="prismq-button" @click=${act}>
      <span class="prismq-button-label">${state === "searching" ? "Cancel" : "Search again"}</span>
    </button>
    ${
      state === "searching"
        ? html`<progress
            aria-label="Progress of the search"
            max=${progress?.runs || 1}
            .value=${progress?.runs_done ?? 0}
          ></progress>`
        : nothing
    }
  </div>`;
}

function sentence({ state, progress, found, failure }: LogSearch, text: string): string {
  if (state === "failed") return `The search has failed: ${failure}`;
  const hits = progress?.hits ?? 0;
  const runs = countOf(found.length, "run");
  const what = found.length ? `${countOf(hits, "line")} in ${runs}` : "";
  const searched = progress
    ? `${count(progress.runs_done)} of ${countOf(progress.runs, "run")}`
    : "";
  if (state === "searching") return `Searching${searched && ` ${searched}`}… ${what}`.trim();
  if (state === "cancelled")
    return `${what || "Nothing"} found until it was cancelled, in ${searched}`;
  if (!found.length) return `No log has “${text}”`;
  return progress?.more ? `${what}, and more: narrow the search` : what;
}

function foundRun(
  { run, hits, more, logs, error }: FoundRun,
  text: string,
  open?: OpenRun,
): TemplateResult {
  const [started, times] = startOf(run, Date.now());
  const mark = hasEnded(run.status)
    ? glyph(run.status as "completed")
    : html`<span class="prismq-dot"></span>`;
  return html`<li data-run=${run.run_id}>
    <div class="prismq-all-found-run prismq-is-${run.status}">
      <span class="prismq-mark" aria-hidden="true">${mark}</span>
      ${link(run, undefined, open, html`<bdi>${run.module_name}</bdi>`)}
      <span class="prismq-all-found-hits"
        >${count(hits)}${more ? "+" : ""} ${hits === 1 ? "line" : "lines"}</span
      >
      <time datetime=${run.created_at} title=${times}>${started}</time>
    </div>
    ${logs.map((line) => link(run, line, open, hit(line, text)))}
    ${error ? html`<div class="prismq-all-found-error">${error}</div>` : nothing}
  </li>`;
}

function link(
  run: ListedRun,
  line: Hit | undefined,
  open: OpenRun | undefined,
  content: TemplateResult,
): TemplateResult {
  const place = line ? `#L${line.line + 1}` : "";
  const click = (event: MouseEvent): void => {
    if (!open || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(run, line?.line);
  };
  return html`<a
    class=${line ? "prismq-all-hit" : "prismq-all-name"}
    href=${url(`prismq/runs/${run.run_id}${place}`)}
    title=${line ? `Line ${count(line.line + 1)}` : `${run.module_name}\n${run.run_id}`}
    @click=${click}
    >${content}</a
  >`;
}

function hit({ line, message }: Hit, text: string): TemplateResult {
  const at = placeOf(message, text);
  const end = at + text.length;
  return html`<span class="prismq-all-hit-number">${count(line + 1)}</span
    ><bdi class="prismq-all-hit-text"
      >${
        at < 0
          ? message
          : html`${message.slice(0, at)}<mark>${message.slice(at, end)}</mark>${message.slice(end)}`
      }</bdi
    >`;
}

/** Where the text is, ignoring case; -1: nowhere, or lower case has other lengths. */
function placeOf(message: string, text: string): number {
  const lower = message.toLowerCase();
  return lower.length === message.length ? lower.indexOf(text.toLowerCase()) : -1;
}
