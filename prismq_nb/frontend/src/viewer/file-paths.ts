/** Where a file that a program names is in Jupyter. Pure. */

import type { Launch } from "../api/launched.js";

/** What has to be known of a run. */
export type Places = Pick<Launch, "cwd" | "home" | "roots">;

/** The path below the folder in which Jupyter opens files; undefined: it is not there, or not known. */
export function contentsPath(path: string, { cwd, home, roots }: Places): string | undefined {
  const absolute = absolutePath(path, cwd, home);
  if (absolute === undefined) return undefined;
  for (const root of roots) {
    const base = root.endsWith("/") ? root : `${root}/`;
    if (absolute.startsWith(base) && absolute.length > base.length) return absolute.slice(base.length);
  }
  return undefined;
}

function absolutePath(path: string, cwd: string | null, home: string | null): string | undefined {
  if (path.startsWith("~/")) return home === null ? undefined : normal(`${home}/${path.slice(2)}`);
  if (path.startsWith("/")) return normal(path);
  return cwd === null || path.startsWith("~") ? undefined : normal(`${cwd}/${path}`);
}

/** Without `.` and `..`, as a path is read that has no symbolic links in it. */
function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
