/**
 * A part as data: all that a driver and a planner need to know of one chip, and where each value comes from.
 *
 * A new part of a known family is a new entry in `catalog/`, never new code. Opcodes that every member of a family
 * shares are constants of the family's driver; here is only what differs from part to part.
 */
import type { FlashGeometry } from "./geometry.ts";

/** The part as it is ordered. Times are in `geometry`. */
/** What is known of every chip. */
export interface ChipDescriptorBase {
  /** Part name as printed on the data sheet: "AT25SF041". Unique in the catalogue. */
  readonly name: string;
  readonly vendor: string;
  /** Answer to 9Fh, manufacturer first, 3 bytes. Parts may share it; identify.ts tells them apart. */
  readonly jedecId: readonly number[];
  /** What follows the three bytes (length of the extended information, then that), where it tells parts apart. */
  readonly extendedId?: readonly number[] | undefined;
  /** Address space, pages, erase units with times; for an AT45 those of the page size the chip is set to. */
  readonly geometry: FlashGeometry;
  /** Fastest clock for every command the driver sends, Hz. */
  readonly maxSpiClockHz: number;
  /** Supply range, millivolts. */
  readonly supplyMv: { readonly minimum: number; readonly maximum: number };
  /** Where the values come from, one short line a group of values. */
  readonly sources: readonly string[];
}

/** What protects an AT25-like part against program and erase, and which commands change it. */
export type At25Protection =
  /**
   * SR1: SRP0, SEC, TB, BP2..0 in bits 7..2; SR2 (35h): CMP in bit 6, SRP1 in bit 0. `write`: both registers with one
   * 01h (one byte would clear SR2 on some parts), or 01h and 31h apart. `hasVolatileWrite`: 50h instead of 06h changes
   * them until power goes.
   */
  | { readonly scheme: "bp-sec-tb-cmp"; readonly write: "together" | "apart"; readonly hasVolatileWrite: boolean }
  /** Bits of SR1 whose extent is not known: any set counts as all. Some parts have locks beside, opened by one opcode. */
  | { readonly scheme: "bp-mask"; readonly mask: number; readonly globalUnlockOpcode?: number | undefined }
  /** A volatile bit a sector (36h, 39h, 3Ch), summed up in SR1 bits 3:2; 01h changes all; all set after power-up. */
  | { readonly scheme: "sector-registers"; readonly sectors: readonly ProtectionSectors[] }
  /** SR1 bit 2 protects all, bit 7 locks it. */
  | { readonly scheme: "bp0" }
  /** A register of bits (72h, 42h), all set after power-up; 98h clears it. */
  | { readonly scheme: "block-register"; readonly registerBytes: number }
  /** Only that SR1 bit 0 is busy is known. */
  | { readonly scheme: "unknown" };

/** So many sectors of one size, from the bottom on. */
export interface ProtectionSectors {
  readonly lengthBytes: number;
  readonly count: number;
}

/** Where the factory's unique ID is read. */
export type UniqueIdPlace =
  /** 4Bh and four bytes; the answer's first bytes. */
  | { readonly kind: "command-4b"; readonly lengthBytes: number }
  /** Bytes 64..127 of the one-time register (77h). */
  | { readonly kind: "otp-77" }
  /** The first 16 bytes of the area behind B1h. */
  | { readonly kind: "secured-area" }
  /** 88h, two address bytes, one dummy; 8 bytes. */
  | { readonly kind: "command-88" };

/** Bytes beside the array that are meant to be written once. */
export type OneTimeArea =
  /** 48h, 42h, 44h; registers 1 to `count`, their number at `numberShift` of the address; can be erased until locked. */
  | {
      readonly kind: "security-registers";
      readonly count: number;
      readonly registerBytes: number;
      readonly numberShift: number;
    }
  /** 77h, 9Bh: 64 bytes for the user, once; 64 of the factory. */
  | { readonly kind: "otp-128" }
  /** 4Bh, 9Bh: pages, the first of them the factory's. */
  | { readonly kind: "otp-pages"; readonly count: number; readonly pageBytes: number; readonly factoryPages: number }
  /** Between B1h and C1h the array's commands reach it. */
  | { readonly kind: "secured-area"; readonly lengthBytes: number; readonly factoryBytes: number };

/** The command that erases one block of a unit of the geometry. */
export interface At25EraseCommand {
  /** Name of the unit in `geometry.eraseUnits`. */
  readonly unitName: string;
  readonly opcode: number;
  /** How many address bytes follow: 0 for the chip erase. */
  readonly addressBytes: 0 | 3 | 4;
}

/** A part with plain linear addresses, 06h before every change, busy in bit 0 of 05h. */
export interface At25Descriptor extends ChipDescriptorBase {
  readonly family: "at25";
  /** Address bytes of read and program: 4 above 16 MiB, with opcodes of their own (0Ch, 12h). */
  readonly addressBytes: 3 | 4;
  readonly protection: At25Protection;
  /** Absent where none is known. */
  readonly uniqueId?: UniqueIdPlace | undefined;
  readonly oneTime?: OneTimeArea | undefined;
  /** Absent where the part cannot, or no source says that it can. */
  readonly suspend?: { readonly suspendOpcode: number; readonly resumeOpcode: number } | undefined;
  /** One entry for every unit of the geometry. */
  readonly eraseCommands: readonly At25EraseCommand[];
  /** Whether SR1 bit 5 tells that the last program or erase failed. */
  readonly reportsErrors: boolean;
  /** Whether the part answers 5Ah; tells parts apart that share an ID. */
  readonly sfdp: "present" | "absent" | "not known";
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
