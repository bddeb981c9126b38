/**
 * What a click on a place in a file does, and Enter: opens the file at the line where Jupyter has an
 * editor for it; copies `path:line` elsewhere, and says so.
 */

import { toClipboard } from "../selection/copy.js";
import { contentsPath } from "./file-paths.js";
import type { Place } from "../text/find-places.js";
import type { Launched } from "../api/launched.js";
import { canOpen, openFile } from "../text/open-file.js";
import { placeOf, placeText } from "../text/place-node.js";

export interface PlaceEvents {
  readonly launched: Launched;
  /** Something was done, in words. */
  say(text: string): void;
}

/** Listens to the places in an element. */
export function listenToPlaces(root: HTMLElement, events: PlaceEvents, signal: AbortSignal): void {
  const take = (event: Event): void => {
    const place = placeOf(event.target);
    if (!place || (event instanceof KeyboardEvent && event.key !== "Enter")) return;
    if (event instanceof MouseEvent && !document.getSelection()?.isCollapsed) return; // text was selected
    event.preventDefault();
    event.stopPropagation();
    void go(place, events);
  };
  root.addEventListener("click", take, { signal });
  root.addEventListener("keydown", take, { signal });
}

async function go(place: Place, { launched, say }: PlaceEvents): Promise<void> {
  if (!canOpen()) return say(await copied(place));
  try {
    const path = contentsPath(place.path, await launched.load());
    const said = path === undefined ? undefined : await openFile(path, place);
    if (said) say(said);
    if (said !== undefined) return;
    say(`${await copied(place)}: it is not in Jupyter's folder`);
  } catch {
    say(await copied(place));
  }
}

async function copied(place: Place): Promise<string> {
  const text = placeText(place);
  return (await toClipboard(text)) ? `Copied ${text}` : "The browser blocked copying";
}
