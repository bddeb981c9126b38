/**
 * `static/page.js`: the viewer on a page of its own, `/prismq/runs/{id}`, or all runs on `/prismq`.
 *
 * The address of a run's page may name a line, `#L123`, or several, `#L123-L130`; counted from 1.
 * That of all runs has their filter: `?status=failed&q=train`.
 */

import { linesInAddress } from "../base/line-address.js";
import type { ViewerOptions } from "../base/options.js";
import { url } from "../base/page.js";
import { offered } from "./loader.js";
import { offeredAllRuns } from "./runs-loader.js";

function start(): void {
  const { run } = document.body.dataset;
  hideToken();
  if (run === undefined) showAll();
  else showRun(run);
}

/** Show all runs; their filter stays in the address, and the browser's Back brings it again. */
function showAll(): void {
  const script = offeredAllRuns();
  if (!script) return;
  const named = document.title;
  const view = script.mountAllRuns(document.body, {
    query: location.search,
    onQuery: (query) => {
      history.replaceState(history.state, "", query ? `?${query}` : location.pathname);
    },
    onCounts: ({ running = 0 }) => {
      document.title = running ? `(${running}) ${named}` : named;
    },
  });
  addEventListener("popstate", () => view.show(location.search));
}

function showRun(run: string): void {
  const viewer = offered();
  if (!viewer) return;
  const options = { fill: true, ...linesWanted() };
  const handle = viewer.mountRun(document.body, {
    run_id: run,
    options,
    onRun: (next) => location.assign(url(`prismq/runs/${next}`)),
  });
  addEventListener("hashchange", () => {
    const wanted = linesWanted();
    if (wanted) handle.update(wanted);
  });
  syncTitle();
}

function linesWanted(): Partial<ViewerOptions> | undefined {
  const [line, lastLine] = linesInAddress(location.hash) ?? [];
  return line === undefined ? undefined : { line, lastLine, follow: false };
}

/**
 * Remove the token from the address: it is in the login cookie now, and must not be seen, copied or
 * bookmarked.
 */
function hideToken(): void {
  const address = new URL(location.href);
  if (!address.searchParams.has("token")) return;
  address.searchParams.delete("token");
  history.replaceState(history.state, "", address);
}

/** Show the state of the run in the title of the tab. */
function syncTitle(): void {
  const root = document.querySelector<HTMLElement>(".prismq-root");
  if (!root) return;
  const name = document.body.dataset.name ?? "";
  const update = (): void => {
    const state = root.dataset.state;
    if (!state || state === "unknown") return;
    document.title =
      "waits" in root.dataset ? `● ${name} · waiting for input` : `${name} · ${state}`;
  };
  new MutationObserver(update).observe(root, {
    attributes: true,
    attributeFilter: ["data-state", "data-waits"],
  });
}

start();
