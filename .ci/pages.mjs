// The pages that a browser shows: dist/page-NAME from src/NAME's folder, by vite. A page whose sources are as they were at its last
// build is left alone, which takes a few milliseconds: `npm start` and `npm test` call this each time.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { licences } from "./licences.mjs";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Name of a page and its folder, which holds its index.html. */
const PAGES = { station: "src/station-page", chip: "src/page" };

/** What every page depends on besides its own modules. */
const TOOLS = [".ci/pages.mjs", "package-lock.json", "node_modules/vite/package.json"];

for (const [name, folder] of Object.entries(PAGES)) {
  const state = join(ROOT, `.ci/cache/page-${name}.json`);
  const out = join(ROOT, `dist/page-${name}`);
  if (existsSync(join(out, "index.html")) && isFresh(state)) continue;
  const inputs = await buildPage(name, folder, out);
  mkdirSync(join(ROOT, ".ci/cache"), { recursive: true });
  writeFileSync(state, JSON.stringify({ inputs, hash: hashOf(inputs) }));
}

/** Whether all that went into the last build still has the same bytes. */
function isFresh(state) {
  if (!existsSync(state)) return false;
  const { inputs, hash } = JSON.parse(readFileSync(state, "utf8"));
  return inputs.every((path) => existsSync(join(ROOT, path))) && hashOf(inputs) === hash;
}

function hashOf(inputs) {
  const hash = createHash("sha256");
  for (const path of inputs) hash.update(`${path}\n`).update(readFileSync(join(ROOT, path)));
  return hash.digest("hex");
}

/** Builds a page whole or not at all. Returns the files that it was made from. */
async function buildPage(name, folder, out) {
  const { build } = await import("vite");
  const modules = new Set();
  const next = join(ROOT, `dist/.page-${name}.${process.pid}`);
  await build({
    configFile: false,
    root: join(ROOT, folder),
    // The page works from any path, and from a folder on a disk.
    base: "./",
    logLevel: "warn",
    publicDir: existsSync(join(ROOT, folder, "public")) ? "public" : false,
    build: {
      outDir: next,
      emptyOutDir: true,
      target: "es2023",
      // No data: URL and no script in the HTML: the content policy of the page allows neither.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      rolldownOptions: { checks: { pluginTimings: false } },
    },
    worker: { format: "es" },
    plugins: [collector(modules)],
  });
  const inputs = [...modules].map((path) => relative(ROOT, path).replaceAll("\\", "/"));
  writeFileSync(join(next, "LICENSES.txt"), licences(ROOT, inputs));
  rmSync(out, { recursive: true, force: true });
  renameSync(next, out);
  return [...new Set([...TOOLS, ...inputs.filter((path) => !path.startsWith("node_modules/"))])].toSorted();
}

/** Notes every file that a build reads. */
function collector(modules) {
  const note = (id) => {
    const path = id.split("?")[0];
    if (!path.startsWith("\0") && existsSync(path)) modules.add(resolve(path));
  };
  return {
    name: "collector",
    moduleParsed({ id }) {
      note(id);
    },
    buildEnd() {
      for (const path of this.getWatchFiles?.() ?? []) note(path);
    },
  };
}
