/** What a click on a place in a file does, and Enter: copies it, as `path:line`. */

import { toClipboard } from "./copy.js";
import type { Place } from "./find-places.js";
import { placeOf, placeText } from "./place-node.js";

export interface PlaceEvents {
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
    void copy(place, events);
  };
  root.addEventListener("click", take, { signal });
  root.addEventListener("keydown", take, { signal });
}

async function copy(place: Place, { say }: PlaceEvents): Promise<void> {
  const text = placeText(place);
  say((await toClipboard(text)) ? `Copied ${text}` : "The browser did not let it be copied");
}
