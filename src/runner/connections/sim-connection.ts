/** The built-in bridge and chip, in time of their own. */
import type { ChipDescriptor } from "../../../drivers/chip-descriptor.ts";
import type { FaultPlan } from "../../sim/link/link-faults.ts";
import type { SimParameters } from "../../sim/sim-parameters.ts";
import type { Simulation } from "../../sim/simulation.ts";
import { isUnset } from "../../checks.ts";
import type { Clock } from "../../clock.ts";
import type { ByteDuplex } from "../../transport/byte-duplex.ts";
import type { PortSpec } from "../../transport/port-spec.ts";
import type { ConnectionRequest } from "../connection-request.ts";
import { recording } from "../recording-file.ts";
import type { RunHost } from "../run-host.ts";
import { type Connection, type ReopenOptions, requestNow } from "./connection.ts";
import { bridgeInTime } from "../bridge-in-time.ts";
import { openChip, type OpenFlash } from "./open-chip.ts";
import { ownPart } from "./own-part.ts";
import { bridgeOn, type OpenBridge, type Wire } from "./wire.ts";

/**
 * Rules of the chip that a bridge without poll and digest breaks on purpose. It gets pages before the status of the last one;
 * a chip that is still busy ignores them, and they are sent again. What looks blank in a few bytes is programmed, which the
 * verify proves or an erase corrects.
 */
export const AHEAD_OF_THE_CHIP: ReadonlySet<string> = new Set([
  "command-while-busy",
  "program-without-write-enable",
  "program-zero-to-one",
]);

/** A simulated bridge and chip, and how its bytes are recorded. */
export interface SimWire extends Wire {
  readonly simulation: Simulation;
  readonly parameters: SimParameters;
  readonly record: (duplex: ByteDuplex, clock: Clock) => ByteDuplex;
}

/** Makes bridge and chip; who gets them has to release the simulation. Throws FILE_INVALID for the chip's file. */
export async function simWire(
  host: RunHost,
  spec: PortSpec & { readonly kind: "sim" },
  request: ConnectionRequest,
): Promise<SimWire> {
  const [{ openSimulation }, { parseSimParameters }, { createRandom }] = await Promise.all([
    import("../../sim/sim-port.ts"),
    import("../../sim/sim-parameters.ts"),
    import("../../sim/random.ts"),
  ]);
  const parameters = parseSimParameters(spec.chip, spec.settings);
  const simulation = await openSimulation(parameters);
  try {
    const { clock } = simulation;
    // Drawn from the seed, so that a run with the same seed is the same run.
    const chance = createRandom(parameters.seed).branch("host");
    const record = await recording(host, request);
    return {
      simulation,
      parameters,
      record,
      clock,
      duplex: record(simulation.duplex, clock),
      random: () => chance.nextUint32(),
      run: (job) => simulation.run(job),
    };
  } catch (error) {
    simulation.release();
    throw error;
  }
}

/** Throws FILE_INVALID for the chip's file, BRIDGE_*, CHIP_*. */
export async function connectSimulation(
  host: RunHost,
  spec: PortSpec & { readonly kind: "sim" },
  request: ConnectionRequest,
): Promise<Connection> {
  const [{ openBridge }, { openFlash }] = await Promise.all([
    import("../../bridge/open-bridge.ts"),
    import("../../flash/open-flash.ts"),
  ]);
  const part = await ownPart(request.chipFile, host.signal);
  const wire = await simWire(host, spec, request);
  const { simulation } = wire;
  try {
    const world: SimWorld = { host, request, wire, openBridge, openFlash, part };
    return await simulation.run(() => connect(world, wire.duplex, { staySlow: false }));
  } catch (error) {
    simulation.release();
    throw error;
  }
}

interface SimWorld {
  readonly host: RunHost;
  readonly request: ConnectionRequest;
  readonly wire: SimWire;
  readonly openBridge: OpenBridge;
  readonly openFlash: OpenFlash;
  readonly part: ChipDescriptor | undefined;
}

/** To be called within the simulation's time. */
async function connect(world: SimWorld, duplex: ByteDuplex, how: ReopenOptions): Promise<Connection> {
  const { host, request, wire, part } = world;
  const { simulation, parameters, clock } = wire;
  const recorded = await bridgeOn({ ...wire, duplex }, host, request, how, world.openBridge);
  const isShared = host.usesDeviceBetweenJobs === true;
  const bridge = isShared ? bridgeInTime(recorded, clock, (job) => simulation.run(job)) : recorded;
  const opened = await openChip(bridge, requestNow(request, how), world.openFlash, host, part);
  let isClosed = false;
  return {
    ...opened,
    bridge,
    clock,
    run: (job) => simulation.run(job),
    async close({ willReopen } = { willReopen: false }) {
      if (isClosed) return;
      isClosed = true;
      try {
        await simulation.run(() => opened.device.close());
      } finally {
        if (willReopen) simulation.save();
        else simulation.close();
      }
    },
    leave() {
      simulation.close();
      return Promise.resolve();
    },
    violations() {
      const rules = simulation.violations.map((violation) => violation.rule);
      if (bridge.info.protocol !== "serprog") return rules;
      // On an unchecked link with faults, broken rules are faults of the link.
      return hasFaults(parameters.faults) ? [] : rules.filter((rule) => !AHEAD_OF_THE_CHIP.has(rule));
    },
    hasAskedForFaults: hasFaults(parameters.faults) || !isUnset(parameters.chipFaults),
    reopen: (again) => simulation.run(() => connect(world, wire.record(simulation.reopen(), clock), again)),
  };
}

function hasFaults({ up, down, planned }: FaultPlan): boolean {
  return planned.length > 0 || !isUnset(up) || !isUnset(down);
}
