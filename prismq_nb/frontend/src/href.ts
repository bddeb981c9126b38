/**
 * Which addresses of a log (OSC 8) become links. Pure.
 *
 * A log is hostile: only http and https, nothing that hides its host (`https://bank.example@evil.example`), nothing endless.
 */

const MAX_URL_CHARS = 2_048;

/** The address as a browser would take it; undefined: not one that we link to. */
export function safeLink(address: string): string | undefined {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (address.length > MAX_URL_CHARS || !/^https?:\/\//i.test(address) || /[\x00-\x20\x7f-\x9f\\]/.test(address)) return undefined;
  const url = parsed(address);
  return url?.host && !url.username && !url.password ? url.href : undefined;
}

/** Where a link leads, in words; the host as ASCII, so that no letter passes for another. */
export function linkTitle(href: string): string {
  const url = parsed(href);
  return url ? `Opens ${url.host} in a new tab` : "";
}

function parsed(address: string): URL | undefined {
  try {
    return new URL(address);
  } catch {
    return undefined;
  }
}
