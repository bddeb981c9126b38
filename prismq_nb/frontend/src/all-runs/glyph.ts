/** Icons in templates: `icon` of `base/dom.ts` would make a new node at each drawing. */

import { html, type TemplateResult } from "lit-html";
import { ICONS, type IconName } from "../base/dom.js";

export function glyph(name: IconName): TemplateResult {
  return html`<svg viewBox="0 0 16 16" class="prismq-icon" aria-hidden="true">
    <path d=${ICONS[name]}></path>
  </svg>`;
}
