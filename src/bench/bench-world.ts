/** One measured job: a simulated bridge and chip, a job on them, and what it cost in virtual time, bytes and round trips. */
import type { Bridge, LinkStatistics } from "../bridge/bridge.ts";
import { openBridge } from "../bridge/open-bridge.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import { openFlash } from "../flash/open-flash.ts";
import type { JobContext } from "../jobs/job-event.ts";
import { createRandom } from "../sim/random.ts";
import { parseSimParameters } from "../sim/sim-parameters.ts";
import { openSimulation } from "../sim/sim-port.ts";
import type { Simulation } from "../sim/simulation.ts";

/** What the job gets. */
export interface BenchSubject {
  readonly device: FlashDevice;
  readonly context: JobContext;
}

export interface BenchRun {
  /** The job alone, seconds of virtual time. */
  readonly seconds: number;
  /** Opening the bridge, finding the chip and closing, seconds. */
  readonly aroundSeconds: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly roundTrips: number;
}

/** Settings of the world as `sim:` takes them. */
export type BenchSettings = Readonly<Record<string, string>>;

/** Builds the world, lets `prepare` load the chip, runs `job` and counts. Throws if the job breaks a rule of the chip. */
export async function measure(
  chip: string,
  settings: BenchSettings,
  prepare: (simulation: Simulation) => void,
  job: (subject: BenchSubject) => Promise<void>,
  spiClockHz = 8_000_000,
  protocol: "native" | "serprog" = "native",
): Promise<BenchRun> {
  const parameters = parseSimParameters(chip, new Map(Object.entries(settings)));
  const simulation = await openSimulation(parameters);
  prepare(simulation);
  const chance = createRandom(parameters.seed).branch("host");
  const { clock, duplex } = simulation;
  return simulation.run(async () => {
    const bridge = await openBridge(duplex, { clock, protocol, random: () => chance.nextUint32() });
    const device = await openFlash(bridge, { spiClockHz });
    const startUs = clock.nowUs();
    const before = copyOf(bridge);
    await job({ device, context: { clock } });
    const seconds = (clock.nowUs() - startUs) / 1e6;
    const after = copyOf(bridge);
    await device.close();
    // A bridge that cannot poll gets pages ahead; a chip that is still busy ignores them, and they go again.
    const isAhead = (rule: string): boolean => rule === "command-while-busy" || rule === "program-without-write-enable";
    const broken = simulation.violations
      .map(({ rule }) => rule)
      .filter((rule) => protocol === "native" || (!hasNoise(settings) && !isAhead(rule)));
    if (broken.length > 0) throw new Error(`the job broke rules of the chip or the wire: ${broken.join(", ")}`);
    return {
      seconds,
      aroundSeconds: clock.nowUs() / 1e6 - seconds,
      bytesUp: after.bytesSent - before.bytesSent,
      bytesDown: after.bytesReceived - before.bytesReceived,
      roundTrips: after.roundTrips - before.roundTrips,
    };
  });
}

/** Whether bytes are changed on the line: an unchecked bridge then breaks rules of any kind. */
function hasNoise(settings: BenchSettings): boolean {
  return ["flipRate", "dropRate", "duplicateRate", "garbageRate"].some((name) => settings[name] !== undefined);
}

function copyOf(bridge: Bridge): LinkStatistics {
  return { ...bridge.statistics };
}
