/**
 * Convert terminal text to spans with a style. Pure; creates no markup.
 *
 * Log text is hostile: only SGR ("colour") and links (OSC 8) have an effect. `terminal-text.ts`
 * resolves cursor moves, and other control characters are shown as signs. A line begins with the
 * colours that the previous one left; they are stored with it, because rows are drawn in any order.
 */

import { safeLink } from "../base/href.js";
import { INVISIBLE, sign } from "../base/marks.js";
import { INTRODUCER, StringEnds, sequenceAt } from "./escapes.js";
import { type Pen, penAfterSgr, type Style } from "./sgr.js";
import { shown } from "./terminal-text.js";

export type { Color, Style } from "./sgr.js";

export interface Span {
  readonly text: string;
  /** Undefined: plain text. */
  readonly style: Style | undefined;
  /** Address of a link, checked. */
  readonly href?: string;
  /** Code of the character that the text stands for. */
  readonly code?: string;
  /** The printed text, if `text` has signs for some of its characters. */
  readonly raw?: string;
}

/**
 * Changes of colour and links that are drawn in one line: a line of 16 kB has fewer, one of 1 MiB
 * may have 200,000.
 */
const MAX_STYLED = 10_000;
/** Signs in one line that have an element of their own, with a tooltip. */
const MAX_SIGNS = 500;

const LINE_BREAK = /[\n\v\f\x85\u2028\u2029]/;
const SPECIAL_CLASS = `[\\x00-\\x08\\x0a-\\x1f\\x7f-\\x9f\\u2028\\u2029${INVISIBLE}]`;
const ANY_SPECIAL = new RegExp(SPECIAL_CLASS);

/** Whether a text has special characters. Most texts have none, and need no spans. */
export function isSpecial(text: string): boolean {
  return ANY_SPECIAL.test(text);
}

/**
 * The text of a line as styled spans; empty for an empty text.
 *
 * @param pen `sgrOf` the colours in force before it.
 */
export function parseAnsi(text: string, pen = ""): Span[] {
  const special = new RegExp(SPECIAL_CLASS, "g");
  const spans = new Spans(pen);
  const ends = new StringEnds(text);
  let position = 0;
  for (let match = special.exec(text); match; match = special.exec(text)) {
    const [found] = match;
    spans.add(text.slice(position, match.index));
    position = match.index + 1;
    if (INTRODUCER.test(found)) {
      const { end, kind, value } = sequenceAt(text, match.index, ends);
      if (kind === "move") return parseAnsi(shown(text), pen);
      if (kind === "sgr") spans.setStyle(value);
      else if (kind === "link") spans.link(safeLink(value));
      position = special.lastIndex = end;
    } else if (found === "\r" || found === "\b") return parseAnsi(shown(text), pen);
    // A row is always one line high.
    else if (LINE_BREAK.test(found)) spans.add("\u21b5");
    else spans.sign(found);
  }
  spans.add(text.slice(position));
  return spans.done();
}

/** The text as it is shown, without styles: to copy or to search. */
export function plainText(text: string): string {
  if (!isSpecial(text)) return text;
  return parseAnsi(text)
    .map(({ text: shown, code, raw }) => raw ?? (code ? characterOf(code) : shown))
    .join("");
}

function characterOf(code: string): string {
  return String.fromCodePoint(Number.parseInt(code.slice(2), 16));
}

/**
 * Collects spans. After many colours or signs in a line the rest is plain, to bound the number of
 * elements.
 */
class Spans {
  readonly #spans: Span[] = [];
  #pen: Pen = {};
  /** `sgrOf` the pen. */
  #penKey = "";
  #style: Style | undefined;
  #styleKey = "";
  #href: string | undefined;
  #text = "";
  /** The printed text, once `#text` differs from it. */
  #raw: string | undefined;
  #styled = 0;
  #signs = 0;

  constructor(pen: string) {
    if (pen) this.setStyle(pen.slice(2, -1));
  }

  add(text: string): void {
    this.#text += text;
    if (this.#raw !== undefined) this.#raw += text;
  }

  setStyle(parameters: string): void {
    const { pen, key } = penAfterSgr(this.#pen, this.#penKey, parameters);
    this.#pen = pen;
    this.#penKey = key;
    if (key === this.#styleKey || this.#styled >= MAX_STYLED) return;
    this.#flush();
    this.#styled++;
    this.#styleKey = this.#styled < MAX_STYLED ? key : "";
    this.#style = this.#styleKey ? pen : undefined;
  }

  link(href: string | undefined): void {
    if (href === this.#href || (href && ++this.#styled > MAX_STYLED)) return;
    this.#flush();
    this.#href = href;
  }

  sign(character: string): void {
    const shown = sign(character);
    if (!shown) return;
    if (++this.#signs <= MAX_SIGNS) {
      this.#flush();
      this.#push({ text: shown.text, style: this.#style, code: shown.code });
      return;
    }
    this.#raw ??= this.#text;
    this.#raw += character;
    this.#text +=
      character < " " ? String.fromCharCode(0x2400 + character.charCodeAt(0)) : "\ufffd";
  }

  done(): Span[] {
    this.#flush();
    return this.#spans;
  }

  #flush(): void {
    const raw = this.#raw === undefined ? {} : { raw: this.#raw };
    if (this.#text) this.#push({ text: this.#text, style: this.#style, ...raw });
    this.#text = "";
    this.#raw = undefined;
  }

  #push(span: Span): void {
    this.#spans.push(this.#href ? { ...span, href: this.#href } : span);
  }
}
