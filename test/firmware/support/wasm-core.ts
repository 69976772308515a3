/** The firmware's core as WebAssembly: its codec, and a processor that runs all of it. */
import { readFileSync } from "node:fs";
import type { SpiTarget } from "../../../src/sim/bridge/spi-port.ts";
import { possibleSpiClock } from "../../../src/sim/bridge/bridge-options.ts";
import type { Processor } from "./processor.ts";

export type CoreSize = "small" | "large";

interface CoreExports {
  readonly memory: WebAssembly.Memory;
  begin(): void;
  work(): number;
  hangUp(): void;
  input(): number;
  output(): number;
  crc32(count: number): number;
  blockCheck(count: number): number;
  encodeRuns(count: number, piece: number): number;
  readRecord(count: number): number;
  decoderReset(): void;
  decode(count: number, givesUp: number): number;
  readVarint(count: number): number;
  writeVarint(value: number): number;
  readHello(session: number, count: number): number;
  readStatus(count: number): number;
}

type Environment = Record<
  | "read"
  | "write"
  | "hasSent"
  | "micros"
  | "select"
  | "deselect"
  | "send"
  | "receive"
  | "clock"
  | "pins"
  | "drive"
  | "baud"
  | "maxBaud"
  | "setBaud"
  | "bootNumber",
  (...values: number[]) => number
>;

const modules = new Map<CoreSize, WebAssembly.Module>();

function moduleOf(size: CoreSize): WebAssembly.Module {
  let module = modules.get(size);
  if (module === undefined) {
    const path = new URL(`../../../firmware-protocol/firmware/images/core-${size}.wasm`, import.meta.url);
    module = new WebAssembly.Module(readFileSync(path));
    modules.set(size, module);
  }
  return module;
}

function instantiate(size: CoreSize, env: Environment): CoreExports {
  // The one place where the types of a foreign module have to be believed: the Makefile builds it from ports/wasm/port.c.
  return new WebAssembly.Instance(moduleOf(size), { env }).exports as CoreExports;
}

const NOWHERE: Environment = {
  read: () => 0,
  write: () => 0,
  hasSent: () => 1,
  micros: () => 0,
  select: () => 0,
  deselect: () => 0,
  send: () => 0,
  receive: () => 0,
  clock: () => 0,
  pins: () => 0,
  drive: () => 0,
  baud: () => 0,
  maxBaud: () => 0,
  setBaud: () => 0,
  bootNumber: () => 0,
};

/** The codec alone: bytes in, bytes out. */
export class WasmCodec {
  readonly exports: CoreExports;

  constructor(size: CoreSize = "large") {
    this.exports = instantiate(size, NOWHERE);
  }

  give(bytes: Uint8Array): number {
    new Uint8Array(this.exports.memory.buffer).set(bytes, this.exports.input());
    return bytes.length;
  }

  get(count: number): Uint8Array {
    const at = this.exports.output();
    return new Uint8Array(this.exports.memory.buffer).slice(at, at + count);
  }

  u32(at: number): number {
    return new DataView(this.exports.memory.buffer).getUint32(this.exports.output() + at, true);
  }
}

const CLOCKS = {
  small: { spiClockHz: 8_000_000, spiClockMinHz: 62_500, spiClockMaxHz: 8_000_000, spiDivider: "power-of-two" },
  large: { spiClockHz: 8_000_000, spiClockMinHz: 100_000, spiClockMaxHz: 30_000_000, spiDivider: "whole-number" },
} as const;

/** One pass of the main loop. */
const PASS_NS = 2_000;
/** What waits for the line before the core has to wait. */
const OUTPUT_ROOM_BYTES = 64;

export class WasmProcessor implements Processor {
  readonly complaints: string[] = [];
  readonly #size: CoreSize;
  readonly #chip: SpiTarget;
  readonly #maxBaud: number;
  #baud: number;
  #core: CoreExports;
  #nowNs = 0;
  #isAsleep = false;
  #input: Uint8Array[] = [];
  #inputAt = 0;
  #output: number[] = [];
  #clockHz: number;
  #isSelected = false;
  #boots = 0;

