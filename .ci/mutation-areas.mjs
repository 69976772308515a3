// What mutation testing changes, area by area, and the tests that have to notice: pure ones, without those that start programs.
export const AREAS = {
  codec: {
    mutate: ["firmware-protocol/*.ts", "firmware-protocol/serprog/*.ts"],
    tests: ["test/firmware-protocol/**/*.test.ts", "test/bridge/native/step-encoder.test.ts"],
  },
  planner: {
    mutate: ["src/jobs/write/plan.ts", "drivers/byte-ranges.ts", "src/jobs/mismatch.ts"],
    tests: ["test/jobs/write/plan*.test.ts", "test/jobs/mismatch.test.ts"],
  },
  journal: {
    mutate: ["src/journal/{journal,journal-fields,journal-line,journal-shape,read-journal,read-record}.ts"],
    tests: ["test/journal/{lines,journal,hostile}.test.ts"],
  },
  storage: {
    mutate: ["src/storage/**/*.ts"],
    tests: [
      "test/storage/*/{golden,dirty-flash,wrong-shape,room}.test.ts",
      "test/storage/{iso-time,recognise,refusals,struct-record}.test.ts",
      "test/storage/transcripts/*.test.ts",
    ],
    // They take seconds: only what the others let pass is shown to them.
    slowTests: ["test/storage/*/cuts.test.ts"],
  },
  drivers: {
    mutate: ["drivers/*.ts", "drivers/at25/**/*.ts", "drivers/at45/*.ts", "drivers/sfdp/*.ts"],
    tests: ["test/drivers/**/*.test.ts"],
  },
};

/** The area that NORBRIDGE_MUTATE asks for, and which pass over it. */
export function area() {
  const [name = "", pass = "quick"] = (process.env.NORBRIDGE_MUTATE ?? "").split(":");
  const found = AREAS[name];
  if (found === undefined) throw new Error(`NORBRIDGE_MUTATE is one of ${Object.keys(AREAS).join(", ")}`);
  return { name, isSlowPass: pass === "slow", ...found };
}

/** Where the report of a pass lies. */
export function reportOf(name, isSlowPass) {
  return `.ci/cache/mutation-${name}${isSlowPass ? "-slow" : ""}.json`;
}

// `mutation-areas.mjs`: names the areas, one a line; `mutation-areas.mjs AREA`: ends with 0 if the area has slow tests.
if (process.argv[1]?.endsWith("mutation-areas.mjs")) {
  const [, , name] = process.argv;
  if (name === undefined) console.log(Object.keys(AREAS).join("\n"));
  else process.exitCode = AREAS[name]?.slowTests ? 0 : 1;
}
