/**
 * The button's icons: an eye, open and filled while cells are watched. Colours come from
 * JupyterLab's theme by their classes, which need an attribute of the same element to replace.
 */

const OUTLINE = "M2 12C4.5 7.5 8 5.5 12 5.5S19.5 7.5 22 12c-2.5 4.5-6 6.5-10 6.5S4.5 16.5 2 12z";
const svg = (shapes: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">${shapes}</svg>`;

export const OFF_ICON = svg(
  `<g fill="none"><path class="jp-icon3" stroke="#616161" stroke-width="2"` +
    ` stroke-linejoin="round" d="${OUTLINE}"/></g>` +
    `<circle class="jp-icon3" fill="#616161" cx="12" cy="12" r="3"/>`,
);
export const ON_ICON = svg(
  `<path class="jp-icon-brand0" fill="#1976D2" d="${OUTLINE}"/>` +
    `<circle class="jp-icon2-inverse" fill="#fff" cx="12" cy="12" r="3.4"/>`,
);
