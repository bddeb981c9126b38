/** What a person decided for a kernel, kept for this browser tab when the page is reloaded. */

const key = (kernel: string): string => `prismq-watch-cells:${kernel}`;

/** undefined: nothing was decided. */
export function recall(kernel: string): boolean | undefined {
  try {
    const kept = sessionStorage.getItem(key(kernel));
    return kept === null ? undefined : kept === "on";
  } catch {
    return undefined; // storage is switched off
  }
}

export function remember(kernel: string, decision: boolean | undefined): void {
  try {
    if (decision === undefined) sessionStorage.removeItem(key(kernel));
    else sessionStorage.setItem(key(kernel), decision ? "on" : "off");
  } catch {
    // the page knows it until it is reloaded
  }
}
