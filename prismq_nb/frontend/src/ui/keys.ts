/**
 * The keyboard inside a viewer. JupyterLab takes none of our keys, and we take none of its keys
 * elsewhere.
 *
 * A key pressed inside the viewer without Ctrl, Meta or Alt belongs to the viewer, even if it does
 * nothing: in JupyterLab `x` cuts a cell and `dd` deletes it. What is typed into a field is text.
 */

/**
 * Lumino searches for this attribute from the target upwards, in the capture phase on `document`,
 * until a selector matches. The selectors of the notebook's command mode match any focused element,
 * so the attribute has to be on the target.
 */
const SUPPRESS = "data-lm-suppress-shortcuts";
/** With Ctrl or Meta, these edit text in a field. */
const EDIT_KEYS = new Set([
  "a",
  "c",
  "v",
  "x",
  "y",
  "z",
  "Backspace",
  "Delete",
  "ArrowLeft",
  "ArrowRight",
  "Home",
  "End",
]);

/** With Alt, these toggle the switches of the search bar (`search-bar.ts`). */
export const FIND_CODES: ReadonlySet<string> = new Set(["KeyC", "KeyW", "KeyR", "KeyF"]);

/** What keys do. A boolean result says whether there was something to do. */
export interface KeyCommands {
  search(): void;
  /**
   * Ctrl+F or Cmd+F.
   *
   * @returns false if the search bar has the focus already; the browser gets the key.
   */
  find(): boolean;
  hit(direction: 1 | -1): void;
  error(direction: 1 | -1): void;
  /** Show the current line among its neighbours in the whole log. */
  context(): boolean;
  first(): void;
  last(): void;
  follow(): void;
  wrap(): void;
  timestamps(): void;
  input(): void;
  help(): void;
  /** Toggle full screen in this tab. */
  full(): void;
  /** Collapse to the toolbar, or expand. */
  collapse(): void;
  /** Close what is open. */
  escape(): boolean;
}

/** By `KeyboardEvent.key`; `help.ts` describes them. */
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

/** Keys that go to the list while nothing has the focus, besides those that type a character. */
const LIST_KEYS = new Set([
  "ArrowUp",
  "ArrowDown",
  "PageUp",
  "PageDown",
  "Home",
  "End",
  "Escape",
  " ",
]);

/**
 * Listen until `signal` aborts.
 *
 * @param root the viewer.
 * @param list the element that scrolls.
 * @param isPage whether the viewer has a page of its own: then keys work even while nothing has the
 *   focus.
 */
export function listenToKeys(
  root: HTMLElement,
  list: HTMLElement,
  commands: KeyCommands,
  isPage: () => boolean,
  signal: AbortSignal,
): void {
  const isNowhere = ({ target }: KeyboardEvent): boolean =>
    isPage() && (target === document.body || target === document.documentElement);
  listenToFind(
    (event) => isNowhere(event) || (event.target instanceof Node && root.contains(event.target)),
    commands,
    signal,
  );
  document.addEventListener("keydown", (event) => isNowhere(event) && forwardToList(event, list), {
    signal,
  });
  keepKeys(root, signal);
  root.addEventListener(
    "keydown",
    (event) => {
      if (!isOurs(event)) return;
      // nothing was open: the notebook gets the key
      if (event.key === "Escape" && !event.defaultPrevented && !commands.escape()) return;
      event.stopPropagation();
      if (event.defaultPrevented || event.isComposing || isPlainText(event)) return;
      const command = Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : undefined;
      if (!command) return;
      // "/" would open Firefox's quick find, and be typed into the field that gets the focus.
      event.preventDefault();
      command(commands);
    },
    { signal },
  );
}

/**
 * Replace the browser's find, which does not see lines that are not on the page. Listens before
 * JupyterLab, which has its own find for the notebook.
 */
function listenToFind(
  isHere: (event: KeyboardEvent) => boolean,
  commands: KeyCommands,
  signal: AbortSignal,
): void {
  const find = (event: KeyboardEvent): void => {
    const step = findStep(event);
    if (!(step || isFind(event)) || event.isComposing || !isHere(event)) return;
    if (step) commands.hit(step);
    else if (!commands.find()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  window.addEventListener("keydown", find, { capture: true, signal });
}

function isFind(event: KeyboardEvent): boolean {
  return isWithCommand(event, "f") && !event.shiftKey;
}

/**
 * The step of F3 or Ctrl+G through the matches, as in the browser's find: 1, or -1 with Shift; 0
 * for any other key.
 */
function findStep(event: KeyboardEvent): 1 | -1 | 0 {
  const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
  const isF3 = key === "F3" && !ctrlKey && !metaKey && !altKey;
  return isF3 || isWithCommand(event, "g") ? (shiftKey ? -1 : 1) : 0;
}

function isWithCommand({ key, ctrlKey, metaKey, altKey }: KeyboardEvent, letter: string): boolean {
  const isMac = navigator.platform.startsWith("Mac"); // there Ctrl+F moves the cursor forward
  return (
    key.toLowerCase() === letter && !altKey && (isMac ? metaKey && !ctrlKey : ctrlKey && !metaKey)
  );
}

/**
 * Forward a key that was pressed while nothing had the focus. The list gets the focus, so that the
 * browser scrolls it.
 */
function forwardToList(event: KeyboardEvent, list: HTMLElement): void {
  const { key, ctrlKey, metaKey, altKey } = event;
  const isPlain = !ctrlKey && !metaKey && (key.length === 1 || LIST_KEYS.has(key));
  if (altKey || event.defaultPrevented || !(isPlain || ["a", "c"].includes(key))) return;
  list.focus({ preventScroll: true });
  if (!list.dispatchEvent(new KeyboardEvent("keydown", event))) event.preventDefault();
}

/** Keep keys that are pressed inside `root` from the page's shortcuts, until `signal` aborts. */
export function keepKeys(root: HTMLElement, signal: AbortSignal): void {
  suppressShortcuts(
    (event) => event.target instanceof Node && root.contains(event.target) && isOurs(event),
    signal,
  );
}

/**
 * Suppress the page's shortcuts for keys that `accepts` returns true for, until `signal` aborts.
 *
 * `window` comes before `document` in the capture phase: only for our own keys are the page's
 * shortcuts off, so Ctrl+S still saves.
 */
export function suppressShortcuts(
  accepts: (event: KeyboardEvent) => boolean,
  signal: AbortSignal,
): void {
  const mark = (event: KeyboardEvent): void => {
    const { target } = event;
    if (!(target instanceof Element) || !accepts(event)) return;
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

/** Whether the key was pressed in a text field. */
function isTyped({ target }: KeyboardEvent): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches("input:not([type=checkbox], [type=radio], [type=range]), textarea, select"))
  );
}

/** Call `onSelect` when text inside `node` is being selected, until `signal` aborts. */
export function listenToSelection(node: Node, onSelect: () => void, signal: AbortSignal): void {
  const changed = (): void => {
    const selection = document.getSelection();
    if (selection && !selection.isCollapsed && node.contains(selection.anchorNode)) onSelect();
  };
  document.addEventListener("selectionchange", changed, { signal });
}
