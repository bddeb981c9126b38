/** A question before something that cannot be undone. */

import { element } from "../base/dom.js";

/**
 * Ask; the answer that changes nothing has the focus.
 *
 * @param root where the dialog is put, so that it has the colours of the view.
 * @param act what the other button says.
 */
export function confirm(
  root: HTMLElement,
  head: string,
  text: string,
  act: string,
): Promise<boolean> {
  const cancel = element("button", "prismq-button prismq-all-cancel", "Cancel");
  const go = element("button", "prismq-button prismq-all-go", act);
  const dialog = element(
    "dialog",
    "prismq-all-dialog",
    element("strong", "", head),
    element("p", "", text),
    element("div", "prismq-all-dialog-buttons", cancel, go),
  );
  dialog.setAttribute("aria-label", head);
  cancel.type = "button";
  go.type = "button";
  root.append(dialog);
  const before = document.activeElement;
  return new Promise((resolve) => {
    let answer = false;
    const close = (yes: boolean): void => {
      answer = yes;
      dialog.close();
    };
    cancel.addEventListener("click", () => close(false));
    go.addEventListener("click", () => close(true));
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
      resolve(answer);
    });
    dialog.showModal();
    cancel.focus();
  });
}
