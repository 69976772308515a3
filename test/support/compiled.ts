/**
 * Lets the tests import the compiled modules in `dist` in place of the sources that they name. Under `npm test`, which has just
 * compiled them, this saves a second translation in every test process: a sixth of the processor's time. Tests by `npx vitest`
 * import the sources, so that a change needs no build.
 */
import { dirname, posix } from "node:path";
import type { Plugin } from "vitest/config";

/** The folders that tsconfig.json compiles: vite builds those of the pages. */
const COMPILED = /^(?:src\/(?!panel\/|page\/|station-page\/)|drivers\/|firmware-protocol\/)/;

/** Where the compiled modules are: for vitest, which loads them as Node.js does. */
export const COMPILED_MODULES = /\/dist\/(?:src|drivers|firmware-protocol)\//;

/** The compiled module of a source; undefined for every other file. `root` and the paths have `/`, `root` one at its end. */
export function compiledPath(root: string, path: string): string | undefined {
  if (!path.endsWith(".ts") || !path.startsWith(root)) return undefined;
  const name = path.slice(root.length);
  return COMPILED.test(name) ? `${root}dist/${name.slice(0, -".ts".length)}.js` : undefined;
}

/** For vitest.config.ts. `root` is the folder of the repository, with `/` at its end. */
export function compiledModules(root: string): Plugin {
  return {
    name: "compiled-modules",
    enforce: "pre",
    resolveId(id, importer) {
      if (!id.startsWith(".")) return compiledPath(root, id);
      return importer === undefined ? undefined : compiledPath(root, posix.join(dirname(importer), id));
    },
  };
}
