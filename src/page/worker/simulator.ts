/**
 * The simulated bridge and chip in the worker, in real time, behind a duplex like any port. What the chip holds is kept
 * before the bridge answers, so a page that is closed in the middle of a job finds the chip as a real one would be.
 */
import { NorbridgeError } from "../../errors.ts";
import { realClock } from "../../clock.ts";
import { LiveWorld } from "../../sim/live-world.ts";
import { parseSimParameters } from "../../sim/sim-parameters.ts";
import { chipOf, worldOf } from "../../sim/sim-world.ts";
import type { ChipModel } from "../../sim/chip/core/chip-model.ts";
import type { ByteDuplex } from "../../transport/byte-duplex.ts";
import { ByteQueue } from "../../transport/byte-queue.ts";
import { KeptCells } from "./opfs.ts";

/** A simulated bridge that is plugged in: it can be opened again and again. */
export interface Simulator {
  open(): ByteDuplex;
  /** Rules of the chip and the wire that were broken. */
  violations(): readonly string[];
  close(): void;
}

/** Throws USAGE for a chip that the simulator does not have. */
export async function openSimulator(name: string, folder: FileSystemDirectoryHandle | string): Promise<Simulator> {
  const params = parseSimParameters(name, new Map([["realtime", "1"]]));
  const chip = chipOf(params);
  const kept = typeof folder === "string" ? undefined : await KeptCells.open(folder, name);
  const cells = kept?.read(chip.geometry.capacityBytes);
  if (cells !== undefined) chip.load(0, cells);
  else kept?.write(0, chip.peek(0, chip.geometry.capacityBytes));
  return new RunningSimulator(name, chip, worldOf({ ...params, file: undefined }, chip, undefined).parts, kept);
}

type Parts = ReturnType<typeof worldOf>["parts"];

class RunningSimulator implements Simulator {
  readonly #name: string;
  readonly #chip: ChipModel;
  readonly #kept: KeptCells | undefined;
  readonly #live: LiveWorld;
  #saved: ChipModel;
  #port: SimulatedPort | undefined;
  #wasUsed = false;

  constructor(name: string, chip: ChipModel, parts: Parts, kept: KeptCells | undefined) {
    this.#name = name;
    this.#chip = chip;
    this.#kept = kept;
    this.#saved = chip.fork();
    this.#live = new LiveWorld({
      world: parts,
      isRealtime: true,
      clock: realClock,
      toHost: (bytes) => {
        this.#save();
        this.#port?.queue.push(bytes.slice());
      },
      onDisconnect: () => this.#port?.lose(),
    });
  }

  open(): ByteDuplex {
    this.#port?.lose();
    if (this.#wasUsed) this.#live.renew();
    this.#wasUsed = true;
    this.#port = new SimulatedPort(`simulated ${this.#name}`, this.#live);
    return this.#port;
  }

  violations(): readonly string[] {
    return this.#live.world.violations.map(({ rule }) => rule);
  }

  close(): void {
    this.#port?.lose();
    this.#live.close();
    this.#save();
    this.#kept?.close();
  }

  #save(): void {
    if (this.#kept === undefined) return;
    const changed = this.#chip.changedSince(this.#saved);
    if (changed.length === 0) return;
    for (const { address, lengthBytes } of changed) this.#kept.write(address, this.#chip.peek(address, lengthBytes));
    this.#saved = this.#chip.fork();
  }
}

class SimulatedPort implements ByteDuplex {
  readonly name: string;
  readonly queue = new ByteQueue();
  readonly baudRate = 0;
  readonly isChecked = true;
  readonly #live: LiveWorld;
  #isOpen = true;

  constructor(name: string, live: LiveWorld) {
    this.name = name;
    this.#live = live;
  }

  get incoming(): AsyncIterable<Uint8Array> {
    return this.queue;
  }

  write(bytes: Uint8Array): Promise<void> {
    if (!this.#isOpen) {
      const message = `${this.name} was closed or unplugged`;
      return Promise.reject(new NorbridgeError("ESHUTDOWN", message, { operation: "write to port" }));
    }
    this.#live.take(bytes);
    return Promise.resolve();
  }

  setBaudRate(): Promise<boolean> {
    return Promise.resolve(false);
  }

  close(): Promise<void> {
    this.lose();
    return Promise.resolve();
  }

  lose(): void {
    this.#isOpen = false;
    this.queue.end();
  }
}
