/**
 * What a simulated chip offers to the bridge that drives it and to the test that judges: SPI on one side, memory,
 * broken rules and faults on the other. Times are virtual nanoseconds.
 *
 * A chip does what the real one does, also with a host that errs: it ignores, wraps, ANDs. That the host erred is
 * recorded by name in `violations`, and a test expects none.
 */
import type { ByteRange, FlashGeometry } from "../../../../drivers/geometry.ts";
import type { Random } from "../../random.ts";

/** A rule that a host can break. Reading an ID and waking a chip never break one. */
export type RuleName =
  /** Program (or register write) while the write-enable latch is clear: the chip does nothing. */
  | "program-without-write-enable"
  /** Erase while the write-enable latch is clear: the chip does nothing. */
  | "erase-without-write-enable"
  /** A command that the chip ignores because it is busy. */
  | "command-while-busy"
  /** A buffer command on the buffer that the chip itself is using. */
  | "buffer-in-use"
  /** More bytes than the page has space for: the chip wraps within the page. */
  | "page-overrun"
  /** A bit that is 0 is programmed to 1: only an erase does that. */
  | "program-zero-to-one"
  /** An opcode that the chip does not have. */
  | "unknown-opcode"
  /** Chip select rose before the command was complete. */
  | "short-command"
  /** More bytes than the command has: it is not executed. */
  | "extra-bytes"
  /** An address beyond the capacity of the chip. */
  | "address-beyond-end"
  /** An offset within the page that this page size does not have. */
  | "offset-beyond-page"
  /** A program, erase or register write that protection prevents. */
  | "write-while-protected"
  /** A command to a chip in power-down, or one that is still leaving it. */
  | "not-awake"
  /** A command too soon after power-up. */
  | "power-up-too-soon"
  /** A command on the area of a suspended program or erase, or another erase during it. */
  | "command-while-suspended"
  /** An address of three bytes while the chip expects four. */
  | "wrong-address-mode"
  /** A setting that can be made once in the life of the chip. */
  | "forbidden-one-time";

/** One broken rule of the chip. A test expects none. */
export interface Violation {
  /** The rule. */
  readonly rule: RuleName;
  /** Opcode of the command. */
  readonly opcode: number;
  /** Address of the command, if it has one. */
  readonly address?: number | undefined;
  /** Virtual time, nanoseconds. */
  readonly atNs: number;
  /** What was sent and what the chip did with it, for display. */
  readonly detail: string;
}

/** What the chip has done so far. */
export interface ChipCounters {
  /** Number of programs. */
  readonly programs: number;
  /** Number of erases. */
  readonly erases: number;
  /** Bytes programmed by all of them. */
  readonly bytesProgrammed: number;
  /** Bytes clocked on SPI. */
  readonly spiBytes: number;
  /** Time that the chip was busy, nanoseconds. */
  readonly busyNs: number;
}

/** Registers of a simulated chip and modes that it is in. */
export interface ChipRegisters {
  /** Status registers as stored in cells, in the order of their numbers: what the next power-up loads. */
  readonly stored: readonly number[];
  /** Status registers as in force now. */
  readonly inForce: readonly number[];
  /** Locks of sectors or blocks, or the register that holds them; empty if the chip has none. */
  readonly locks: readonly number[];
  /** Whether commands of the array take four address bytes. */
  readonly isFourByteMode: boolean;
  /** Extended address register: bits 31..24 of addresses with three bytes. */
  readonly bank: number;
  /** The operation that is suspended, if any. */
  readonly suspended: "program" | "erase" | undefined;
}

/** States in which a power cut can leave a program in progress (cells of one page). */
export const TORN_PROGRAMS = ["none", "prefix", "random-bits", "all", "all-and-a-neighbour"] as const;
/** States in which a power cut can leave an erase in progress. A marginal block reads FF, but not always. */
export const TORN_ERASES = ["untouched", "partly-zero", "random", "marginal", "done"] as const;
/** State in which a power cut leaves a program or an erase in progress. */
export type TornState = (typeof TORN_PROGRAMS)[number] | (typeof TORN_ERASES)[number];

/**
 * A simulated chip: SPI for the bridge, and memory, broken rules and faults for the test. All times are virtual
 * nanoseconds.
 *
 * It behaves like the real chip, also if the host makes an error: it ignores, wraps or ANDs. The error is recorded in
 * `violations`.
 */
export interface ChipModel {
  /** Part name, such as "AT25SF041". */
  readonly name: string;
  /** Address space, pages and erase units. */
  readonly geometry: FlashGeometry;
  /** Rules broken so far, oldest first; the first 10,000 of them. */
  readonly violations: readonly Violation[];
  /** What the chip has done so far. */
  readonly counters: ChipCounters;
  /** End of the operation in progress. In the past if there is none; Infinity if it never ends. */
  readonly busyUntilNs: number;
  /** Chip select falls. */
  select(nowNs: number): void;
  /** Exchanges one byte; `nowNs` is when its first bit is clocked. Returns the byte on MISO. */
  exchange(mosi: number, nowNs: number): number;
  /**
   * Sends `send`, then receives `receiveBytes` with FFh on MOSI, one byte every `byteNs`. The same as that many calls
   * of `exchange`, but fast. Returns the received bytes.
   */
  exchangeBlock(send: Uint8Array, receiveBytes: number, startNs: number, byteNs: number): Uint8Array;
  /** Chip select rises: the chip now carries out the command. */
  deselect(nowNs: number): void;
  /** Sets the levels of WP# and HOLD#. True is high, which is inactive. */
  setPins(pins: { readonly wp?: boolean | undefined; readonly hold?: boolean | undefined }): void;

  /** Returns the cells as they are, without SPI. For checks in tests. */
  peek(address: number, lengthBytes: number): Uint8Array;
  /** Returns the registers as they are, without SPI. For checks in tests. */
  peekRegisters(): ChipRegisters;
  /**
   * Returns the ranges in which the cells may differ from those of `earlier`. One of the two must be a fork of the
   * other. For checks in tests.
   */
  changedSince(earlier: ChipModel): readonly ByteRange[];
  /** Sets cells without any rule. For the preparation of tests. */
  load(address: number, data: Uint8Array): void;
  /** Returns an independent chip in the same state. It costs little, because unchanged pages are shared. */
  fork(): ChipModel;

  /**
   * Cuts power. A program or erase in progress is left in the state `torn`, or in one that `random` selects. Then the
   * chip does not respond.
   */
  powerCut(nowNs: number, random: Random, torn?: TornState): void;
  /** Restores power: volatile state is as after power-up. */
  powerOn(nowNs: number): void;
  /** The operation in progress never ends. */
  stayBusy(): void;
  /** From now on, bit `bit` (0 to 7) of this byte reads `level`, whatever is programmed or erased. */
  stickBit(address: number, bit: number, level: 0 | 1): void;
  /** From now on, an erase leaves the cells of this range unchanged and reports no error. */
  breakErase(range: ByteRange): void;
}
