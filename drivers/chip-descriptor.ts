/**
 * A part as data: all that a driver and a planner need to know of one chip, and where each value comes from.
 *
 * A new part of a known family is a new entry in `catalog/`, never new code. Opcodes that every member of a family
 * shares are constants of the family's driver; here is only what differs from part to part.
 */
import type { FlashGeometry } from "./geometry.ts";

/** The part as it is ordered. Times are in `geometry`. */
interface ChipDescriptorBase {
  /** Part name as printed on the data sheet: "AT25SF041". Unique in the catalogue. */
  readonly name: string;
  readonly vendor: string;
  /** Answer to 9Fh, manufacturer first, 3 bytes. Parts may share it; identify.ts tells them apart. */
  readonly jedecId: readonly number[];
  /** What follows the three bytes (length of the extended information, then that), where it tells parts apart. */
  readonly extendedId?: readonly number[];
  /** Address space, pages, erase units with times; for an AT45 those of the page size the chip is set to. */
  readonly geometry: FlashGeometry;
  /** Fastest clock for every command the driver sends, Hz. */
  readonly maxSpiClockHz: number;
  /** Supply range, millivolts. */
  readonly supplyMv: { readonly minimum: number; readonly maximum: number };
  /** Where the values come from, one short line a group of values. */
  readonly sources: readonly string[];
}

/** How the protection bits of an AT25-like part lie in its status registers. */
export type At25StatusLayout =
  /** SR1: SEC, TB, BP2..0 in bits 6..2; SR2 (35h): CMP in bit 6. */
  | "bp-sec-tb-cmp"
  /** Only that SR1 bit 0 is busy is known. */
  | "busy-only";

/** The command that erases one block of a unit of the geometry. */
export interface At25EraseCommand {
  /** Name of the unit in `geometry.eraseUnits`. */
  readonly unitName: string;
  readonly opcode: number;
  /** How many address bytes follow: 3, or 0 for the chip erase. */
  readonly addressBytes: 0 | 3;
}

/** A part with plain linear addresses, 06h before every change, busy in bit 0 of 05h. */
export interface At25Descriptor extends ChipDescriptorBase {
  readonly family: "at25";
  readonly statusLayout: At25StatusLayout;
  /** One entry for every unit of the geometry. */
  readonly eraseCommands: readonly At25EraseCommand[];
  /** Whether SR1 bit 5 tells that the last program or erase failed. */
  readonly reportsErrors: boolean;
  /** Whether the part answers 5Ah; tells parts apart that share an ID. */
  readonly sfdp: "present" | "absent";
}

/** Sectors of an AT45: the first is cut in two, the rest are of one size. Counted in pages. */
export interface At45Sectors {
  readonly pages0a: number;
  readonly pages0b: number;
  readonly otherCount: number;
  readonly otherPages: number;
}

/** A DataFlash: two page sizes, SRAM buffers, status by D7h. */
export interface At45Descriptor extends ChipDescriptorBase {
  readonly family: "at45";
  /** Page size the chip is set to, as status bit 0 said it; `geometry` fits it. */
  readonly pageBytes: number;
  readonly standardPageBytes: 264 | 528 | 1056;
  readonly binaryPageBytes: 256 | 512 | 1024;
  readonly pageCount: number;
  readonly sectors: At45Sectors;
  /** SRAM buffers: two let a page load while another programs. */
  readonly bufferCount: 1 | 2;
  /** Bits 5:2 of status byte 1, in place (mask 3Ch). */
  readonly statusDensityBits: number;
  /** Whether D7h has a second byte with the error bit (E parts). */
  readonly reportsErrors: boolean;
}

export type ChipDescriptor = At25Descriptor | At45Descriptor;
