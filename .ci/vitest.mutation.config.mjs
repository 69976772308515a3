// What mutation testing runs: tests of pure code, without those that start programs or search for minutes.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "test/journal/{lines,journal,hostile}.test.ts",
      "test/jobs/mismatch.test.ts",
      "test/jobs/write/plan.test.ts",
      "test/firmware-protocol/**/*.test.ts",
      "test/bridge/native/{step-encoder,opening}.test.ts",
      "test/bridge/protocol-page.test.ts",
      "test/doctor/id-answers.test.ts",
    ],
    pool: "forks",
  },
});
