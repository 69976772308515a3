/**
 * The registers of an AT25-like chip and nothing else, with habits that datasheets do not tell. It runs steps as a bridge
 * does, and can be where a program is killed: from some command on nothing reaches it.
 */
import type { At25Descriptor } from "../../../drivers/chip-descriptor.ts";
import type { SpiStep, StepResult } from "../../../firmware-protocol/step.ts";
import { NorbridgeError } from "../../../src/errors.ts";
import type { StepRunner } from "../../../src/flash/guarded-bridge.ts";
import type { Random } from "../../../src/sim/random.ts";
import type { Stream } from "../../../src/stream.ts";

/** What a chip makes of the commands for its registers. */
export interface RegisterHabits {
  /** Of 01h with two bytes. */
  readonly twoBytes: "both" | "first" | "ignored";
  /** Of 01h with one byte: "clears-second" writes 0 into SR2. */
  readonly oneByte: "only" | "clears-second" | "ignored";
  readonly has31: boolean;
  readonly has50: boolean;
  /** Whether it returns its block locks. */
  readonly readsLocks: boolean;
  readonly isPinLow: boolean;
}

const WEL = 0x02;
const SRP0 = 0x80;
const WPS = 0x04;
const WPSEL = 0x80;
const LOCK_BITS = 0x38;

/**
 * The registers by name: SR1, SR2, SR3, and `block locks`, a checksum of them. Locks are in force by WPS in SR3, or by
 * WPSEL in the security register, which is for good. Their commands take four address bytes in that mode of the chip
 * only.
 */
export class RegisterChip implements StepRunner {
  /** The registers as they were at the beginning. */
  readonly start: ReadonlyMap<string, number>;
  /** What a chip must never be told. */
  readonly broken: string[] = [];
  /** Names of the registers that hold protection. */
  readonly protectionBits = ["SR1", "SR2", "block locks"];
  readonly #habits: RegisterHabits;
  readonly #id: readonly number[];
  readonly #hasSecond: boolean;
  readonly #locksOpcode: number | undefined;
  readonly #security: number;
  readonly #blocks: number;
  readonly #capacityBytes: number;
  #sr1: number;
  #sr2: number;
  #sr3: number;
  #locks: Uint8Array;
  #isFourByte = false;
  #wel: "" | "lasting" | "volatile" = "";
  #commandsLeft = Number.POSITIVE_INFINITY;

