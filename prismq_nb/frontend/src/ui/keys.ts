/**
 * The keyboard inside a viewer, without taking keys from JupyterLab anywhere else, and without JupyterLab taking any of ours.
 *
 * Whatever key is pressed without Ctrl, Meta or Alt inside the viewer belongs to it, also when it means nothing here: in JupyterLab `x` cuts a cell and
 * `dd` deletes it. What is typed into a field is text.
 */

/**
 * Lumino looks for this attribute on the way up from the target, in the capture phase on `document`, until a selector matches. Those of the notebook's
 * command mode match whatever has the focus: so it has to be on the target.
 */
const SUPPRESS = "data-lm-suppress-shortcuts";
/** With Ctrl or Meta, these are for editing where text is typed. */
const EDIT_KEYS = new Set(["a", "c", "v", "x", "y", "z", "Backspace", "Delete", "ArrowLeft", "ArrowRight", "Home", "End"]);

/** With Alt, in the bar in which one searches, which turns its switches by them (`search-bar.ts`). */
export const FIND_CODES: ReadonlySet<string> = new Set(["KeyC", "KeyW", "KeyR", "KeyF"]);

/** What keys do. Those that give a boolean: whether there was something to do. */
export interface KeyCommands {
  search(): void;
  /** What Ctrl+F or Cmd+F is for; false: that is done, and the key is the browser's. */
  find(): boolean;
  hit(direction: 1 | -1): void;
  error(direction: 1 | -1): void;
  /** The line in question, among its neighbours in the whole log. */
  context(): boolean;
  first(): void;
  last(): void;
  follow(): void;
  wrap(): void;
  timestamps(): void;
  input(): void;
  help(): void;
  /** Takes the whole tab, or no longer. */
  full(): void;
  /** Shows only the toolbar, or all again. */
  collapse(): void;
  /** Closes what is open. */
  escape(): boolean;
}

/** By `KeyboardEvent.key`; `help.ts` says what they are for. */
export const KEYS: Readonly<Record<string, (commands: KeyCommands) => unknown>> = {
  "/": (commands) => commands.search(),
  n: (commands) => commands.hit(1),
  N: (commands) => commands.hit(-1),
  e: (commands) => commands.error(1),
  E: (commands) => commands.error(-1),
  c: (commands) => commands.context(),
  g: (commands) => commands.first(),
  G: (commands) => commands.last(),
  End: (commands) => commands.last(),
  f: (commands) => commands.follow(),
  w: (commands) => commands.wrap(),
  t: (commands) => commands.timestamps(),
  i: (commands) => commands.input(),
  z: (commands) => commands.full(),
  m: (commands) => commands.collapse(),
  "?": (commands) => commands.help(),
};

/** Keys that are the list's where nothing has the focus, besides those that write a character. */
const LIST_KEYS = new Set(["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", "Escape", " "]);

/**
 * Listens until `signal` aborts.
 *
 * @param root the viewer.
 * @param list the element that scrolls.
 * @param isPage whether the page is the viewer's: then keys work also while nothing has the focus.
 */
export function listenToKeys(root: HTMLElement, list: HTMLElement, commands: KeyCommands, isPage: () => boolean, signal: AbortSignal): void {
  const isNowhere = ({ target }: KeyboardEvent): boolean => isPage() && (target === document.body || target === document.documentElement);
  listenToFind((event) => isNowhere(event) || (event.target instanceof Node && root.contains(event.target)), commands, signal);
  document.addEventListener("keydown", (event) => isNowhere(event) && passOn(event, list), { signal });
  keepKeys(root, signal);
  root.addEventListener(
    "keydown",
    (event) => {
      if (!isOurs(event)) return;
      if (event.key === "Escape" && !event.defaultPrevented && !commands.escape()) return; // nothing was open: the notebook takes the focus back
      event.stopPropagation();
      if (event.defaultPrevented || event.isComposing || isPlainText(event)) return;
      const command = Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : undefined;
      if (!command) return;
      event.preventDefault(); // "/" would open the quick find of Firefox, and the field that gets the focus would get the key, too
      command(commands);
    },
    { signal },
  );
}

