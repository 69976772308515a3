/**
 * What all simulated chips share: chip-select windows, the time the chip works by itself, power, broken rules, faults.
 * A family specifies which commands exist and what each does.
 */
import type { ByteRange, FlashGeometry } from "../../../../drivers/geometry.ts";
import { formatAddress } from "../../../bytes.ts";
import type { Random } from "../../random.ts";
import type { CellArray } from "./cell-array.ts";
import type { ChipCounters, ChipModel, ChipRegisters, RuleName, TornState, Violation } from "./chip-model.ts";
import type { ChipTimes, OperationTime } from "./chip-times.ts";
import { ChipWork, type ChipWorkState, type WorkKind } from "./chip-work.ts";
import { MAX_VIOLATIONS } from "../../most-violations.ts";

/** What one command does in its window. The head is opcode, address and dummy bytes. */
export interface Command {
  readonly headBytes: number;
  /** Harmless if chip select rises too soon or too late. */
  readonly isRead: boolean;
  /** The head is whole. */
  begin?(head: readonly number[], nowNs: number): void;
  /** Byte `index` after the head came in. */
  take?(index: number, byte: number): void;
  /** The same for many bytes in a row. */
  takeAll?(index: number, bytes: Uint8Array): void;
  /** Byte `index` after the head goes out. */
  answer?(index: number, nowNs: number): number;
  /** The same for many bytes in a row; only where time does not matter between them. */
  answerInto?(index: number, into: Uint8Array): void;
  /** Chip select rises after a whole command with `count` bytes after its head. */
  end?(count: number, nowNs: number): void;
}

/**
 * A `take` that keeps the first bytes that come: as many as the command's register holds. A host may send as many as it
 * likes, and a chip has no place for more.
 */
export function keepFirst(mostBytes: number, data: () => number[]): NonNullable<Command["take"]> {
  return (index, byte) => {
    if (index < mostBytes) data().push(byte);
  };
}

/**
 * A `take` that keeps what came last for each place of a page, as its buffer does: what comes after the end starts
 * again.
 */
export function keepLast(pageBytes: () => number, data: () => number[]): NonNullable<Command["take"]> {
  return (index, byte) => {
    data()[index % pageBytes()] = byte;
  };
}

interface Window {
  command: Command | undefined;
  head: number[];
  /** Bytes after the head. */
  count: number;
  /** All of this window is ignored. */
  isDeaf: boolean;
  /** What MISO reads meanwhile. */
  level: number;
}

const HIGH_IMPEDANCE = 0xff;
const FILLER = 0xff;

/** What a family's fork carries over. */
export interface SpiChipState extends ChipWorkState {
  readonly violations: readonly Violation[];
  readonly counters: ChipCounters;
  readonly isPowered: boolean;
  readonly poweredAtNs: number;
  readonly pins: { readonly wp: boolean; readonly hold: boolean };
}

export abstract class SpiChip implements ChipModel {
  readonly name: string;
  #geometry: FlashGeometry;
  #cells: CellArray;
  protected readonly times: ChipTimes;
  /** Level of WP#: true is high. */
  protected wpPin = true;
  protected poweredAtNs = Number.NEGATIVE_INFINITY;
  /** Counts windows; cells that read unsteadily take it. */
  protected windowNumber = 0;
  #holdPin = true;
  #isPowered = true;
  readonly #work = new ChipWork();
  #window: Window | undefined;
  readonly #violations: Violation[] = [];
  #counters = { programs: 0, erases: 0, bytesProgrammed: 0, spiBytes: 0, busyNs: 0 };

  constructor(name: string, geometry: FlashGeometry, cells: CellArray, times: ChipTimes) {
    this.name = name;
    this.#geometry = geometry;
    this.#cells = cells;
    this.times = times;
  }

  /** The command, or undefined if the chip has none with this opcode. */
  protected abstract commandFor(opcode: number): Command | undefined;
  /** Whether the chip listens to this opcode now; records the broken rule where it does not. */
  protected abstract hears(opcode: number, nowNs: number): boolean;
  /** A write-type command was broken off or malformed. */
  protected abstract commandAborted(opcode: number): void;
  /** Volatile state as after power-up. */
  protected abstract poweredUp(): void;
  abstract fork(): ChipModel;
  abstract peekRegisters(): ChipRegisters;

  get geometry(): FlashGeometry {
    return this.#geometry;
  }

  protected get cells(): CellArray {
    return this.#cells;
  }

  /** The array from now on, for a chip that was set to another page size. */
  protected replaceArray(cells: CellArray, geometry: FlashGeometry): void {
    this.#cells = cells;
    this.#geometry = geometry;
  }

  get violations(): readonly Violation[] {
    return this.#violations;
  }

