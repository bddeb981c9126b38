/** Icons of the extension. Colours come from JupyterLab's theme by their classes. */

const svg = (shapes: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">${shapes}</svg>`;

/** Lines of a log, the last of them still growing. */
export const RUNS_ICON = svg(
  `<path class="jp-icon3" fill="#616161" d="M3 5h2v2H3zm4 0h14v2H7zM3 11h2v2H3zm4 0h14v2H7zM3 ` +
    `17h2v2H3zm4 0h5v2H7z"/><path class="jp-icon3" fill="#616161" d="m15 14.5 6 3.5-6 3.5z"/>`,
);
