import { expect, test } from "vitest";
import { looksLikePrompt } from "../src/prompt.js";

test.each([
  "Name: ",
  "Continue? [y/N] ",
  "Proceed (Y/n)? ",
  ">>> ",
  "(Pdb) ",
  "$ ",
  "\x1b[32mPassword:\x1b[0m ",
  "overwritten\rYour choice > ",
])("%j waits for an answer", (text) => expect(looksLikePrompt(text)).toBe(true));

test.each([
  "",
  "  ",
  "working",
  "loading ...",
  " 45%|████▌     | 45/100 [00:04<00:05, 9.9it/s]",
  "epoch 3/10 [loss 0.3]",
  "⠋ Installing (3)",
  "Name: \rdone",
])("%j does not", (text) => expect(looksLikePrompt(text)).toBe(false));
