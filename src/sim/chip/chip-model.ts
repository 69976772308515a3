/**
 * What a simulated chip offers to the bridge that drives it and to the test that judges: SPI on one side, memory,
 * broken rules and faults on the other. Times are virtual nanoseconds.
 *
 * A chip does what the real one does, also with a host that errs: it ignores, wraps, ANDs. That the host erred is
 * recorded by name in `violations`, and a test expects none.
 */
import type { ByteRange, FlashGeometry } from "../../../drivers/geometry.ts";
import type { Random } from "../random.ts";

/** Rules a host can break. Reading an identification and waking a chip never break one. */
export type RuleName =
  /** Program (or register write) while the write-enable latch is clear: the chip does nothing. */
  | "program-without-write-enable"
  | "erase-without-write-enable"
  /** A command the busy chip does not hear. */
  | "command-while-busy"
  /** A buffer command on the buffer that the chip itself is using. */
  | "buffer-in-use"
  /** More bytes than the page has room for: the chip wraps inside of the page. */
  | "page-overrun"
  /** A bit that is 0 should become 1: only an erase does that. */
  | "program-zero-to-one"
  | "unknown-opcode"
  /** Chip select rose before the command was whole. */
  | "short-command"
  /** More bytes than the command has: it is not executed. */
  | "extra-bytes"
  | "address-beyond-end"
  /** An offset within the page that this page size does not have. */
  | "offset-beyond-page"
  /** Program, erase or register write that protection refuses. */
  | "write-while-protected"
  /** A command to a chip that sleeps or is still waking. */
  | "not-awake"
  /** A command too soon after power came. */
  | "power-up-too-soon"
  /** A command into what an interrupted program or erase has in hand, or an erase beside it. */
  | "command-while-suspended"
  /** An address of three bytes while the chip takes four. */
  | "wrong-address-mode"
  /** A setting that can be made once in the life of the chip. */
  | "forbidden-one-time";

/** One broken rule. */
export interface Violation {
  readonly rule: RuleName;
  readonly opcode: number;
  readonly address?: number | undefined;
  readonly atNs: number;
  /** For people: what was sent and what the chip made of it. */
  readonly detail: string;
}

/** What the chip has done so far. */
export interface ChipCounters {
  readonly programs: number;
  readonly erases: number;
  readonly bytesProgrammed: number;
  /** Bytes that were clocked, both kinds together. */
  readonly spiBytes: number;
  /** Time the chip worked by itself, nanoseconds. */
  readonly busyNs: number;
}

/** What a power cut leaves of a program under way (cells of one page). */
export const TORN_PROGRAMS = ["none", "prefix", "random-bits", "all", "all-and-a-neighbour"] as const;
/** What a power cut leaves of an erase under way. A marginal block reads FF, but not always. */
export const TORN_ERASES = ["untouched", "partly-zero", "random", "marginal", "done"] as const;
export type TornState = (typeof TORN_PROGRAMS)[number] | (typeof TORN_ERASES)[number];

export interface ChipModel {
  readonly name: string;
  readonly geometry: FlashGeometry;
  /** Rules broken so far, oldest first; the first 10,000 of them. */
  readonly violations: readonly Violation[];
  readonly counters: ChipCounters;
  /** Until when the chip works by itself; at or below now if it does not, infinite if it hangs. */
  readonly busyUntilNs: number;
  /** Chip select falls. */
  select(nowNs: number): void;
  /** One byte each way; `nowNs` is when its first bit is clocked. */
  exchange(mosi: number, nowNs: number): number;
  /** `send`, then `receiveBytes` with FFh on MOSI, a byte every `byteNs`: the same as that many `exchange`, but quick. */
  exchangeBlock(send: Uint8Array, receiveBytes: number, startNs: number, byteNs: number): Uint8Array;
  /** Chip select rises: what was sent is carried out now. */
  deselect(nowNs: number): void;
  /** Levels of WP# and HOLD#: true is high, which is inactive. */
  setPins(pins: { readonly wp?: boolean | undefined; readonly hold?: boolean | undefined }): void;

  /** For oracles: the cells as they are, without SPI. */
  peek(address: number, lengthBytes: number): Uint8Array;
  /** For oracles: where cells may differ from those of a chip that this is a fork of, or that is a fork of this. */
  changedSince(earlier: ChipModel): readonly ByteRange[];
  /** For tests: sets cells without rules. */
  load(address: number, data: Uint8Array): void;
  /** A chip of its own in the same state; costs little, since unchanged pages are shared. */
  fork(): ChipModel;

  /** Power goes: a program or erase under way is torn, as named or as `random` picks; then nothing answers. */
  powerCut(nowNs: number, random: Random, torn?: TornState): void;
  /** Power comes: volatile state is as after power-up. */
  powerOn(nowNs: number): void;
  /** The operation under way never ends. */
  stayBusy(): void;
  /** From now on this bit reads `level`, whatever is programmed or erased. */
  stickBit(address: number, bit: number, level: 0 | 1): void;
  /** From now on an erase leaves the cells of this range as they are, without a word. */
  breakErase(range: ByteRange): void;
}
