/**
 * A chip of two dice with one range of addresses, as far as reports of W25Q01JV tell: an address picks its die, which is then
 * the active one. Commands without an address reach both dice; status and other questions are answered by the active one.
 */
import { At25Model } from "../../src/sim/chip/at25/model.ts";
import type { At25Part } from "../../src/sim/chip/at25/part.ts";
import type { ChipModel } from "../../src/sim/chip/core/chip-model.ts";
import { ChipTimes } from "../../src/sim/chip/core/chip-times.ts";
import { WrappedChip } from "../../src/sim/chip/core/wrapped-chip.ts";

/** Opcodes with four address bytes in every mode. */
const ADDRESSED: ReadonlySet<number> = new Set([0x0c, 0x12, 0x13, 0x21, 0xdc]);
const SELECT_DIE = 0xc2;
const HEAD_BYTES = 5;

export class TwoDiceChip extends WrappedChip {
  readonly #dice: readonly [ChipModel, ChipModel];
  readonly #dieBytes: number;
  readonly #whole: ChipModel["geometry"];
  #active = 0;
  #head: number[] = [];
  /** Dice that hear this command, once its address is known. */
  #heard: readonly ChipModel[] = [];

  /** `part`: the whole chip. */
  constructor(part: At25Part) {
    const dieBytes = part.capacityBytes / 2;
    const die = { ...part, capacityBytes: dieBytes };
    const dice = [0, 1].map((index) => new At25Model(die, new ChipTimes("typical", index + 1)));
    const [first, second] = dice;
    if (first === undefined || second === undefined) throw new Error("two dice are made");
    super(first);
    this.#dice = [first, second];
    this.#dieBytes = dieBytes;
    this.#whole = new At25Model(part, new ChipTimes("typical", 1)).geometry;
  }

  override get geometry(): ChipModel["geometry"] {
    return this.#whole;
  }

  override get violations(): ChipModel["violations"] {
    return this.#dice.flatMap((die) => die.violations);
  }

  override get busyUntilNs(): number {
    return Math.max(...this.#dice.map((die) => die.busyUntilNs));
  }

  override select(): void {
    this.#head = [];
    this.#heard = [];
  }

  override exchange(mosi: number, nowNs: number): number {
    const [opcode = mosi] = this.#head;
    if (opcode === SELECT_DIE) {
      if (this.#head.length === 1) this.#active = mosi & 1;
      this.#head.push(mosi);
      return 0xff;
    }
    if (!ADDRESSED.has(opcode)) {
      if (this.#head.length === 0) this.#open(this.#dice, nowNs);
      this.#head.push(mosi);
      return this.#pass(mosi, nowNs);
    }
    if (this.#head.length >= HEAD_BYTES) return this.#pass(mosi, nowNs);
    this.#head.push(mosi);
    if (this.#head.length === HEAD_BYTES) this.#route(nowNs);
    return 0xff;
  }

  override exchangeBlock(send: Uint8Array, receiveBytes: number, startNs: number, byteNs: number): Uint8Array {
    send.forEach((byte, index) => this.exchange(byte, startNs + index * byteNs));
    const from = startNs + send.length * byteNs;
    return Uint8Array.from({ length: receiveBytes }, (_, index) => this.exchange(0xff, from + index * byteNs));
  }

  override deselect(nowNs: number): void {
    for (const die of this.#heard) die.deselect(nowNs);
  }

  override peek(address: number, lengthBytes: number): Uint8Array {
    return this.#dieAt(address).peek(address % this.#dieBytes, lengthBytes);
  }

  override load(address: number, data: Uint8Array): void {
    this.#dieAt(address).load(address % this.#dieBytes, data);
  }

  #dieAt(address: number): ChipModel {
    return this.#dice[address >= this.#dieBytes ? 1 : 0];
  }

  #open(dice: readonly ChipModel[], nowNs: number): void {
    this.#heard = dice;
    for (const die of dice) die.select(nowNs);
  }

  #pass(mosi: number, nowNs: number): number {
    const answers = this.#heard.map((die) => die.exchange(mosi, nowNs));
    return (this.#heard.length === 1 ? answers[0] : answers[this.#active]) ?? 0xff;
  }

  /** The address is complete: its die gets the command with the address inside of it. */
  #route(nowNs: number): void {
    const [opcode = 0, ...address] = this.#head;
    const place = address.reduce((sum, byte) => sum * 256 + byte, 0);
    this.#active = place >= this.#dieBytes ? 1 : 0;
    this.#open([this.#dieAt(place)], nowNs);
    const inside = place % this.#dieBytes;
    const bytes = [opcode, inside >>> 24, (inside >>> 16) & 0xff, (inside >>> 8) & 0xff, inside & 0xff];
    for (const byte of bytes) this.#pass(byte, nowNs);
  }
}
