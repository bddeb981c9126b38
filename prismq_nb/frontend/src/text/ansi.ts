/**
 * Escape sequences of terminals -> spans of text with a style. Pure; makes no markup.
 *
 * Log text is hostile. Only SGR ("colour") and links (OSC 8) have an effect; what else a line shows is `terminal-text.ts`'s to say. Other control
 * characters become signs. A line begins with the colours that the one before it left, as rows are shown in any order.
 */

import { Ends, INTRODUCER, sequenceAt } from "./escapes.js";
import { safeLink } from "../base/href.js";
import { INVISIBLE, sign } from "../base/marks.js";
import { dressed, type Pen, type Style } from "./sgr.js";
import { shown } from "./terminal-text.js";

export type { Color, Style } from "./sgr.js";

export interface Span {
  readonly text: string;
  /** Undefined: plain. */
  readonly style: Style | undefined;
  /** Address of a link, checked. */
  readonly href?: string;
  /** The text is a sign for the character of this code. */
  readonly code?: string;
  /** What was printed, where the text has signs in its place. */
  readonly raw?: string;
}

/**
 * Changes of colour and links of one line that are shown: a line of 16 kB has fewer, a whole one of
 * 1 MiB may have 200,000.
 */
const MAX_STYLED = 10_000;
/** Signs of one line that have a box of their own and a tooltip. */
const MAX_SIGNS = 500;

const LINE_BREAK = /[\n\v\f\x85\u2028\u2029]/;
const SPECIAL_CLASS = `[\\x00-\\x08\\x0a-\\x1f\\x7f-\\x9f\\u2028\\u2029${INVISIBLE}]`;
const ANY_SPECIAL = new RegExp(SPECIAL_CLASS);

/** Whether a text is more than itself: most are not, and need no spans. */
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
  const ends = new Ends(text);
  let position = 0;
  for (let match = special.exec(text); match; match = special.exec(text)) {
    const [found] = match;
    spans.add(text.slice(position, match.index));
    position = match.index + 1;
    if (INTRODUCER.test(found)) {
      const { end, kind, value } = sequenceAt(text, match.index, ends);
      if (kind === "move") return parseAnsi(shown(text), pen);
      if (kind === "sgr") spans.dress(value);
      else if (kind === "link") spans.link(safeLink(value));
      position = special.lastIndex = end;
    } else if (found === "\r" || found === "\b") return parseAnsi(shown(text), pen);
    // A row is one line high, whatever the text says.
    else if (LINE_BREAK.test(found)) spans.add("\u21b5");
    else spans.sign(found);
  }
  spans.add(text.slice(position));
  return spans.done();
}

/** The text as it is shown, without styles: for a copy, for looking at what it says. */
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
 * Collects spans. Of a line that is nothing but colours and signs, the later ones are plain, so that
 * no row has too many elements.
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
  /** What `#text` stands for, from where it is something else. */
  #raw: string | undefined;
  #styled = 0;
  #signs = 0;

  constructor(pen: string) {
    if (pen) this.dress(pen.slice(2, -1));
  }

  add(text: string): void {
    this.#text += text;
    if (this.#raw !== undefined) this.#raw += text;
  }

  dress(parameters: string): void {
    const { pen, key } = dressed(this.#pen, this.#penKey, parameters);
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
    this.#text += character < " " ? String.fromCharCode(0x2400 + character.charCodeAt(0)) : "\ufffd";
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