/** The browser's find sees no line that is not on the page. Before JupyterLab, which has one of its own for the notebook. */
function listenToFind(isHere: (event: KeyboardEvent) => boolean, commands: KeyCommands, signal: AbortSignal): void {
  const find = (event: KeyboardEvent): void => {
    const again = againIn(event);
    if (!(again || isFind(event)) || event.isComposing || !isHere(event)) return;
    if (again) commands.hit(again);
    else if (!commands.find()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  window.addEventListener("keydown", find, { capture: true, signal });
}

function isFind(event: KeyboardEvent): boolean {
  return isWithCommand(event, "f") && !event.shiftKey;
}

/** Where F3 and Ctrl+G lead in what a browser's find has found: on, with Shift back; 0: it is another key. */
function againIn(event: KeyboardEvent): 1 | -1 | 0 {
  const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
  const isF3 = key === "F3" && !ctrlKey && !metaKey && !altKey;
  return isF3 || isWithCommand(event, "g") ? (shiftKey ? -1 : 1) : 0;
}

function isWithCommand({ key, ctrlKey, metaKey, altKey }: KeyboardEvent, letter: string): boolean {
  const isMac = navigator.platform.startsWith("Mac"); // there Ctrl+F goes one letter on
  return key.toLowerCase() === letter && !altKey && (isMac ? metaKey && !ctrlKey : ctrlKey && !metaKey);
}

/** A key that nothing has the focus for is the list's: it has the focus from now on, so that the browser scrolls it. */
function passOn(event: KeyboardEvent, list: HTMLElement): void {
  const { key, ctrlKey, metaKey, altKey } = event;
  const isPlain = !ctrlKey && !metaKey && (key.length === 1 || LIST_KEYS.has(key));
  if (altKey || event.defaultPrevented || !(isPlain || ["a", "c"].includes(key))) return;
  list.focus({ preventScroll: true });
  if (!list.dispatchEvent(new KeyboardEvent("keydown", event))) event.preventDefault();
}

/**
 * Keys that are pressed inside `root` are no shortcuts of the page, until `signal` aborts.
 *
 * `window` comes before `document` in the capture phase: only for our own keys are the page's
 * shortcuts off, so Ctrl+S still saves.
 */
export function keepKeys(root: HTMLElement, signal: AbortSignal): void {
  const mark = (event: KeyboardEvent): void => {
    const { target } = event;
    if (!(target instanceof Element) || !root.contains(target) || !isOurs(event)) return;
    target.setAttribute(SUPPRESS, "");
    setTimeout(() => target.removeAttribute(SUPPRESS)); // after this key
  };
  window.addEventListener("keydown", mark, { capture: true, signal });
}

function isOurs(event: KeyboardEvent): boolean {
  if (event.altKey) return !event.ctrlKey && FIND_CODES.has(event.code) && isFinding(event);
  return !(event.ctrlKey || event.metaKey) || (isTyped(event) && EDIT_KEYS.has(event.key));
}

function isFinding({ target }: KeyboardEvent): boolean {
  return target instanceof Element && target.closest(".prismq-find") !== null;
}

function isPlainText(event: KeyboardEvent): boolean {
  return event.ctrlKey || event.metaKey || isTyped(event);
}

/** Whether text is typed where a key was pressed. */
function isTyped({ target }: KeyboardEvent): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio], [type=range]), textarea, select"));
}

/** Calls `onSelect` when text inside `node` is being selected. Stops when `signal` aborts. */
export function listenToSelection(node: Node, onSelect: () => void, signal: AbortSignal): void {
  const changed = (): void => {
    const selection = document.getSelection();
    if (selection && !selection.isCollapsed && node.contains(selection.anchorNode)) onSelect();
  };
  document.addEventListener("selectionchange", changed, { signal });
}
