/** A small write with something that goes wrong, for tests that want one thing at a time. */
import type { Scene } from "../../../src/bench/campaign/scene.ts";
import { createChip } from "../../../src/sim/chip/chip-catalog.ts";
import { type FaultPlan, NO_FAULTS } from "../../../src/sim/link/link-faults.ts";
import { createRandom } from "../../../src/sim/random.ts";
import { parseSimParameters } from "../../../src/sim/sim-parameters.ts";

const START = 4096 - 100;
const LENGTH = 1500;

/** Writes 1500 bytes over the end of one sector and the begin of another, both full before. `settings` as `sim:` takes them. */
export function smallScene(
  change: Partial<Scene> = {},
  faults: Partial<FaultPlan> = {},
  settings: Readonly<Record<string, string>> = {},
): Scene {
  const chip = createChip("AT25SF041", { seed: 1, times: "typical", pageBytes: 256 });
  chip.load(0, createRandom("small old").bytes(12 * 1024));
  const parameters = parseSimParameters("AT25SF041", new Map(Object.entries({ times: "typical", ...settings })));
  return {
    ...{ seed: 1, protocol: "native", kind: "write", chip, chipFaults: {}, keepsOld: false, assumeBlank: false },
    ...{ reconnects: false, kill: undefined, afterwards: "resume" },
    parameters: { ...parameters, faults: { ...NO_FAULTS, ...faults } },
    range: { address: START, lengthBytes: LENGTH },
    pieces: [{ address: START, data: createRandom("small new").bytes(LENGTH) }],
    ...change,
  };
}
