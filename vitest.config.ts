import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Forked processes, because the native serial module and the mock port table are global to a process.
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
