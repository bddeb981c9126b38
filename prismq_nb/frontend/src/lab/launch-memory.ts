/** What a person chose when a file was launched last, kept in the browser. */

import { baseUrl } from "../base/page.js";

/** Files that are remembered; the oldest are forgotten. */
const MAX_FILES = 100;

export interface LaunchChoices {
  /** As in a shell. */
  readonly arguments: string;
  /** Working directory; empty: the folder of the file. */
  readonly cwd: string;
  /** Empty: the server's Python; absent: that of the folder's notebooks. */
  readonly kernel?: string | undefined;
}
type Remembered = readonly (readonly [path: string, choices: LaunchChoices])[];

export function remembered(path: string): LaunchChoices | undefined {
  return read().find(([other]) => other === path)?.[1];
}

/** Nothing is remembered where the browser keeps nothing. */
export function remember(path: string, choices: LaunchChoices): void {
  const others = read().filter(([other]) => other !== path);
  try {
    localStorage.setItem(key(), JSON.stringify([[path, choices], ...others].slice(0, MAX_FILES)));
  } catch {
    // full, or blocked
  }
}

function read(): Remembered {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(key()) ?? "[]");
    return Array.isArray(found) ? (found as Remembered) : [];
  } catch {
    return [];
  }
}

/** Servers below one origin, as a hub has them, are apart. */
function key(): string {
  return `prismq_nb.launches@${baseUrl()}`;
}
