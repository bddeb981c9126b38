/** The packages that JupyterLab and Notebook 7 share with their extensions. */

interface Offer {
  get(): Promise<() => unknown>;
}
export type Scope = Readonly<Record<string, Readonly<Record<string, Offer>>>>;

let scope: Scope = {};

export function setScope(shared: Scope): void {
  scope = shared;
}

/** The newest version of a shared package; undefined: this application has none. */
export async function shared<T>(name: string): Promise<T | undefined> {
  const versions = scope[name] ?? {};
  const order = (a: string, b: string): number => a.localeCompare(b, "en", { numeric: true });
  const newest = Object.keys(versions).sort(order).at(-1);
  return newest === undefined ? undefined : ((await versions[newest]?.get())?.() as T | undefined);
}
