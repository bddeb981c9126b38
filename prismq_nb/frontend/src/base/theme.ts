/**
 * Light or dark theme, and whether the page's own colours (`--jp-*`) apply.
 *
 * In script, because pages declare their theme in different ways and a viewer may override it.
 */

export type Theme = "auto" | "light" | "dark";

/** Update the theme classes of `root` until disposed; call `refresh` after `wanted` changed. */
export function followTheme(
  root: HTMLElement,
  wanted: () => Theme,
): { refresh: () => void; dispose: () => void } {
  const media = matchMedia("(prefers-color-scheme: dark)");
  const refresh = (): void => {
    const page = pageTheme() ?? (media.matches ? "dark" : "light");
    const theme = wanted();
    const dark = (theme === "auto" ? page : theme) === "dark";
    root.classList.toggle("prismq-dark", dark);
    root.classList.toggle(
      "prismq-page-colors",
      pageTheme() !== undefined && dark === (page === "dark"),
    );
  };
  const observer = new MutationObserver(refresh);
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  media.addEventListener("change", refresh);
  refresh();
  return {
    refresh,
    dispose: () => {
      observer.disconnect();
      media.removeEventListener("change", refresh);
    },
  };
}

/** The theme of JupyterLab and Notebook 7; undefined elsewhere. */
function pageTheme(): "light" | "dark" | undefined {
  const light = document.body.dataset.jpThemeLight;
  return light === undefined ? undefined : light === "true" ? "light" : "dark";
}
