// Builds ../static: the viewer as one script and one style sheet, the page's script, the widget that anywidget syncs, and the prebuilt extension of
// JupyterLab. Prints the sizes, and fails when the widget, which is part of the state of every widget, or the extension, which every page loads,
// grows above its budget.
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const BUDGET_BYTES = { "widget.js": 5_000, remoteEntry: 12_000 };

const here = fileURLToPath(new URL(".", import.meta.url));
const outdir = fileURLToPath(new URL("../static/", import.meta.url));
const extension = "labextensions/prismq-nb/";
const sizes = {};

async function bundle(source, format) {
  const done = await build({
    absWorkingDir: here,
    entryPoints: [`src/${source}`],
    bundle: true,
    write: false,
    ...(format && { format }),
    target: "es2022",
    minify: true,
    legalComments: "none",
    charset: "utf8",
    logLevel: "warning",
  });
  return done.outputFiles[0].contents;
}

async function write(name, content) {
  await writeFile(outdir + name, content);
  sizes[name] = content.length;
}

await mkdir(outdir, { recursive: true });
await write("viewer.js", await bundle("entry/bundle.ts", "iife"));
await write("viewer.css", await bundle("viewer/viewer.css"));
await write("page.js", await bundle("entry/run-page.ts", "iife"));
await write("widget.js", await bundle("entry/widget.ts", "esm"));

// Jupyter lets browsers keep what is below /lab/extensions for a year: another content needs another name.
const entry = await bundle("entry/labextension.ts", "iife");
const load = `static/remoteEntry.${createHash("sha256").update(entry).digest("hex").slice(0, 20)}.js`;
const [, version] = /^__version__ = "(.+)"$/m.exec(await readFile(new URL("../__init__.py", import.meta.url), "utf8"));
const { description, license } = JSON.parse(await readFile(new URL("package.json", import.meta.url), "utf8"));
const manifest = { name: "prismq-nb", version, description, license, jupyterlab: { _build: { load, extension: "./extension", mimeExtension: "./mimeExtension" } } };
await rm(outdir + extension, { recursive: true, force: true });
await mkdir(`${outdir}${extension}static`, { recursive: true });
await write(extension + load, entry);
await writeFile(`${outdir}${extension}package.json`, `${JSON.stringify(manifest, null, 2)}\n`);

console.log(Object.entries(sizes).map(([name, size]) => `${name} ${size} bytes`).join("\n"));
for (const [name, most] of Object.entries(BUDGET_BYTES)) {
  const [built, size] = Object.entries(sizes).find(([path]) => path.includes(name));
  if (size > most) {
    console.error(`${built} is over its budget of ${most} bytes`);
    process.exitCode = 1;
  }
}
