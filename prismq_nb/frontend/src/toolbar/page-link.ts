/** The link from a cell to the run's own page. */

import { element, icon } from "../base/dom.js";
import { url } from "../base/page.js";

export function pageLink(run: string): HTMLAnchorElement {
  const link = element("a", "prismq-button prismq-page-link", icon("page"));
  link.href = url(`prismq/runs/${run}`);
  link.target = "_blank";
  link.rel = "noopener";
  link.title = "Open this run on its own page, in a new tab";
  link.setAttribute("aria-label", "Open on its own page");
  return link;
}
