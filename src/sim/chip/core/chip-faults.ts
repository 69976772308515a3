/**
 * Faults of a chip, each a wrapper around a sound one, so that they stack: power cut at a given SPI byte, a chip that
 * stays busy, a chip that is not there. What lies in the cells (stuck bits) is asked of the model itself.
 */
import type { Random } from "../../random.ts";
import type { ChipModel, TornState } from "./chip-model.ts";
import { WrappedChip } from "./wrapped-chip.ts";

/** Faults of a simulated chip and its wires. They can be combined. */
export interface ChipFaultSettings {
  /** Power is cut after this number of SPI bytes, 0 or more, and does not return. */
  readonly powerCutAtByte?: number | undefined;
  /** The state in which the cut leaves an operation in progress. Default: selected by the seed. */
  readonly torn?: TornState | undefined;
  /** A bit that always reads 0. */
  readonly stuckAt?:
    | {
        /** Address of the byte. */
        readonly address: number;
        /** Number of the bit, 0 to 7. */
        readonly bit: number;
      }
    | undefined;
  /** Number of programs and erases that end. The next one never does. */
  readonly busyForeverFrom?: number | undefined;
  /** Highest SPI clock at which the wires work, Hz. Above it, every bit is sampled one clock too late. */
  readonly soundClockHz?: number | undefined;
  /** Share of the windows above that clock that are read wrong, 0 to 1. Default 1. */
  readonly lateShare?: number | undefined;
  /**
   * Share of the windows in which another master drives the bus, 0 to 1. The chip does not see them; half of them read FF, the
   * others noise. Default 0.
   */
  readonly takenShare?: number | undefined;
  /** No chip responds: MISO always reads this byte. */
  readonly missing?: 0xff | 0x00 | undefined;
  /** Another device instead of the chip: the bytes that it returns for 9Fh. All else reads FF. */
  readonly otherDevice?: Uint8Array | undefined;
}

/** Returns the chip with all the faults asked for; without any, the chip itself. */
export function applyChipFaults(chip: ChipModel, settings: ChipFaultSettings, random: Random): ChipModel {
  const {
    powerCutAtByte,
    stuckAt,
    busyForeverFrom,
    soundClockHz,
    lateShare = 1,
    takenShare = 0,
    missing,
    otherDevice,
    torn,
  } = settings;
  if (stuckAt !== undefined) chip.stickBit(stuckAt.address, stuckAt.bit, 0);
  let faulty = chip;
  if (busyForeverFrom !== undefined) faulty = new HangingChip(faulty, busyForeverFrom);
  if (powerCutAtByte !== undefined) faulty = new CutChip(faulty, powerCutAtByte, random, torn);
  if (takenShare > 0) faulty = new SharedBus(faulty, takenShare, random.branch("bus"));
  if (soundClockHz !== undefined) faulty = new SlowWires(faulty, soundClockHz, lateShare, random.branch("wires"));
  if (missing !== undefined) faulty = new MissingChip(faulty, missing);
  if (otherDevice !== undefined) faulty = new OtherDevice(faulty, otherDevice);
  return faulty;
}

/** Power goes when this many bytes have been clocked. */
class CutChip extends WrappedChip {
  readonly #random: Random;
  readonly #torn: TornState | undefined;
  #bytesLeft: number;

  constructor(inner: ChipModel, atByte: number, random: Random, torn: TornState | undefined) {
    super(inner);
    this.#bytesLeft = atByte;
    this.#random = random;
    this.#torn = torn;
  }

  override exchange(mosi: number, nowNs: number): number {
    if (this.#bytesLeft === 0) this.#cut(nowNs);
    this.#bytesLeft--;
    return this.inner.exchange(mosi, nowNs);
  }

  override exchangeBlock(send: Uint8Array, receiveBytes: number, startNs: number, byteNs: number): Uint8Array {
    const total = send.length + receiveBytes;
    if (this.#bytesLeft < 0 || this.#bytesLeft >= total) {
      this.#bytesLeft -= total;
      return this.inner.exchangeBlock(send, receiveBytes, startNs, byteNs);
    }
    const received = new Uint8Array(receiveBytes);
    for (let i = 0; i < total; i++) {
      const answer = this.exchange(send[i] ?? 0xff, startNs + i * byteNs);
      if (i >= send.length) received[i - send.length] = answer;
    }
    return received;
  }

  #cut(nowNs: number): void {
    this.inner.powerCut(nowNs, this.#random, this.#torn);
  }
}

/** One of its programs or erases never ends. */
class HangingChip extends WrappedChip {
  readonly #from: number;
  #isHanging = false;

