/**
 * Which addresses of a log become links, and what has to be said of them. Pure.
 *
 * A log is hostile: only http and https, nothing that hides its host (`https://bank.example@evil.example`), nothing endless.
 */

/** A longer address is no link. */
export const MAX_URL_CHARS = 2_048;
/** Of a link's text, so much is looked at. */
const MAX_TEXT_CHARS = 4_096;
/** Characters of a target that are shown beside a link. */
const MAX_SHOWN_CHARS = 60;

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

/**
 * What has to stand beside an address that was printed and is a link; undefined: nothing. Browsers
 * read `http://2130706433` as 127.0.0.1, and letters of other scripts pass for ours.
 */
export function trueHost(printed: string, href: string): string | undefined {
  const host = /^https?:\/\/(\[[^\]]*\]|[^/?#:]*)/i.exec(printed)?.[1] ?? "";
  const target = parsed(href)?.hostname ?? "";
  return host.toLowerCase() === target ? undefined : target;
}

/**
 * What has to stand beside a link whose text and address are apart (OSC 8); undefined: nothing, the
 * text names no other host and no other address.
 */
export function trueTarget(text: string, href: string): string | undefined {
  const url = parsed(href);
  if (!url) return undefined;
  const shown = text.slice(0, MAX_TEXT_CHARS);
  const words = shown.split(/[^\p{L}\p{N}\p{M}._:/?#@!$&()*+,;=%[\]~-]+/u);
  if (words.some((word) => isOther(word, url))) return shortened(url);
  const hosts = shown.split(/[^\p{L}\p{N}\p{M}._-]+/u).filter(looksLikeHost);
  const isHidden = url.hostname.includes("xn--") && !shown.includes(url.hostname);
  return isHidden || hosts.some((host) => !isWithin(host, url.hostname)) ? shortened(url) : undefined;
}

/** Whether a word is an address, and another one. */
function isOther(word: string, url: URL): boolean {
  const address = /^[^\p{L}]*(\p{L}+:\/\/.*)$/u.exec(word)?.[1];
  if (address === undefined) return false;
  const named = parsed(address.replace(/[.,;:!?)\]]+$/, "")) ?? parsed(address);
  return !named || withoutSlash(named.href) !== withoutSlash(url.href);
}

function withoutSlash(href: string): string {
  return href.replace(/\/$/, "");
}

function looksLikeHost(word: string): boolean {
  const labels = word.replace(/\.$/, "").split(".");
  if (labels.length < 2 || labels.includes("")) return false;
  return /^(?:\p{L}{2,63}|xn--[a-z\d-]+)$/iu.test(labels.at(-1) ?? "") || (labels.length === 4 && labels.every((label) => /^\d+$/.test(label)));
}

/** Whether a host that is named is the target's, or one that the target's is below. */
function isWithin(named: string, target: string): boolean {
  const name = named.toLowerCase().replace(/^www\./, "").replace(/\.$/, "");
  return target === name || target.endsWith(`.${name}`);
}

function shortened({ host, pathname, search, hash }: URL): string {
  const target = `${host}${`${pathname}${search}${hash}`.replace(/^\/$/, "")}`;
  if (target.length <= MAX_SHOWN_CHARS) return target;
  return `${target.slice(0, Math.max(MAX_SHOWN_CHARS, host.length))}\u2026`;
}

function parsed(address: string): URL | undefined {
  try {
    return new URL(address);
  } catch {
    return undefined;
  }
}
