import { area } from "./mutation-areas.mjs";

const { name, mutate } = area();

export default {
  testRunner: "vitest",
  vitest: { configFile: ".ci/vitest.mutation.config.mjs" },
  mutate,
  coverageAnalysis: "perTest",
  // What is computed once, when a module is loaded, cannot be switched between two tests.
  ignoreStatic: true,
  concurrency: 2,
  timeoutMS: 8000,
  reporters: ["clear-text", "json", "progress-append-only"],
  jsonReporter: { fileName: `.ci/cache/mutation-${name}.json` },
  clearTextReporter: { allowColor: false, logTests: false },
  tempDirName: ".ci/cache/stryker",
  thresholds: { high: 95, low: 90, break: 90 },
};
