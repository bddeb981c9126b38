/** The panel behind a button that says how a run was started, and what a person should know about it. */

import { element, setAttribute, show } from "./dom.js";
import { bytes, endDetails } from "./format.js";
import { Popover } from "./popover.js";
import { hasEnded, type RunStatus } from "./protocol.js";
import { backgroundNames, isOutputOpen, statusName, takesInput, waitsForInput } from "./run-words.js";

type Entry = readonly [name: string, text: string];

export class Details {
  readonly root: HTMLElement;
  readonly #run: string;
  readonly #popover: Popover;
  readonly #badge = element("span", "prismq-badge");
  #status: RunStatus | undefined;
  #drawn = "";

  constructor(run: string) {
    this.#run = run;
    const events = { fill: () => this.#fill(), opened: () => this.#popover.panel.focus() };
    this.#popover = new Popover("info", "Details", "dialog", events);
    const { root, button, panel } = this.#popover;
    this.root = root;
    panel.classList.add("prismq-details");
    panel.tabIndex = 0;
    button.append(this.#badge);
    panel.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key !== "Escape" && event.key !== "Tab") return;
      event.preventDefault();
      this.#popover.close();
    });
  }

  render(status: RunStatus | undefined): void {
    this.#status = status;
    const { length } = status?.notes ?? [];
    const title = length ? `Details, with ${length === 1 ? "a note" : `${length} notes`}` : "Details";
    show(this.#badge, length > 0);
    setAttribute(this.#popover.button, "title", [title, ...(status?.notes ?? [])].join("\n"));
    setAttribute(this.#popover.button, "aria-label", title);
    if (this.#popover.isOpen) this.#fill();
  }

  #fill(): void {
    const entries = this.#status ? entriesOf(this.#run, this.#status) : [];
    const notes = this.#status?.notes ?? [];
    const key = JSON.stringify([entries, notes]);
    if (key === this.#drawn) return; // what is selected in it stays selected
    this.#drawn = key;
    const list = entries.flatMap(([name, text]) => [element("dt", "", name), element("dd", "", text)]);
    const said = notes.map((note) => element("li", "", note));
    this.#popover.panel.replaceChildren(
      ...(said.length ? [element("ul", "prismq-details-notes", ...said)] : []),
      element("dl", "prismq-details-list", ...list),
    );
  }
}

/** What is known of a run, in the order in which it is read. */
export function entriesOf(run: string, status: RunStatus): Entry[] {
  const { terminal, encoding = "utf-8", started_at: started } = status;
  const ended = hasEnded(status.status);
  const entries: Entry[] = [["Run", run]];
  if (started) entries.push(["Started", started.replace("T", " ").replace(/\.\d+Z$/, " UTC")]);
  if (ended) entries.push([statusName(status), endDetails(status)]);
  entries.push(["Streams", terminal ? `terminal ${terminal[0]} \u00d7 ${terminal[1]}` : "pipes"]);
  if (!ended) entries.push(["Input", inputText(status)]);
  if (encoding.toLowerCase() !== "utf-8") entries.push(["Encoding", encoding]);
  entries.push(["Output", bytes(status.bytes)]);
  if (isOutputOpen(status)) entries.push(["Background", backgroundNames(status, Infinity) || "yes"]);
  return entries;
}

function inputText(status: RunStatus): string {
  if (waitsForInput(status)) return status.hides_input ? "waits for a hidden line" : "waits for a line";
  if (takesInput(status)) return "open";
  return status.terminal ? "closed" : "closed; launch with terminal=True or stdin=True to answer";
}
