/** `static/page.js`: the viewer on a page of its own, `/prismq/runs/{id}`. The page's address may
 * name a line, `#L123`, or several, `#L123-L130`; counted from 1. */

import { linesInAddress } from "../base/line-numbers.js";
import { offered } from "./loader.js";
import type { ViewerOptions } from "../base/options.js";
import { url } from "../base/page.js";

function start(): void {
  const run = document.body.dataset["run"];
  const viewer = offered();
  if (run === undefined || !viewer) return;
  hideToken();
  const options = { fill: true, ...linesWanted() };
  const handle = viewer.mountRun(document.body, { run_id: run, options, onRun: (next) => location.assign(url(`prismq/runs/${next}`)) });
  addEventListener("hashchange", () => {
    const wanted = linesWanted();
    if (wanted) handle.update(wanted);
  });
  keepTitle();
}

function linesWanted(): Partial<ViewerOptions> | undefined {
  const [line, lastLine] = linesInAddress(location.hash) ?? [];
  return line === undefined ? undefined : { line, lastLine, follow: false };
}

/** A token that somebody came with is in the login cookie now; it does not stay where it can be seen, copied and bookmarked. */
function hideToken(): void {
  const address = new URL(location.href);
  if (!address.searchParams.has("token")) return;
  address.searchParams.delete("token");
  history.replaceState(history.state, "", address);
}

/** The tab says how the run is. */
function keepTitle(): void {
  const root = document.querySelector<HTMLElement>(".prismq-root");
  if (!root) return;
  const name = document.body.dataset["name"] ?? "";
  const tell = (): void => {
    const state = root.dataset["state"];
    if (!state || state === "unknown") return;
    document.title = "waits" in root.dataset ? `● ${name} · waiting for input` : `${name} · ${state}`;
  };
  new MutationObserver(tell).observe(root, { attributes: true, attributeFilter: ["data-state", "data-waits"] });
}

start();
