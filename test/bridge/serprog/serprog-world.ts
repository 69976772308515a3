/** A simulated chip on a serprog bridge, opened as the command line does it, for tests of whole jobs. */
import type { Bridge } from "../../../src/bridge/bridge.ts";
import { runLink } from "../../../src/bridge/link-runner.ts";
import { KNOWN_BRIDGES, type KnownBridge } from "../../../src/bridge/serprog/known-bridges.ts";
import { SerprogMachine } from "../../../src/bridge/serprog/serprog-machine.ts";
import { type OpenedFlash, openFlash } from "../../../src/flash/open-flash.ts";
import type { JobTools } from "../../../src/jobs/job-tools.ts";
import type { Target } from "../../../src/jobs/target.ts";
import { putContent, type PutReport } from "../../../src/jobs/write/put-content.ts";
import type { FaultPlan } from "../../../src/sim/link/link-faults.ts";
import { parseSimParameters } from "../../../src/sim/sim-parameters.ts";
import { worldFromParameters } from "../../../src/sim/sim-port.ts";
import { createSimulation, type Simulation } from "../../../src/sim/simulation.ts";
import type { SerprogProfile } from "../../../src/sim/serprog/serprog-profile.ts";
import type { ByteDuplex } from "../../../src/transport/byte-duplex.ts";

export interface SerprogWorldOptions {
  readonly chip?: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly faults?: Partial<FaultPlan>;
  /** Another bridge than the one of `settings`. */
  readonly profile?: SerprogProfile;
  readonly knownBridges?: readonly KnownBridge[];
  /** Left out: as the simulated link is. */
  readonly isChecked?: boolean;
  /** The host is not told the rate of the line, as through a serial server. */
  readonly hidesRate?: boolean;
  /** The system makes one write of what is written in one go. */
  readonly mergesWrites?: boolean;
}

export interface SerprogWorld {
  readonly sim: Simulation;
  readonly notes: string[];
  /** Everything the host has written, a row a write. */
  readonly written: Uint8Array[];
  /** Runs a job with the chip; closes the bridge after it. */
  run<T>(job: (flash: OpenedFlash, bridge: Bridge) => Promise<T>): Promise<T>;
  /** Writes bytes as the command does. */
  write(flash: OpenedFlash, address: number, bytes: Uint8Array): Promise<PutReport>;
  readonly context: JobTools;
}

export function serprogWorld(options: SerprogWorldOptions = {}): SerprogWorld {
  const { chip = "AT25SF041", settings = {}, faults, profile } = options;
  const parameters = parseSimParameters(
    chip,
    new Map(Object.entries({ bridge: "frser-duino", times: "typical", ...settings })),
  );
  const { parts } = worldFromParameters(parameters);
  const sim = createSimulation({
    ...parts,
    faults: { ...parts.faults, ...faults },
    ...(profile === undefined ? {} : { serprog: { profile, alsoNative: false } }),
  });
  const notes: string[] = [];
  const written: Uint8Array[] = [];
  const duplex = tapped(sim.duplex, written, options);
  const context: JobTools = {
    clock: sim.clock,
    onEvent: (event) => {
      if (event.kind === "note") notes.push(event.message);
    },
  };
  return {
    sim,
    notes,
    written,
    context,
    run: (job) =>
      sim.run(async () => {
        const machine = new SerprogMachine({
          isUnchecked: !(options.isChecked ?? duplex.isChecked),
          knownBridges: options.knownBridges ?? KNOWN_BRIDGES,
        });
        const bridge = await runLink(machine, duplex, sim.clock);
        try {
          return await job(await openFlash(bridge), bridge);
        } finally {
          await bridge.close();
        }
      }),
    write: (flash, address, bytes) => writeBytes(flash, address, bytes, context),
  };
}

/** Writes bytes as the command does. */
export function writeBytes(
  flash: OpenedFlash,
  address: number,
  bytes: Uint8Array,
  context: JobTools,
): Promise<PutReport> {
  return putContent({ device: flash, target: targetOf(address, bytes), request: { operation: "write" }, context });
}

export function targetOf(address: number, bytes: Uint8Array): Target {
  return {
    name: "test",
    totalBytes: bytes.length,
    segments: [{ address, lengthBytes: bytes.length }],
    read: (piece) => Promise.resolve(bytes.slice(piece.address - address, piece.address - address + piece.lengthBytes)),
    readFilled: () => Promise.reject(new Error("one stretch has no gaps")),
  };
}

/** Bytes that no two pages have alike. */
export function pattern(lengthBytes: number, seed = 1): Uint8Array {
  let state = seed >>> 0;
  return new Uint8Array(lengthBytes).map(() => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

function tapped(inner: ByteDuplex, written: Uint8Array[], options: SerprogWorldOptions): ByteDuplex {
  const { mergesWrites: merges = false, hidesRate = false } = options;
  let row: Uint8Array[] = [];
  const flush = async (): Promise<void> => {
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    const bytes = Uint8Array.from(row.flatMap((each) => [...each]));
    row = [];
    if (bytes.length > 0) await inner.write(bytes);
  };
  return {
    name: inner.name,
    incoming: inner.incoming,
    get baudRate() {
      return hidesRate ? 0 : inner.baudRate;
    },
    isChecked: inner.isChecked,
    async write(bytes) {
      written.push(Uint8Array.from(bytes));
      if (!merges) return inner.write(bytes);
      row.push(bytes);
      // Resolved at once: what else is written in the same go joins.
      if (row.length === 1) void flush();
    },
    setBaudRate: (baud) => inner.setBaudRate(baud),
    close: () => inner.close(),
  };
}