  constructor(inner: ChipModel, from: number) {
    super(inner);
    this.#from = from;
  }

  override deselect(nowNs: number): void {
    this.inner.deselect(nowNs);
    const { programs, erases } = this.inner.counters;
    if (this.#isHanging || programs + erases <= this.#from) return;
    this.#isHanging = true;
    this.inner.stayBusy();
  }
}

/** Bits come one clock too late when the clock is too fast for the wires. */
class SlowWires extends WrappedChip {
  readonly #soundByteNs: number;
  readonly #share: number;
  readonly #random: Random;

  constructor(inner: ChipModel, soundClockHz: number, share: number, random: Random) {
    super(inner);
    this.#soundByteNs = 8e9 / soundClockHz;
    this.#share = share;
    this.#random = random;
  }

  override exchangeBlock(send: Uint8Array, receiveBytes: number, startNs: number, byteNs: number): Uint8Array {
    const received = this.inner.exchangeBlock(send, receiveBytes, startNs, byteNs);
    // As long as the clock's own rounding.
    if (byteNs >= this.#soundByteNs - 1) return received;
    if (this.#share < 1 && !this.#random.chance(this.#share)) return received;
    return received.map((byte, i) => (byte >> 1) | (((received[i - 1] ?? 1) & 1) << 7));
  }
}

/** Another master, a processor that is not held in reset, uses the bus now and then. */
class SharedBus extends WrappedChip {
  readonly #share: number;
  readonly #random: Random;
  /** What is read in this window instead; undefined if the bus is free. */
  #taken: "ff" | "noise" | undefined;

  constructor(inner: ChipModel, share: number, random: Random) {
    super(inner);
    this.#share = share;
    this.#random = random;
  }

  override select(nowNs: number): void {
    this.#taken = this.#random.chance(this.#share) ? (this.#random.chance(0.5) ? "ff" : "noise") : undefined;
    if (this.#taken === undefined) this.inner.select(nowNs);
  }

  override exchange(mosi: number, nowNs: number): number {
    if (this.#taken === undefined) return this.inner.exchange(mosi, nowNs);
    return this.#taken === "ff" ? 0xff : this.#random.nextUint32() & 0xff;
  }

  override exchangeBlock(send: Uint8Array, receiveBytes: number, startNs: number, byteNs: number): Uint8Array {
    if (this.#taken === undefined) return this.inner.exchangeBlock(send, receiveBytes, startNs, byteNs);
    return Uint8Array.from({ length: receiveBytes }, () => this.exchange(0xff, startNs));
  }

  override deselect(nowNs: number): void {
    if (this.#taken === undefined) this.inner.deselect(nowNs);
  }
}

/** Nothing drives MISO. */
class MissingChip extends WrappedChip {
  readonly #level: number;

  constructor(inner: ChipModel, level: number) {
    super(inner);
    this.#level = level;
  }

  override exchange(): number {
    return this.#level;
  }

  override exchangeBlock(_send: Uint8Array, receiveBytes: number): Uint8Array {
    return new Uint8Array(receiveBytes).fill(this.#level);
  }

  override deselect(): void {
    // There is nothing to deselect.
  }
}

/** A device with one command that is known of it. */
class OtherDevice extends WrappedChip {
  readonly #id: Uint8Array;
  /** Bytes of this window; negative once its first was another command. */
  #bytes = 0;

  constructor(inner: ChipModel, id: Uint8Array) {
    super(inner);
    this.#id = id;
  }

  override select(): void {
    this.#bytes = 0;
  }

  override exchange(mosi: number): number {
    if (this.#bytes === 0) this.#bytes = mosi === 0x9f ? 1 : -1;
    else if (this.#bytes > 0) return this.#id[this.#bytes++ - 1] ?? 0xff;
    return 0xff;
  }

  override exchangeBlock(send: Uint8Array, receiveBytes: number): Uint8Array {
    for (const byte of send) this.exchange(byte);
    return Uint8Array.from({ length: receiveBytes }, () => this.exchange(0xff));
  }

  override deselect(): void {
    // Nothing of it lasts.
  }
}
