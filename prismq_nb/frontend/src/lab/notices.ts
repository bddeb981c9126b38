/** Notices about runs that have ended, in JupyterLab and Notebook 7. */

import { url } from "../base/page.js";
import { type ClaimStorage, Claims, claimed } from "../notices/claims.js";
import { writeLastSeen } from "../notices/last-seen.js";
import { Notices, type TitleMark } from "../notices/notices.js";
import { onScreen } from "../notices/on-screen.js";
import { PageTitle } from "../notices/page-title.js";
import type { Activity } from "../runs/activity.js";
import type { ListedRun } from "../runs/runs-text.js";
import { type Application, COMMANDS, type Plugin, type Shared } from "./application.js";
import {
  canNotify,
  isAllowed,
  isUndecided,
  notify,
  requestPermission,
  shouldOffer,
} from "./browser-notices.js";
import type { RunSettings } from "./settings.js";
import { type Toaster, Toasts } from "./toasts.js";

const MARKS: Readonly<Record<TitleMark, string>> = {
  running: "\u25cf ",
  failed: "\u2717 ",
  done: "\u2713 ",
  none: "",
};
const ALLOW = "Allow Browser Notifications";

export async function noticesPlugin(
  shared: Shared,
  activity: Activity,
  settings: RunSettings,
): Promise<Plugin | undefined> {
  const utils = await shared<{ readonly Notification: Toaster }>("@jupyterlab/apputils");
  if (!utils) return undefined;
  const activate = (app: Application): void => {
    const allow = (): void => void allowNotifications(utils.Notification);
    addCommand(app, allow);
    const toasts = new Toasts(app, utils.Notification, () =>
      settings.browserNotices && shouldOffer() ? [{ label: ALLOW, callback: allow }] : [],
    );
    const notices = noticesOf(app, toasts, settings);
    settings.onChange(() => notices.review());
    document.addEventListener("visibilitychange", () => notices.review());
    window.addEventListener("storage", ({ key, newValue }) => {
      if (key === storageName("shown")) notices.toldElsewhere(claimed(newValue));
    });
    activity.join(notices);
  };
  return { id: "prismq-nb:notices", autoStart: true, optional: [], activate };
}

/** Key of what all windows with this server share: others may be below the same origin. */
export function storageName(what: "active" | "sent" | "shown"): string {
  return `prismq:${what}@${url("")}`;
}

/** The storage of the browser; one that forgets everything if the person forbids it. */
export function pageStorage(): ClaimStorage {
  try {
    return localStorage;
  } catch {
    return { getItem: () => null, setItem: () => undefined };
  }
}

function noticesOf(app: Application, toasts: Toasts, settings: RunSettings): Notices {
  const { locks } = navigator as Partial<Navigator>;
  const claimsOf = (how: "sent" | "shown"): Claims =>
    new Claims(storageName(how), pageStorage(), locks);
  const claims = { sent: claimsOf("sent"), shown: claimsOf("shown") };
  const title = new PageTitle();
  return new Notices({
    visible: () => document.visibilityState === "visible",
    hasFocus: () => document.hasFocus(),
    now: () => Date.now(),
    choice: () => settings.notices,
    onScreen,
    claim: (how, runs) => claims[how].claim(runs),
    show: (runs) => toasts.show(runs, Date.now()),
    maySend: () => settings.browserNotices && isAllowed(),
    send: (runs) => notify(runs, () => open(app, runs)),
    mark: (mark) => title.set(MARKS[mark]),
    remember: (runs) =>
      writeLastSeen(storageName("active"), pageStorage(), { runs, at: Date.now() }),
  });
}

function open(app: Application, runs: readonly ListedRun[]): void {
  const [run, ...others] = runs;
  if (!run || others.length) void app.commands.execute(COMMANDS.showRuns);
  else void app.commands.execute(COMMANDS.openRun, { run_id: run.run_id, name: run.module_name });
}

function addCommand(app: Application, allow: () => void): void {
  app.commands.addCommand(COMMANDS.allowNotices, {
    label: `${ALLOW} for Runs`,
    caption: "Let the browser tell that a run has ended while this page is hidden",
    isVisible: () => canNotify() && !isAllowed(),
    execute: allow,
  });
}

async function allowNotifications(toaster: Toaster): Promise<void> {
  const wasAsked = isUndecided();
  const isGranted = await requestPermission();
  const message = isGranted
    ? "The browser will tell when runs end while this page is hidden."
    : "The browser refuses notifications of this page. Its settings for this site can allow them.";
  if (isGranted || !wasAsked) toaster.info(message, { autoClose: 8_000, actions: [] });
}
