import { defineConfig } from "vitest/config";
import { area } from "./mutation-areas.mjs";

const { tests, slowTests, isSlowPass } = area();

export default defineConfig({
  test: {
    include: isSlowPass ? slowTests : tests,
    pool: "forks",
    testTimeout: 60_000,
  },
});
