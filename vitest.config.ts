import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // The command line and the simulator stand here but lack the rooms below them (README, "State").
    exclude: ["test/cli/**"],
    // Forked processes, because the native serial module and the mock port table are global to a process.
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
