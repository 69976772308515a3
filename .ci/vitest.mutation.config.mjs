import { defineConfig } from "vitest/config";
import { area } from "./mutation-areas.mjs";

const { tests, slowTests, isSlowPass } = area();

export default defineConfig({
  test: {
    include: (isSlowPass ? slowTests : tests).filter((pattern) => !pattern.startsWith("!")),
    exclude: tests.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1)),
    pool: "forks",
    testTimeout: 60_000,
  },
});
