/** Runs in tabs of the main area, one tab for each. */

import type {
  Application,
  AppUtils,
  LuminoWidgets,
  MainAreaWidget,
  Tracker,
} from "./application.js";
import { type Drawn, deferredWidget } from "./deferred.js";
import { type RunTab, SHOW_LINE, type Shown } from "./views.js";

export class Tabs {
  readonly tracker: Tracker;
  readonly #app: Application;
  readonly #lumino: LuminoWidgets;
  readonly #MainAreaWidget: AppUtils["MainAreaWidget"];
  readonly #icon: object;
  readonly #draw: (tab: RunTab) => Promise<Drawn>;
  readonly #shown = new WeakMap<object, Shown>();

  constructor(
    app: Application,
    lumino: LuminoWidgets,
    { WidgetTracker, MainAreaWidget }: AppUtils,
    icon: object,
    draw: (tab: RunTab) => Promise<Drawn>,
  ) {
    this.tracker = new WidgetTracker({ namespace: "prismq-run" });
    this.#app = app;
    this.#lumino = lumino;
    this.#MainAreaWidget = MainAreaWidget;
    this.#icon = icon;
    this.#draw = draw;
  }

  of(tab: object): Shown {
    return this.#shown.get(tab) ?? { run_id: "", name: "" };
  }

  /**
   * Show a run in its tab, from a line (from 0) if there is one. The first tab is beside what is
   * open, and further ones join it.
   *
   * @returns the tab, which the application needs to restore it.
   */
  open(run_id: string, name: string, line?: number): MainAreaWidget {
    const shown = (tab: object): boolean => this.of(tab).run_id === run_id;
    const known = this.tracker.find(shown) as MainAreaWidget | undefined;
    if (known && line !== undefined)
      known.content.node.dispatchEvent(new CustomEvent(SHOW_LINE, { detail: line }));
    const tab = known ?? this.#add({ run_id, name, line });
    this.#app.shell.activateById(tab.id);
    return tab;
  }

  #add({ run_id, name, line }: Pick<RunTab, "run_id" | "name" | "line">): MainAreaWidget {
    const content = deferredWidget(this.#lumino, (node) => this.#draw(of(node)));
    const tab = new this.#MainAreaWidget({ content });
    const of = (node: HTMLElement): RunTab => ({
      run_id,
      name,
      line,
      node,
      show: (next) => {
        this.#shown.set(tab, { run_id: next, name });
        void this.tracker.save(tab);
      },
      title: (icon, caption) => Object.assign(tab.title, { icon, caption }),
    });
    this.#shown.set(tab, { run_id, name });
    tab.id = `prismq-tab-${run_id}`;
    Object.assign(tab.title, { label: name, caption: name, icon: this.#icon, closable: true });
    const beside = this.tracker.currentWidget;
    const place = beside ? { ref: beside.id, mode: "tab-after" } : { mode: "split-right" };
    this.#app.shell.add(tab, "main", place);
    void this.tracker.add(tab);
    return tab;
  }
}
