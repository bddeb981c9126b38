// Builds ../static/viewer.js and ../static/viewer.css: one self-contained ES module (anywidget loads it from a blob URL, so no chunks and no
// relative imports) and one style sheet. Prints the sizes, and fails above the budget, because anywidget syncs both as the state of every widget.
import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const BUDGET_BYTES = 55_000; // of JavaScript and CSS together; a widget's state has to stay under 60 kB

const here = fileURLToPath(new URL(".", import.meta.url));
const outdir = fileURLToPath(new URL("../static/", import.meta.url));

await build({
  absWorkingDir: here,
  entryPoints: { viewer: "src/widget.ts" },
  outdir,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  charset: "utf8",
  logLevel: "warning",
});
await build({
  absWorkingDir: here,
  entryPoints: { viewer: "src/viewer.css" },
  outdir,
  bundle: true,
  minify: true,
  target: "es2022",
  charset: "utf8",
  logLevel: "warning",
});

const sizes = await Promise.all(["viewer.js", "viewer.css"].map(async (name) => [name, (await stat(outdir + name)).size]));
const total = sizes.reduce((sum, [, size]) => sum + size, 0);
console.log([...sizes, ["together", total]].map(([name, size]) => `${name} ${size} bytes`).join(", "));
if (total > BUDGET_BYTES) {
  console.error(`over the budget of ${BUDGET_BYTES} bytes`);
  process.exit(1);
}
