/** Pointer and keyboard in the list of runs, as in WAI-ARIA's grid pattern with rows. */

import type { ListedRun } from "../runs/runs-text.js";
import { BULK } from "./bulk.js";
import type { Layout } from "./layout.js";
import type { RunParts } from "./run-parts.js";
import type { Selected } from "./selected.js";

const PAGE_ROWS = 10;
/** What can have the focus in a row; not what an open menu has. */
const CONTROLS = ":is(a, button, input):not([popover] *)";

export interface ListHost {
  layout(): Layout;
  /** The run that Tab reaches; empty: none. */
  active(): string;
  activate(run: string): void;
  /** Show the run at a place and give it the focus, as soon as it is here. */
  go(index: number): void;
  open(run: ListedRun): void;
  partsOf(run: string): RunParts | undefined;
  readonly selected: Selected;
  /** Put the focus into the text filter. */
  filter(): void;
  /** Whether `open` shows the run without leaving the page. */
  readonly opensHere: boolean;
}

export function listenToList(
  list: HTMLElement,
  root: HTMLElement,
  host: ListHost,
  signal: AbortSignal,
): void {
  list.addEventListener("click", (event) => clicked(event, host), { signal });
  // Shift and a click select runs, not text
  list.addEventListener("mousedown", (event) => event.shiftKey && event.preventDefault(), {
    signal,
  });
  list.addEventListener("keydown", (event) => pressed(event, host), { signal });
  list.addEventListener(
    "focusin",
    ({ target }) => {
      const run = rowOf(target)?.dataset.run;
      if (run && run !== host.active()) host.activate(run);
    },
    { signal },
  );
  const toFilter = (event: KeyboardEvent): void => {
    const { target } = event;
    const isNowhere = target === document.body && root.parentElement === document.body;
    const isHere = isNowhere || (target instanceof Node && root.contains(target));
    const isTyped = target instanceof HTMLInputElement && target.type !== "checkbox";
    if (event.key !== "/" || !isHere || isTyped || event.ctrlKey || event.metaKey || event.altKey)
      return;
    event.preventDefault();
    host.filter();
  };
  document.addEventListener("keydown", toFilter, { signal });
}

function rowOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>("[data-run]") : null;
}

function clicked(event: MouseEvent, host: ListHost): void {
  const { target } = event;
  const parts = host.partsOf(rowOf(target)?.dataset.run ?? "");
  if (!parts || !(target instanceof Element) || target.closest(".prismq-popover-anchor")) return;
  const act = target.closest<HTMLElement>("[data-act]")?.dataset.act;
  const isMeant = event.detail === 0 || parts.isSettled(performance.now()); // 0: by a key
  if (target.closest("a")) followed(event, parts.run, host);
  else if (!act) picked(event, target, parts.run, host);
  else if (isMeant) void (act === "stop" ? parts.stop() : parts.restart());
}

/** A click on the run itself: select it, or open it. */
function picked(event: MouseEvent, target: Element, run: ListedRun, host: ListHost): void {
  const index = host.layout().indexOf(run.run_id);
  if (event.shiftKey) host.selected.extend(index, (place) => host.layout().at(place));
  else if (event.ctrlKey || event.metaKey || target.closest(".prismq-all-check"))
    host.selected.toggle(run, index);
  else if (document.getSelection()?.isCollapsed !== false) host.open(run);
}

/** A plain click on the name: show the run here, if the view can. */
function followed(event: MouseEvent, run: ListedRun, host: ListHost): void {
  if (!host.opensHere || event.shiftKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  host.open(run);
}

function pressed(event: KeyboardEvent, host: ListHost): void {
  const row = rowOf(event.target);
  if (!row || event.altKey || event.defaultPrevented) return;
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand && event.key.toLowerCase() === "a") {
    event.preventDefault();
    void host.selected.everything();
    return;
  }
  if (isCommand) return;
  const parts = host.partsOf(row.dataset.run ?? "");
  const isOnRow = event.target === row;
  if (moved(event, row, host)) event.preventDefault();
  else if (!parts) return;
  else if (event.key === "Escape" && host.selected.size) host.selected.clear();
  else if (event.key === "Delete") {
    const several = host.selected.size ? host.selected.runs : [parts.run];
    void host.selected.act(BULK.Delete, several);
  } else if (isOnRow && event.key === "Enter") host.open(parts.run);
  else if (isOnRow && event.key === " ") {
    event.preventDefault();
    host.selected.toggle(parts.run, host.layout().indexOf(parts.run.run_id));
  } else return;
  event.stopPropagation();
}

/** Move the focus; with Shift, select up to there. Left and right go through a row's controls. */
function moved(
  { key, shiftKey, target }: KeyboardEvent,
  row: HTMLElement,
  host: ListHost,
): boolean {
  if (key === "ArrowRight" || key === "ArrowLeft") {
    const stops = [row, ...row.querySelectorAll<HTMLElement>(CONTROLS)];
    const next = stops[stops.indexOf(target as HTMLElement) + (key === "ArrowRight" ? 1 : -1)];
    next?.focus();
    return true;
  }
  const layout = host.layout();
  const index = layout.indexOf(row.dataset.run ?? "");
  const steps: Record<string, number> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: PAGE_ROWS,
    PageUp: -PAGE_ROWS,
    Home: -index,
    End: layout.count - 1 - index,
  };
  const step = steps[key];
  if (step === undefined) return false;
  const goal = Math.max(0, Math.min(layout.count - 1, index + step));
  host.go(goal);
  if (shiftKey) host.selected.extend(goal, (place) => host.layout().at(place));
  return true;
}
