/** How many files a reader enters who follows one command. It may fall; growth is a decision, so it shows here. */
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { measureWalks } from "../../src/bench/walk.ts";
import { effort } from "../support/effort.ts";

const COMPILED = fileURLToPath(new URL("../../dist/", import.meta.url));

/** Files of which a function runs, without the simulator; `npm run bench -- walk files` lists them. */
const MAX_ENTERED = { write: 266, logRead: 230 };

// Three processes of the program that is not bundled: only as a part of CI.
it.skipIf(effort(true, false))("write and log read enter no more files than before", { timeout: 120_000 }, () => {
  const { write, logRead } = measureWalks(COMPILED);
  expect(write).toContain("src/jobs/write/put-once.js");
  expect(logRead).toContain("src/storage/log-fs/log-fs.js");
  expect(write.length).toBeLessThanOrEqual(MAX_ENTERED.write);
  expect(logRead.length).toBeLessThanOrEqual(MAX_ENTERED.logRead);
});
