import { BaseSequencer } from "vitest/node";
import { defineConfig } from "vitest/config";
import { area } from "./mutation-areas.mjs";

/** The tests that search by power cuts take seconds; what the others notice need not wait for them. */
class QuickFirst extends BaseSequencer {
  async sort(files) {
    const isSlow = ({ moduleId }) => (moduleId.endsWith("cuts.test.ts") ? 1 : 0);
    return [...files].sort((a, b) => isSlow(a) - isSlow(b));
  }
}

export default defineConfig({
  test: { include: area().tests, pool: "forks", testTimeout: 60_000, sequence: { sequencer: QuickFirst } },
});
