/** The button of the notebook toolbar that turns watching on and off. */

import { OFF_ICON, ON_ICON } from "./icons.js";
import type { Watcher } from "./watcher.js";

const TOOLTIP = "Watch long cells: their output goes to a log that nothing loses";

/** Pulses while the kernel is busy with something else, but not for a moment only. */
const STYLE = `
@keyframes prismq-pending { 50% { opacity: 0.4; } }
.jp-ToolbarButton[aria-busy="true"] .prismq-watch-cells svg {
  animation: prismq-pending 1.6s ease-in-out 0.4s infinite;
}
@media (prefers-reduced-motion: reduce) {
  .jp-ToolbarButton[aria-busy="true"] .prismq-watch-cells svg { animation: none; opacity: 0.5; }
}`;

/** The part of @jupyterlab/ui-components that is used here. */
export interface Components {
  readonly LabIcon: new (icon: { readonly name: string; readonly svgstr: string }) => object;
  readonly ToolbarButton: new (props: Props) => ToolbarButton;
}
interface Props {
  readonly className: string;
  readonly icon: object;
  readonly pressedIcon: object;
  readonly onClick: () => void;
  tooltip: string;
  disabledTooltip: string;
}
interface ToolbarButton {
  readonly node: HTMLElement;
  readonly disposed: { connect(slot: () => void): unknown };
  enabled: boolean;
  pressed: boolean;
  update(): void;
}

/** @returns a function that makes a button for the notebook of a watcher. */
export function buttons({ LabIcon, ToolbarButton }: Components): (watcher: Watcher) => object {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  document.adoptedStyleSheets.push(sheet);
  const icon = new LabIcon({ name: "prismq:watch-cells", svgstr: OFF_ICON });
  const pressedIcon = new LabIcon({ name: "prismq:watching-cells", svgstr: ON_ICON });
  return (watcher) => {
    const props = {
      className: "prismq-watch-cells",
      icon,
      pressedIcon,
      onClick: () => watcher.toggle(),
      tooltip: TOOLTIP,
      disabledTooltip: "",
    };
    const button = new ToolbarButton(props);
    const show = (): void => {
      // the button keeps this object, and reads it when it draws
      props.tooltip = watcher.isPending ? `${TOOLTIP} (as soon as the kernel is idle)` : TOOLTIP;
      props.disabledTooltip = `Watch long cells: not here, ${watcher.unavailable}`;
      button.node.setAttribute("aria-busy", String(watcher.isPending));
      button.enabled = watcher.unavailable === undefined;
      button.pressed = watcher.isOn;
      button.update();
    };
    show();
    button.disposed.connect(watcher.listen(show));
    return button;
  };
}
