import { area, reportOf } from "./mutation-areas.mjs";
import { leftPlaces } from "./mutation-score.mjs";

const { name, mutate, isSlowPass } = area();

export default {
  testRunner: "vitest",
  vitest: { configFile: ".ci/vitest.mutation.config.mjs" },
  mutate: isSlowPass ? leftPlaces(name) : mutate,
  coverageAnalysis: "perTest",
  // What is computed once, when a module is loaded, cannot be switched between two tests.
  ignoreStatic: true,
  concurrency: 2,
  timeoutMS: 8000,
  reporters: ["json", "progress-append-only"],
  jsonReporter: { fileName: reportOf(name, isSlowPass) },
  tempDirName: ".ci/cache/stryker",
};
