/** From the path of a file, as a program prints it, to its path in Jupyter. Pure. */

import type { Launch } from "../api/launch-details.js";

/** The folders of a run. */
export type Places = Pick<Launch, "cwd" | "home" | "roots">;

/** The path below Jupyter's root folder; undefined: it is outside, or the folders are not known. */
export function contentsPath(path: string, { cwd, home, roots }: Places): string | undefined {
  const absolute = absolutePath(path, cwd, home);
  if (absolute === undefined) return undefined;
  for (const root of roots) {
    const base = root.endsWith("/") ? root : `${root}/`;
    if (absolute.startsWith(base) && absolute.length > base.length)
      return absolute.slice(base.length);
  }
  return undefined;
}

function absolutePath(path: string, cwd: string | null, home: string | null): string | undefined {
  if (path.startsWith("~/")) return home === null ? undefined : normal(`${home}/${path.slice(2)}`);
  if (path.startsWith("/")) return normal(path);
  return cwd === null || path.startsWith("~") ? undefined : normal(`${cwd}/${path}`);
}

/** Remove `.` and `..`, assuming that there are no symbolic links. */
function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
