// Builds ../static, or the folder that is given: the viewer as one script and one style sheet, the
// list of all runs, the script of the pages, the widget that anywidget syncs, and the prebuilt
// extension of JupyterLab with its settings. Prints the sizes, and fails when one grows above its
// budget: the widget is part of the state of every widget, every page of JupyterLab loads the
// scripts of the extension, and `runs.js` is all that the list of all runs needs.
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const BUDGET_BYTES = {
  // the view, 60 kB, and the connection of the page, 27 kB, which the viewer has as well
  runs: 94_000,
  widget: 5_100,
  remoteEntry: 10_000,
  lab: 48_000,
  launch: 8_000,
};

const here = fileURLToPath(new URL(".", import.meta.url));
const outdir = process.argv[2]
  ? `${resolve(process.argv[2])}/`
  : fileURLToPath(new URL("../static/", import.meta.url));
const extension = "labextensions/prismq-nb/";
const sizes = {};

// lit-html keeps the indentation of templates, which is a tenth of the script.
const templates = {
  name: "templates",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/all-runs\/.*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      return { contents: source.replaceAll(/\n\s+/g, "\n"), loader: "ts" };
    }),
};

async function bundle(source, format, define = {}) {
  const done = await build({
    absWorkingDir: here,
    entryPoints: [`src/${source}`],
    bundle: true,
    write: false,
    ...(format && { format }),
    define,
    plugins: [templates],
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
await write("runs.js", await bundle("entry/runs-bundle.ts", "iife"));
await write("page.js", await bundle("entry/run-page.ts", "iife"));
await write("widget.js", await bundle("entry/widget.ts", "esm"));

await rm(outdir + extension, { recursive: true, force: true });
await mkdir(`${outdir}${extension}static`, { recursive: true });

// Jupyter lets browsers keep what is below /lab/extensions for a year: another content needs
// another name.
async function writeHashed(name, content) {
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 20);
  const path = `static/${name}.${digest}.js`;
  await write(extension + path, content);
  return path;
}

// The names of scripts that a script loads, which are beside it.
const named = (name, path) => ({ [name]: JSON.stringify(basename(path)) });
const launch = await writeHashed("launch", await bundle("entry/launch.ts", "esm"));
const lab = await writeHashed("lab", await bundle("entry/lab.ts", "esm", named("LAUNCH", launch)));
const load = await writeHashed(
  "remoteEntry",
  await bundle("entry/labextension.ts", "iife", named("LAB", lab)),
);
const [, version] = /^__version__ = "(.+)"$/m.exec(
  await readFile(new URL("../__init__.py", import.meta.url), "utf8"),
);
const { description, license } = JSON.parse(
  await readFile(new URL("package.json", import.meta.url), "utf8"),
);
const about = { name: "prismq-nb", version, description, license };

async function writeJson(name, value) {
  const path = outdir + extension + name;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

const modules = { extension: "./extension", mimeExtension: "./mimeExtension" };
await writeJson("package.json", { ...about, jupyterlab: { _build: { load, ...modules } } });
// Jupyter's server serves a schema only with its package's manifest beside it.
const schemas = "schemas/prismq-nb/";
const schema = await readFile(new URL("schemas/plugin.json", import.meta.url), "utf8");
await writeJson(`${schemas}plugin.json`, JSON.parse(schema));
await writeJson(`${schemas}package.json.orig`, about);

console.log(
  Object.entries(sizes)
    .map(([name, size]) => `${name} ${size} bytes`)
    .join("\n"),
);
for (const [name, most] of Object.entries(BUDGET_BYTES)) {
  const [built, size] = Object.entries(sizes).find(([path]) => path.includes(`${name}.`));
  if (size > most) {
    console.error(`${built} is over its budget of ${most} bytes`);
    process.exitCode = 1;
  }
}
