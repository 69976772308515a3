// What mutation testing changes, area by area, and the tests that have to notice: pure ones, without those that start programs.
export const AREAS = {
  codec: {
    mutate: ["firmware-protocol/*.ts", "firmware-protocol/serprog/*.ts"],
    tests: ["test/firmware-protocol/**/*.test.ts", "test/bridge/native/step-encoder.test.ts"],
  },
  planner: {
    mutate: ["src/jobs/write/plan.ts", "src/jobs/byte-ranges.ts", "src/jobs/mismatch.ts"],
    tests: ["test/jobs/write/plan*.test.ts", "test/jobs/mismatch.test.ts"],
  },
  journal: {
    mutate: ["src/journal/{journal,journal-line,read-journal}.ts"],
    tests: ["test/journal/{lines,journal,hostile}.test.ts"],
  },
  storage: {
    mutate: ["src/storage/**/*.ts"],
    tests: ["test/storage/*/*.test.ts", "test/storage/struct-record.test.ts"],
  },
  drivers: {
    mutate: ["drivers/*.ts", "drivers/at25/**/*.ts", "drivers/at45/*.ts", "drivers/sfdp/*.ts"],
    tests: ["test/drivers/**/*.test.ts"],
  },
};

/** The area that is asked for by NORBRIDGE_MUTATE. */
export function area() {
  const name = process.env.NORBRIDGE_MUTATE ?? "";
  const found = AREAS[name];
  if (found === undefined) throw new Error(`NORBRIDGE_MUTATE is one of ${Object.keys(AREAS).join(", ")}`);
  return { name, ...found };
}
