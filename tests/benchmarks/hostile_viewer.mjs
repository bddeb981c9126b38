// What hostile text costs the viewer, for hostile.py: the worst cost of each function over the
// texts of a file.
//     node hostile_viewer.mjs TEXTS.json
// The file holds an array of strings. Prints one JSON object per function.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const frontend = fileURLToPath(new URL("../../prismq_nb/frontend/", import.meta.url));
const { build } = createRequire(frontend)("esbuild");
const modules = ["text/ansi", "text/terminal-text", "search/search-match", "text/json-text"];
const entry = modules.map((name) => `export * from "./src/${name}.ts";`);
const bundled = await build({
  stdin: { contents: entry.join("\n"), resolveDir: frontend },
  bundle: true,
  write: false,
  format: "esm",
  target: "es2022",
});
const source = Buffer.from(bundled.outputFiles[0].contents).toString("base64");
const viewer = await import(`data:text/javascript;base64,${source}`);

const found = (text, regex) => viewer.matcherOf({ text, regex, case: false, word: false }).find;
const subjects = {
  "viewer: ANSI colours": viewer.parseAnsi,
  "viewer: unfinished text": viewer.screenRows,
  "viewer: matches of a text": found("level", false),
  "viewer: matches of a pattern": found("(?:a|e|\\d)+level=\\w+", true),
  "viewer: JSON": (text) => viewer.looksLikeJson(text) && viewer.formatJson(text),
};

/** @returns the least milliseconds of some goes. */
function cost(work, text) {
  let least = Infinity;
  for (let i = 0; i < 5; i++) {
    const begin = performance.now();
    work(text);
    least = Math.min(least, performance.now() - begin);
  }
  return least;
}

const texts = JSON.parse(await readFile(process.argv[2], "utf8"));
for (const [name, work] of Object.entries(subjects)) {
  for (const text of texts.slice(0, 50)) work(text); // compiles
  const costs = texts.map((text) => cost(work, text) / text.length);
  const worst = costs.indexOf(Math.max(...costs));
  console.log(JSON.stringify({ name, worst, "us per kB": costs[worst] * 1e6 }));
}
