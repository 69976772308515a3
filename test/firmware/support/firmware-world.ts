/** A strict chip on real firmware on a simulated line, opened as the command line does it, for tests of whole jobs. */
import type { Bridge } from "../../../src/bridge/bridge.ts";
import { openBridge } from "../../../src/bridge/open-bridge.ts";
import { type OpenedFlash, openFlash } from "../../../src/flash/open-flash.ts";
import type { PutReport } from "../../../src/jobs/write/put-content.ts";
import type { ChipModel } from "../../../src/sim/chip/core/chip-model.ts";
import type { FaultPlan } from "../../../src/sim/link/link-faults.ts";
import { parseSimParameters } from "../../../src/sim/sim-parameters.ts";
import { worldFromParameters } from "../../../src/sim/sim-port.ts";
import { createSimulation, type Simulation } from "../../../src/sim/simulation.ts";
import { writeBytes } from "../../bridge/serprog/serprog-world.ts";
import { randomFrom } from "../../sim/client.ts";
import { AvrBoard } from "./avr-board.ts";
import { FirmwareModel, type Processor } from "./processor.ts";
import { Rp2040Board } from "./rp2040-board.ts";
import { WasmProcessor } from "./wasm-core.ts";

/** A board, and the settings of its line. */
export interface BoardKind {
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly make: (chip: ChipModel) => Processor;
}

const UART = { baud: "115200", latencyMs: "0.5" };

export const BOARDS = {
  core: { name: "the core", settings: UART, make: (chip) => new WasmProcessor(chip, "small", 115_200) },
  avr: { name: "the ATmega328P", settings: UART, make: (chip) => new AvrBoard(chip) },
  rp2040: { name: "the RP2040", settings: { usb: "fs" }, make: (chip) => Rp2040Board.pluggedIn(chip, "usb") },
} as const satisfies Record<string, BoardKind>;

export interface FirmwareWorld {
  readonly sim: Simulation;
  readonly processor: Processor;
  /** Runs a job with the chip; closes the bridge after it. */
  run<T>(job: (flash: OpenedFlash, bridge: Bridge) => Promise<T>): Promise<T>;
  write(flash: OpenedFlash, address: number, bytes: Uint8Array): Promise<PutReport>;
}

export interface FirmwareWorldOptions {
  readonly chip?: string;
  readonly faults?: Partial<FaultPlan>;
  readonly seed?: number;
}

export function firmwareWorld(board: BoardKind, options: FirmwareWorldOptions = {}): FirmwareWorld {
  const settings = { times: "typical", seed: String(options.seed ?? 1), ...board.settings };
  const parameters = parseSimParameters(options.chip ?? "AT25SF041", new Map(Object.entries(settings)));
  const { parts } = worldFromParameters(parameters);
  const processor = board.make(parts.chip);
  const sim = createSimulation({
    ...parts,
    faults: { ...parts.faults, ...options.faults },
    wire: () => new FirmwareModel(processor),
  });
  return {
    sim,
    processor,
    run: (job) =>
      sim.run(async () => {
        const bridge = await openBridge(sim.duplex, { clock: sim.clock, protocol: "native", random: randomFrom(3) });
        try {
          return await job(await openFlash(bridge), bridge);
        } finally {
          await bridge.close();
        }
      }),
    write: (flash, address, bytes) => writeBytes(flash, address, bytes, { clock: sim.clock, onEvent: () => undefined }),
  };
}
