/** What the commands of an AT25-like chip need of the chip: its part, registers and cells, and what all chips can do. */
import type { ByteRange } from "../../../../drivers/geometry.ts";
import type { At25Guard } from "./guard.ts";
import type { At25Part } from "./part.ts";
import type { Registers } from "./registers.ts";
import type { CellArray } from "../core/cell-array.ts";
import type { RuleName } from "../core/chip-model.ts";
import type { OperationTime } from "../core/chip-times.ts";
import type { Command } from "../core/spi-chip.ts";

export interface At25Host {
  readonly part: At25Part;
  readonly guard: At25Guard;
  readonly registers: Registers;
  readonly cells: CellArray;
  /** The cells beside the array. */
  readonly security: CellArray;
  readonly isWpHigh: () => boolean;
  /** Counts windows; cells that read unsteadily take it. */
  readonly windowNumber: () => number;
  /** When the supply came. */
  readonly poweredAtNs: () => number;
  /** What kind of operation is suspended. */
  readonly suspended: () => "program" | "erase" | undefined;
  readonly isBusy: (nowNs: number) => boolean;
  readonly isInSuspended: (range: ByteRange) => boolean;
  readonly checkSuspended: (opcode: number, range: ByteRange, nowNs: number) => void;
  readonly violate: (rule: RuleName, opcode: number, nowNs: number, detail: string, address?: number) => void;
  readonly work: (
    kind: "program" | "erase" | "other",
    range: ByteRange,
    time: OperationTime,
    nowNs: number,
    bytes?: number,
  ) => void;
  readonly programCells: (opcode: number, address: number, data: Uint8Array, nowNs: number) => void;
  /** The address of a head; bits above the chip do not count, and the host should not send them. */
  readonly addressOf: (head: readonly number[], addressBytes: 3 | 4, nowNs: number) => number;
  readonly clearWriteEnable: () => void;
  /** Takes the latch; false, and a broken rule noted, if it was clear. */
  readonly takeLatch: (opcode: number, nowNs: number) => boolean;
}

/** For operations that touch no cells of the array. */
export const NOTHING: ByteRange = { address: 0, lengthBytes: 0 };

/** A command of one byte that acts when chip select rises. */
export function atOnce(act: (nowNs: number) => void): Command {
  return { headBytes: 1, isRead: false, end: (_, nowNs) => act(nowNs) };
}

/** A register that is read for as long as chip select is low. */
export function register(answer: (nowNs: number) => number): Command {
  return { headBytes: 1, isRead: true, answer: (_, nowNs) => answer(nowNs) };
}

/** A command with an address and nothing after it. */
export function addressed(
  chip: At25Host,
  act: (address: number, nowNs: number) => void,
  addressBytes: 3 | 4 = 3,
): Command {
  let address = 0;
  return {
    headBytes: 1 + addressBytes,
    isRead: false,
    begin: (head, nowNs) => {
      address = chip.addressOf(head, addressBytes, nowNs);
    },
    end: (_, nowNs) => act(address, nowNs),
  };
}