  /** `baudRate` 0: a link without a rate. */
  constructor(chip: SpiTarget, size: CoreSize, baudRate: number) {
    this.#chip = chip;
    this.#size = size;
    this.#baud = baudRate;
    this.#maxBaud = baudRate === 0 ? 0 : 2_000_000;
    this.#clockHz = CLOCKS[size].spiClockHz;
    this.#core = this.#boot();
  }

  get nowNs(): number {
    return this.#nowNs;
  }

  get baudRate(): number {
    return this.#baud;
  }

  get isAsleep(): boolean {
    return this.#isAsleep && this.#output.length === 0;
  }

  receive(bytes: Uint8Array): void {
    this.#input.push(bytes);
    this.#isAsleep = false;
  }

  runUntil(timeNs: number): void {
    while (this.#nowNs < timeNs && !this.#isAsleep) {
      this.#isAsleep = this.#core.work() === 0 && this.#input.length === 0;
      this.#nowNs += PASS_NS;
    }
    this.#nowNs = Math.max(this.#nowNs, timeNs);
  }

  takeOutput(): Uint8Array {
    const bytes = Uint8Array.from(this.#output);
    this.#output = [];
    if (bytes.length > 0) this.#isAsleep = false;
    return bytes;
  }

  reset(): void {
    if (this.#isSelected) this.#chip.deselect(this.#nowNs);
    this.#isSelected = false;
    this.#input = [];
    this.#inputAt = 0;
    this.#output = [];
    this.#isAsleep = false;
    this.#core = this.#boot();
  }

  #boot(): CoreExports {
    this.#boots++;
    const core = instantiate(this.#size, this.#environment());
    core.begin();
    return core;
  }

  #memory(at = 0, count = 0): Uint8Array {
    return new Uint8Array(this.#core.memory.buffer, at, count);
  }

  #environment(): Environment {
    return {
      read: (into = 0, most = 0) => this.#read(into, most),
      write: (from = 0, count = 0) => {
        const taken = Math.min(count, Math.max(0, OUTPUT_ROOM_BYTES - this.#output.length));
        this.#output.push(...this.#memory(from, taken));
        return taken;
      },
      hasSent: () => (this.#output.length === 0 ? 1 : 0),
      micros: () => Math.floor(this.#nowNs / 1000) >>> 0,
      select: () => {
        if (this.#isSelected) this.complaints.push("selected twice");
        this.#isSelected = true;
        this.#chip.select(this.#nowNs);
        return 0;
      },
      deselect: () => {
        this.#isSelected = false;
        this.#chip.deselect(this.#nowNs);
        return 0;
      },
      send: (from = 0, count = 0) => {
        this.#exchange(this.#memory(from, count).slice(), 0);
        return 0;
      },
      receive: (into = 0, count = 0) => {
        this.#memory(into, count).set(this.#exchange(new Uint8Array(0), count));
        return 0;
      },
      clock: (wishHz = 0) => (this.#clockHz = possibleSpiClock(CLOCKS[this.#size], wishHz)),
      pins: (mask = 0, level = 0) => {
        this.#chip.setPins({
          ...((mask & 2) === 0 ? {} : { wp: (level & 2) !== 0 }),
          ...((mask & 4) === 0 ? {} : { hold: (level & 4) !== 0 }),
        });
        return 0;
      },
      drive: () => 0,
      baud: () => this.#baud,
      maxBaud: () => this.#maxBaud,
      setBaud: (baud = 0) => (this.#baud = baud),
      bootNumber: () => this.#boots,
    };
  }

  #read(into: number, most: number): number {
    const [first] = this.#input;
    if (first === undefined) return 0;
    const piece = first.subarray(this.#inputAt, this.#inputAt + most);
    this.#memory(into, piece.length).set(piece);
    this.#inputAt += piece.length;
    if (this.#inputAt === first.length) {
      this.#input.shift();
      this.#inputAt = 0;
    }
    return piece.length;
  }

  #exchange(send: Uint8Array, receiveBytes: number): Uint8Array {
    if (!this.#isSelected) this.complaints.push("SPI while no chip is selected");
    const byteNs = Math.round(8e9 / this.#clockHz);
    const received = this.#chip.exchangeBlock(send, receiveBytes, this.#nowNs, byteNs);
    this.#nowNs += (send.length + receiveBytes) * byteNs;
    return received;
  }
}
