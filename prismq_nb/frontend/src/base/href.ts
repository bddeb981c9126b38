/**
 * Decide which URLs in a log become links, and which warnings they need. Pure.
 *
 * Log text is untrusted: only http and https, no URL that disguises its host
 * (`https://bank.example@evil.example`), and a bounded length.
 */

/** Longer URLs do not become links. */
export const MAX_URL_CHARS = 2_048;
/** Characters of a link's text that are examined. */
const MAX_TEXT_CHARS = 4_096;
/** Characters of a target shown beside a link, unless its host is longer. */
const MAX_SHOWN_CHARS = 60;

/** Normalize a URL as a browser does; return undefined if it must not become a link. */
export function safeLink(address: string): string | undefined {
  if (
    address.length > MAX_URL_CHARS ||
    !/^https?:\/\//i.test(address) ||
    /[\x00-\x20\x7f-\x9f\\]/.test(address)
  )
    return undefined;
  const url = parsed(address);
  return url?.host && !url.username && !url.password ? url.href : undefined;
}

/**
 * Tooltip of a link; the host in ASCII (Punycode), so that look-alike letters cannot disguise it.
 */
export function linkTitle(href: string): string {
  const url = parsed(href);
  return url ? `Opens ${url.host} in a new tab` : "";
}

/**
 * Return the real host of a printed URL if it differs from the printed one, else undefined.
 *
 * Browsers read `http://2130706433` as 127.0.0.1, and letters of other scripts look like Latin
 * ones.
 */
export function trueHost(printed: string, href: string): string | undefined {
  const host = /^https?:\/\/(\[[^\]]*\]|[^/?#:]*)/i.exec(printed)?.[1] ?? "";
  const target = parsed(href)?.hostname ?? "";
  return host.toLowerCase() === target ? undefined : target;
}

/**
 * Return the target to show beside a link with separate text and URL (OSC 8); undefined if the text
 * names no other host and no other URL.
 */
export function trueTarget(text: string, href: string): string | undefined {
  const url = parsed(href);
  if (!url) return undefined;
  const shown = text.slice(0, MAX_TEXT_CHARS);
  const words = shown.split(/[^\p{L}\p{N}\p{M}._:/?#@!$&()*+,;=%[\]~-]+/u);
  if (words.some((word) => isOther(word, url))) return shortened(url);
  const hosts = shown.split(/[^\p{L}\p{N}\p{M}._-]+/u).filter(looksLikeHost);
  const isHidden = url.hostname.includes("xn--") && !shown.includes(url.hostname);
  return isHidden || hosts.some((host) => !isWithin(host, url.hostname))
    ? shortened(url)
    : undefined;
}

/** Whether a word is a URL other than `url`. */
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
  return (
    /^(?:\p{L}{2,63}|xn--[a-z\d-]+)$/iu.test(labels.at(-1) ?? "") ||
    (labels.length === 4 && labels.every((label) => /^\d+$/.test(label)))
  );
}

/** Whether `target` is the named host or a subdomain of it. */
function isWithin(named: string, target: string): boolean {
  const name = named
    .toLowerCase()
    .replace(/^www\./, "")
    .replace(/\.$/, "");
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
