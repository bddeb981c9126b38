/**
 * Open a file location on click or Enter: in Jupyter's editor where there is one; elsewhere copy
 * `path:line` and say so.
 */

import type { LaunchDetails } from "../api/launch-details.js";
import { toClipboard } from "../selection/copy.js";
import type { FileLocation } from "../text/file-locations.js";
import { locationOf, locationText } from "../text/location-node.js";
import { canOpen, openFile } from "../text/open-file.js";
import { contentsPath } from "./file-paths.js";

export interface LocationEvents {
  readonly launchDetails: LaunchDetails;
  /** Show a notice. */
  say(text: string): void;
}

/** Listen to the file locations in an element. */
export function listenToLocations(
  root: HTMLElement,
  events: LocationEvents,
  signal: AbortSignal,
): void {
  const activate = (event: Event): void => {
    const location = locationOf(event.target);
    if (!location || (event instanceof KeyboardEvent && event.key !== "Enter")) return;
    // a selection of text ended here
    if (event instanceof MouseEvent && !document.getSelection()?.isCollapsed) return;
    event.preventDefault();
    event.stopPropagation();
    void openOrCopy(location, events);
  };
  root.addEventListener("click", activate, { signal });
  root.addEventListener("keydown", activate, { signal });
}

async function openOrCopy(
  location: FileLocation,
  { launchDetails, say }: LocationEvents,
): Promise<void> {
  if (!canOpen()) return say(await copied(location));
  try {
    const path = contentsPath(location.path, await launchDetails.load());
    const said = path === undefined ? undefined : await openFile(path, location);
    if (said) say(said);
    if (said !== undefined) return;
    say(`${await copied(location)}: the file is outside Jupyter's folder`);
  } catch {
    say(await copied(location));
  }
}

async function copied(location: FileLocation): Promise<string> {
  const text = locationText(location);
  return (await toClipboard(text)) ? `Copied ${text}` : "The browser blocked copying";
}
