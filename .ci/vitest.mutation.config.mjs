import { defineConfig } from "vitest/config";
import { area } from "./mutation-areas.mjs";

export default defineConfig({ test: { include: area().tests, pool: "forks", testTimeout: 60_000 } });