  constructor(
    part: At25Descriptor,
    habits: RegisterHabits,
    {
      sr1,
      sr2,
      sr3,
      security = 0,
    }: { readonly sr1: number; readonly sr2: number; readonly sr3: number; readonly security?: number },
    random: Random,
  ) {
    this.#habits = habits;
    this.#id = part.jedecId;
    this.#hasSecond = part.protection.scheme === "bp-sec-tb-cmp" && part.protection.write !== "only-first";
    this.#locksOpcode = part.blockLocks?.readOpcode;
    this.#security = part.moreRegisters?.includes("security register") === true ? security & WPSEL : 0;
    this.#capacityBytes = part.geometry.capacityBytes;
    this.#blocks = this.#capacityBytes / 65_536 + 30;
    [this.#sr1, this.#sr2] = [sr1, this.#hasSecond ? sr2 : 0];
    this.#sr3 = part.moreRegisters?.includes("SR3") === true ? sr3 : 0;
    const isMixed = random.nextUint32() % 2 === 0;
    this.#locks = new Uint8Array(this.#blocks).map(() => (isMixed ? random.nextUint32() & 1 : 1));
    this.start = this.image();
  }

  /** Whether the program that talks to it is dead. */
  get isKilled(): boolean {
    return this.#commandsLeft <= 0;
  }

  /** Whether it was left in its mode of four address bytes. */
  get isFourByte(): boolean {
    return this.#isFourByte;
  }

  /** The program dies after this many commands; undefined: it lives. */
  killAfter(commands: number | undefined): void {
    this.#commandsLeft = commands ?? Number.POSITIVE_INFINITY;
    this.#wel = "";
  }

  image(): ReadonlyMap<string, number> {
    // Locks that nothing puts in force do nothing, and those that cannot be read are as after power-up at best.
    const isInForce = (this.#sr3 & WPS) !== 0 || (this.#security & WPSEL) !== 0;
    const counts = isInForce && this.#locksOpcode !== undefined && this.#habits.readsLocks;
    const locks = counts ? this.#locks.reduce((sum, lock, index) => (sum + lock * (index + 7) * 31) % 65_521, 0) : 0;
    return new Map([
      ["SR1", this.#sr1],
      ["SR2", this.#sr2],
      ["SR3", this.#sr3],
      ["block locks", locks],
    ]);
  }

  async *run(steps: Stream<SpiStep>): AsyncGenerator<StepResult> {
    for await (const step of steps) {
      if (--this.#commandsLeft <= 0) throw new NorbridgeError("BRIDGE_SILENT", "killed", { operation: "run steps" });
      if (step.kind === "poll") yield { kind: "poll", status: step.value };
      else if (step.kind === "transfer") yield { kind: "transfer", received: this.#take(step.send, step.receiveBytes) };
      else yield { kind: "delay" };
    }
  }

  #take(send: Uint8Array, receiveBytes: number): Uint8Array {
    const [opcode = 0, ...data] = send;
    if (opcode === 0x9f) return Uint8Array.from({ length: receiveBytes }, (_, index) => this.#id[index] ?? 0);
    const answer = receiveBytes === 0 ? undefined : this.#answer(opcode, data);
    if (answer === undefined) this.#command(opcode, data);
    return new Uint8Array(receiveBytes).fill(answer ?? 0xff);
  }

  #answer(opcode: number, data: readonly number[]): number | undefined {
    if (opcode === 0x05) return this.#sr1 | (this.#wel === "lasting" ? WEL : 0);
    if (opcode === 0x35 && this.#hasSecond) return this.#sr2;
    if (opcode === 0x15) return this.#sr3;
    if (opcode === 0x2b) return this.#security;
    if (opcode === this.#locksOpcode && this.#habits.readsLocks) return this.#locks[this.#blockAt(data)] ?? 0;
    return 0xff;
  }

  #command(opcode: number, data: readonly number[]): void {
    if (opcode === 0x06) this.#wel = "lasting";
    else if (opcode === 0x04) this.#wel = "";
    else if (opcode === 0xb7 || opcode === 0xe9) this.#isFourByte = opcode === 0xb7;
    else if (opcode === 0x50) {
      if (this.#habits.has50 && this.#wel === "") this.#wel = "volatile";
    } else if (this.#wel !== "") {
      this.#write(opcode, data);
      this.#wel = "";
    }
  }

  #write(opcode: number, data: readonly number[]): void {
    if (this.#locksOpcode !== undefined && [0x36, 0x39, 0x7e, 0x98].includes(opcode))
      return this.#writeLocks(opcode, data);
    // The pin keeps the registers as they are.
    if ((this.#sr1 & SRP0) !== 0 && this.#habits.isPinLow) return;
    const [first = 0, second] = data;
    const { twoBytes, oneByte, has31 } = this.#habits;
    if (opcode === 0x01 && second === undefined && oneByte !== "ignored") {
      this.#sr1 = first & 0xfc;
      if (oneByte === "clears-second" && this.#hasSecond) this.#setSecond(0);
    } else if (opcode === 0x01 && second !== undefined && twoBytes !== "ignored" && this.#hasSecond) {
      this.#sr1 = first & 0xfc;
      if (twoBytes === "both") this.#setSecond(second);
    } else if (opcode === 0x31 && has31 && this.#hasSecond) this.#setSecond(first);
    else if (opcode === 0x11) this.#sr3 = first & 0xfe;
  }

  #setSecond(value: number): void {
    if ((value & LOCK_BITS & ~this.#sr2) !== 0) this.broken.push(`lock bits: ${value.toString(16)}`);
    // Lock bits stay once they are set.
    this.#sr2 = (value & 0x7f) | (this.#sr2 & LOCK_BITS);
  }

  #writeLocks(opcode: number, data: readonly number[]): void {
    if (opcode === 0x7e || opcode === 0x98) this.#locks.fill(opcode === 0x7e ? 1 : 0);
    else this.#locks[this.#blockAt(data)] = opcode === 0x36 ? 1 : 0;
  }

  #blockAt(data: readonly number[]): number {
    if (data.length !== (this.#isFourByte ? 4 : 3))
      this.broken.push(`a lock command with ${data.length} address bytes`);
    const address = data.slice(0, this.#isFourByte ? 4 : 3).reduce((sum, byte) => sum * 256 + byte, 0);
    const topEdge = this.#capacityBytes - 65_536;
    if (address < 65_536) return address >> 12;
    if (address >= topEdge) return this.#blocks - 16 + ((address - topEdge) >> 12);
    return 15 + Math.floor(address / 65_536);
  }
}
