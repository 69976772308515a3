/** How the tests run: which modules are taken from the compiled output, which files go first, and the time limits. */
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { COMPILED_MODULES, compiledModules } from "./test/support/compiled.ts";
import LongestFirst from "./test/support/longest-first.ts";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// `npm test` compiles first, and .ci/nodes.mjs comes after it: see test/support/compiled.ts.
const isCompiled = process.env["npm_lifecycle_event"] === "test" || process.env["NORBRIDGE_TESTS"] === "compiled";

export default defineConfig({
  plugins: isCompiled ? [compiledModules(source("./").replaceAll("\\", "/"))] : [],
  // The examples import the package by its name.
  resolve: {
    alias: [
      { find: /^norbridge$/, replacement: source("src/index.ts") },
      { find: /^norbridge\/sim$/, replacement: source("src/sim/index.ts") },
      { find: /^norbridge\/drivers$/, replacement: source("drivers/index.ts") },
      { find: /^norbridge\/protocol$/, replacement: source("firmware-protocol/index.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    server: { deps: { external: [COMPILED_MODULES] } },
    setupFiles: ["test/support/same-bytes.ts"],
    globalSetup: ["test/support/test-notes.ts"],
    // Forked processes, because the native serial module and the mock port table are global to a process.
    pool: "forks",
    // Files share a process, so that each module is loaded once: no test may leave anything behind.
    isolate: false,
    // Room for new objects, 16 MiB if nothing is set: with it a sixth of the processor's time went into collecting them.
    execArgv: ["--max-semi-space-size=64"],
    // One more than cores: the tests that run the program itself mostly wait for it.
    maxWorkers: availableParallelism() + 1,
    // No long file is the last one.
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
