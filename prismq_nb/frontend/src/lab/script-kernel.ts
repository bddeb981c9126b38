/** The Python kernels that can run a script, and which of them a folder uses. Pure. */

import type { KernelSpecs, Session } from "./application.js";

export interface KernelChoice {
  readonly name: string;
  readonly label: string;
}

/** The kernels for Python, by their labels. */
export function pythonKernels(specs: KernelSpecs | null): readonly KernelChoice[] {
  const found = Object.entries(specs?.kernelspecs ?? {}).flatMap(([name, spec]) =>
    spec?.language === "python" ? { name, label: spec.display_name } : [],
  );
  return found.sort((a, b) => a.label.localeCompare(b.label));
}

/**
 * The kernel of the notebooks in the folder of a script, if they have one and the same; else the
 * default kernel.
 *
 * @param path of the script, as those of the sessions.
 * @returns a name; undefined: none of these is for Python.
 */
export function kernelFor(
  path: string,
  specs: KernelSpecs | null,
  sessions: Iterable<Session>,
): string | undefined {
  const known = new Set(pythonKernels(specs).map(({ name }) => name));
  const used = new Set<string>();
  for (const { path: other, type, kernel } of sessions)
    if (
      type === "notebook" &&
      kernel &&
      known.has(kernel.name) &&
      folderOf(other) === folderOf(path)
    )
      used.add(kernel.name);
  const [only] = used.size === 1 ? used : [specs?.default ?? ""];
  return only !== undefined && known.has(only) ? only : undefined;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}
