/** What the commands of an AT45 need of the chip: its part, state, buffers and cells, and what all chips can do. */
import type { ByteRange } from "../../../../drivers/geometry.ts";
import type { At45Part } from "./part.ts";
import type { CellArray } from "../core/cell-array.ts";
import type { RuleName } from "../core/chip-model.ts";
import type { OperationTime } from "../core/chip-times.ts";

export type BufferNumber = 1 | 2;

/** What the chip keeps beside cells and buffers. */
export interface At45State {
  comparesUnequal: boolean;
  isProtectionOn: boolean;
  protection: readonly number[];
  /** The user's half of the security register; undefined until it is programmed, once. */
  security: readonly number[] | undefined;
  /** A D part that was set to binary pages, which take effect at the next power-up. */
  becomesBinary: boolean;
  /** The buffer the running operation uses. */
  busyBuffer: BufferNumber | undefined;
  sleepsFromNs: number;
  isDeepAsleep: boolean;
  awakeFromNs: number;
}

export interface At45Host {
  readonly part: At45Part;
  readonly state: At45State;
  /** What distinguishes two chips of a part. */
  readonly seed: number;
  /** The array and the page size change when the chip is set to the other page size. */
  readonly cells: () => CellArray;
  readonly pageBytes: () => number;
  readonly buffer: (number: BufferNumber) => Uint8Array;
  /** Counts windows; cells that read unsteadily take it. */
  readonly windowNumber: () => number;
  /** Sector protection is on, by command or by WP#. */
  readonly isProtectionOn: () => boolean;
  /** Page number of a head. */
  readonly pageOf: (head: readonly number[]) => number;
  /** Byte offset of a head; one that this page size does not have is recorded and wrapped. */
  readonly offsetOf: (head: readonly number[], nowNs: number) => number;
  readonly setPageBytes: (pageBytes: number) => void;
  readonly violate: (rule: RuleName, opcode: number, nowNs: number, detail: string, address?: number) => void;
  readonly work: (
    kind: "program" | "erase" | "other",
    range: ByteRange,
    time: OperationTime,
    nowNs: number,
    bytes?: number,
  ) => void;
  readonly programCells: (opcode: number, address: number, data: Uint8Array, nowNs: number) => void;
}

/** The three bytes after an opcode. */
export function bigEndian(head: readonly number[]): number {
  return ((head[1] ?? 0) << 16) | ((head[2] ?? 0) << 8) | (head[3] ?? 0);
}