  get counters(): ChipCounters {
    return { ...this.#counters };
  }

  get busyUntilNs(): number {
    return this.#work.busyUntilNs;
  }

  protected isBusy(nowNs: number): boolean {
    return this.#work.isBusy(nowNs);
  }

  protected get isSuspended(): boolean {
    return this.#work.isSuspended;
  }

  /** What kind of operation is suspended. */
  protected get suspendedKind(): "program" | "erase" | undefined {
    return this.#work.suspendedKind;
  }

  /** Whether a suspended operation is in the middle of some of the range. */
  protected isInSuspended(range: ByteRange): boolean {
    return this.#work.isInSuspended(range);
  }

  /** At work for so long from the first window on, as it was left. */
  protected findBusy(forNs: number): void {
    this.#work.findBusy(forNs);
  }

  /** With an operation that was suspended before: an erase whose cells are as before it, or a program. */
  protected findSuspended(kind: "program" | "erase", range: ByteRange, restNs: number): void {
    this.#work.findSuspended(kind, range, restNs, this.cells);
  }

  /** What MISO reads in a window that the chip ignores. */
  protected deafLevel(): number {
    return HIGH_IMPEDANCE;
  }

  /** Interrupts a program or erase; the chip listens again after `latencyNs`. Does nothing if there is none. */
  protected suspend(nowNs: number, latencyNs: number): void {
    this.#work.suspend(nowNs, latencyNs, this.cells.capacityBytes);
  }

  /** Continues what was interrupted. */
  protected resume(nowNs: number): void {
    this.#work.resume(nowNs, this.cells);
  }

  /** A range that an interrupted operation is in the middle of must be left alone: what it reads as is not defined. */
  protected checkSuspended(opcode: number, range: ByteRange, nowNs: number): void {
    if (!this.isInSuspended(range)) return;
    this.violate("command-while-suspended", opcode, nowNs, "an interrupted operation is in there", range.address);
  }

  protected violate(rule: RuleName, opcode: number, atNs: number, detail: string, address?: number): void {
    if (this.#violations.length >= MAX_VIOLATIONS) return;
    this.#violations.push({ rule, opcode, atNs, detail, address });
  }

  select(nowNs: number): void {
    this.windowNumber++;
    this.#work.onSelect(nowNs);
    this.#window = { command: undefined, head: [], count: 0, isDeaf: !this.#isPowered, level: HIGH_IMPEDANCE };
  }

  exchange(mosi: number, nowNs: number): number {
    this.#counters.spiBytes++;
    const window = this.#window;
    if (window === undefined || !this.#holdPin) return HIGH_IMPEDANCE;
    if (window.isDeaf) return window.level;
    if (window.command === undefined) return this.#takeOpcode(window, mosi, nowNs);
    const { command, head } = window;
    if (head.length < command.headBytes) {
      head.push(mosi);
      if (head.length === command.headBytes) command.begin?.(head, nowNs);
      return HIGH_IMPEDANCE;
    }
    const index = window.count++;
    command.take?.(index, mosi);
    return command.answer?.(index, nowNs) ?? HIGH_IMPEDANCE;
  }

  exchangeBlock(send: Uint8Array, receiveBytes: number, startNs: number, byteNs: number): Uint8Array {
    let sent = 0;
    while (sent < send.length && !this.#canTakeAtOnce()) {
      this.exchange(send[sent] ?? 0, startNs + sent * byteNs);
      sent++;
    }
    if (sent < send.length) this.#takeAll(send.subarray(sent));
    let nowNs = startNs + send.length * byteNs;
    const received = new Uint8Array(receiveBytes).fill(HIGH_IMPEDANCE);
    let done = 0;
    while (done < receiveBytes && !this.#canAnswerAtOnce()) {
      received[done++] = this.exchange(FILLER, nowNs);
      nowNs += byteNs;
    }
    const window = this.#window;
    if (done < receiveBytes && window?.command?.answerInto !== undefined) {
      window.command.answerInto(window.count, received.subarray(done));
      window.count += receiveBytes - done;
      this.#counters.spiBytes += receiveBytes - done;
    }
    return received;
  }

  deselect(nowNs: number): void {
    const window = this.#window;
    this.#window = undefined;
    if (window?.command === undefined || window.isDeaf) return;
    const { command, head, count } = window;
    const [opcode = 0] = head;
    const isShort = head.length < command.headBytes;
    const isLong = count > 0 && command.take === undefined && command.answer === undefined;
    if (!isShort && (!isLong || command.isRead)) {
      command.end?.(count, nowNs);
    } else if (!command.isRead) {
      const rule = isShort ? "short-command" : "extra-bytes";
      this.violate(rule, opcode, nowNs, `${head.length + count} bytes where the command has ${command.headBytes}`);
      this.commandAborted(opcode);
    }
  }

  setPins(pins: { readonly wp?: boolean | undefined; readonly hold?: boolean | undefined }): void {
    this.wpPin = pins.wp ?? this.wpPin;
    this.#holdPin = pins.hold ?? this.#holdPin;
  }

  changedSince(earlier: ChipModel): readonly ByteRange[] {
    if (earlier instanceof SpiChip && earlier.cells.capacityBytes === this.cells.capacityBytes) {
      return this.cells.changedSince(earlier.cells);
    }
    return [{ address: 0, lengthBytes: this.cells.capacityBytes }];
  }

  peek(address: number, lengthBytes: number): Uint8Array {
    return this.cells.peek(address, lengthBytes);
  }

  load(address: number, data: Uint8Array): void {
    this.cells.load(address, data);
  }

  powerCut(nowNs: number, random: Random, torn?: TornState): void {
    this.#work.tear(nowNs, this.cells, random, torn);
    this.#work.clear();
    this.#isPowered = false;
    this.#window = undefined;
  }

  powerOn(nowNs: number): void {
    this.#isPowered = true;
    this.poweredAtNs = nowNs;
    this.poweredUp();
  }

  stayBusy(): void {
    this.#work.stayBusy();
  }

  stickBit(address: number, bit: number, level: 0 | 1): void {
    this.cells.stickBit(address, bit, level);
  }

  breakErase(range: ByteRange): void {
    this.cells.breakErase(range);
  }

  /** The chip works by itself from now on. Call it before the cells change, so that a power cut can tear it. */
  protected work(kind: WorkKind, range: ByteRange, time: OperationTime, nowNs: number, bytes = 0): void {
    const durationNs = this.times.nanoseconds(time, range.address, this.#counters.programs + this.#counters.erases);
    this.#work.start(kind, range, nowNs + durationNs, this.cells);
    this.#counters.busyNs += durationNs;
    if (kind === "program") this.#counters.programs++;
    if (kind === "erase") this.#counters.erases++;
    this.#counters.bytesProgrammed += bytes;
  }

  /** Programs cells and records a bit that only an erase could set. */
  protected programCells(opcode: number, address: number, data: Uint8Array, nowNs: number): void {
    const wrong = this.cells.program(address, data);
    if (wrong === undefined) return;
    this.violate("program-zero-to-one", opcode, nowNs, `the cell at ${formatAddress(wrong)} is not erased`, wrong);
  }

  protected get state(): SpiChipState {
    return {
      ...this.#work.state,
      violations: this.#violations.slice(),
      counters: this.counters,
      isPowered: this.#isPowered,
      poweredAtNs: this.poweredAtNs,
      pins: { wp: this.wpPin, hold: this.#holdPin },
    };
  }

  /** For forks. A window that is open is not carried over: a fork begins with chip select high. */
  protected takeState(state: SpiChipState): void {
    this.#work.takeState(state);
    this.#violations.push(...state.violations);
    this.#counters = { ...state.counters };
    this.#isPowered = state.isPowered;
    this.poweredAtNs = state.poweredAtNs;
    this.setPins(state.pins);
  }

  #takeOpcode(window: Window, opcode: number, nowNs: number): number {
    if (!this.hears(opcode, nowNs)) {
      window.isDeaf = true;
      window.level = this.deafLevel();
      return HIGH_IMPEDANCE;
    }
    window.command = this.commandFor(opcode);
    if (window.command === undefined) {
      window.isDeaf = true;
      this.violate("unknown-opcode", opcode, nowNs, `${this.name} has no such command`);
      return HIGH_IMPEDANCE;
    }
    window.head.push(opcode);
    if (window.command.headBytes === 1) window.command.begin?.(window.head, nowNs);
    return HIGH_IMPEDANCE;
  }

  #canTakeAtOnce(): boolean {
    return this.#isPastHead() && this.#window?.command?.takeAll !== undefined;
  }

  #takeAll(bytes: Uint8Array): void {
    const window = this.#window;
    if (window === undefined) return;
    window.command?.takeAll?.(window.count, bytes);
    window.count += bytes.length;
    this.#counters.spiBytes += bytes.length;
  }

  #canAnswerAtOnce(): boolean {
    return this.#isPastHead() && this.#window?.command?.answerInto !== undefined;
  }

  /** The chip listens, and the head of a command is whole. */
  #isPastHead(): boolean {
    const window = this.#window;
    if (window?.isDeaf !== false || !this.#holdPin) return false;
    return window.command !== undefined && window.head.length === window.command.headBytes;
  }
}
