// The program as users run it: dist/bin/norbridge.cjs starts dist/bin/program.cjs, which is everything but serialport.
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { licences } from "./licences.mjs";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const OUT = join(ROOT, "dist/bin");

const common = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20.19",
  write: false,
  metafile: true,
  legalComments: "none",
  // Names stay, so that a stack in a bug report can be read.
  minifySyntax: true,
  minifyWhitespace: true,
  logLevel: "warning",
};

// Of yargs the program uses the parser; its other helpers would load the rest of it with them.
const parserAlone = {
  name: "parser-alone",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^yargs\/helpers$/ }, () => ({ path: "yargs-helpers", namespace: "parser-alone" }));
    onLoad({ filter: /./, namespace: "parser-alone" }, () => ({
      contents: 'export { default as Parser } from "yargs-parser";',
      resolveDir: join(ROOT, "node_modules/yargs"),
    }));
  },
};

const program = await build({
  ...common,
  entryPoints: ["src/cli/program/main.ts"],
  outfile: "dist/bin/program.cjs",
  sourcemap: "linked",
  sourcesContent: false,
  plugins: [parserAlone],
  // What few commands use is not in the bundle either, so that the others do not start slower.
  external: [
    "serialport",
    "@serialport/parser-byte-length",
    "yaml",
    "zod",
    "csv-parse",
    "@photostructure/sqlite",
    "pg",
    "hono",
    "@hono/node-server",
  ],
  // These are CommonJS, or have it: `require` spares the loader of modules.
  supported: { "dynamic-import": false },
  define: { "import.meta.url": "programUrl" },
  banner: { js: "(function(require,programUrl){" },
  footer: { js: "})" },
});
const [map, code] = ["program.cjs.map", "program.cjs"].map((name) =>
  program.outputFiles.find((file) => file.path.endsWith(`/${name}`) || file.path.endsWith(`\\${name}`)),
);
if (/[^\x00-\x7f]/.test(code.text)) throw new Error("the program is not plain ASCII");
const launcher = await build({
  ...common,
  entryPoints: ["src/launcher/launcher.ts"],
  outfile: "dist/bin/norbridge.cjs",
  define: {
    "import.meta.url": "launcherUrl",
    PROGRAM_BUILD: JSON.stringify(createHash("sha256").update(code.text).digest("hex").slice(0, 16)),
  },
  banner: { js: '#!/usr/bin/env node\n"use strict";const launcherUrl=require("node:url").pathToFileURL(__filename);' },
});

mkdirSync(OUT, { recursive: true });
write("program.cjs", code.text);
write("program.cjs.map", map.text);
write("LICENSES.txt", licences(ROOT, Object.keys(program.metafile.inputs)));
// Last: a check whether the program is up to date looks at this file.
write("norbridge.cjs", launcher.outputFiles[0].text);
chmodSync(join(OUT, "norbridge.cjs"), 0o755);

/** Whole or not at all: tests run the program while it is built again. */
function write(name, text) {
  const path = join(OUT, name);
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}
