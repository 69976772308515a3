/**
 * A part as data: all that a driver and a planner need to know of one chip, and where each value comes from.
 *
 * A new part of a known family is a new entry in `catalog/`, never new code. Opcodes that every member of a family
 * shares are constants of the family's driver; here is only what differs from part to part.
 */
import type { FlashGeometry } from "./geometry.ts";

/** The facts that are known of every chip. */
export interface ChipDescriptorBase {
  /** Part name as printed on the datasheet, such as "AT25SF041". Unique in the catalogue. */
  readonly name: string;
  /** Manufacturer. */
  readonly vendor: string;
  /** Response to 9Fh: 3 bytes, manufacturer first. Several parts may share it; `identify` distinguishes them. */
  readonly jedecId: readonly number[];
  /**
   * The bytes after these three (length of the extended information, then that information), if they distinguish parts.
   */
  readonly extendedId?: readonly number[] | undefined;
  /** Address space, pages and erase units with times. For an AT45, those of the page size that the chip is set to. */
  readonly geometry: FlashGeometry;
  /** Fastest clock for every command of the driver, Hz. */
  readonly maxSpiClockHz: number;
  /** Supply voltage range, millivolts. */
  readonly supplyMv: {
    /** Lowest supply voltage, millivolts. */
    readonly minimum: number;
    /** Highest supply voltage, millivolts. */
    readonly maximum: number;
  };
  /** Sources of the values: one short line for each group of values. */
  readonly sources: readonly string[];
}

/** A status register: SR1 to SR3, or the configuration register of Macronix. */
export type StatusName = "SR1" | "SR2" | "SR3" | "CR";

/** Place of one bit of a status register. */
export interface RegisterBit {
  /** The register. */
  readonly register: StatusName;
  /** Number of the bit, 0 to 7. */
  readonly bit: number;
  /** True if the bit can be written once or never: it is read, and never changed. */
  readonly isFixed?: true | undefined;
}

/**
 * How the number b made of n BP bits counts. 0 covers nothing and all ones the whole chip; a unit is 64 KiB at least.
 *
 * - `blocks`: units double from b = 1 on; the value before all ones is half of the chip. With SEC: 4 KiB, at most 32 KiB.
 * - `blocks-64k`: the same, a unit is always 64 KiB.
 * - `bit-cmp`: as `blocks`; CMP = 1 inverts b before it turns the range around.
 * - `two-blocks`: as `blocks`, b = 1 covers two units.
 * - `sixteenth`: b below 3 covers nothing, then as `blocks`; SEC has no effect.
 * - `linux`: units of `sectorBytes` double until the bits reach the whole chip.
 */
export type BpRule = "blocks" | "blocks-64k" | "bit-cmp" | "two-blocks" | "sixteenth" | "linux";

/** Places of the block protection bits, and what they cover. */
export interface BpMap {
  /** How the BP bits count. */
  readonly rule: BpRule;
  /** BP0 first. */
  readonly bp: readonly RegisterBit[];
  /** 1: from the bottom of the chip, not from its top. */
  readonly tb?: RegisterBit | undefined;
  /** 1: the BP bits count sectors of 4 KiB. */
  readonly sec?: RegisterBit | undefined;
  /** 1: what was covered is free, the rest is covered. */
  readonly cmp?: RegisterBit | undefined;
  /** Size of a sector of the rule `linux`, bytes; absent: 64 KiB. */
  readonly sectorBytes?: number | undefined;
}

/**
 * How an AT25-like part protects itself against program and erase, and the commands that change it. SR1 and SR2 are status
 * registers 1 (05h) and 2 (35h).
 */
export type At25Protection =
  | {
      /** Block protection bits whose ranges are known. SRP0 is bit 7 of SR1, SRP1 bit 0 of SR2. */
      readonly scheme: "bp-sec-tb-cmp";
      /** Places of the bits and what they cover. Absent: SEC, TB and BP2..0 in bits 6..2 of SR1, CMP in bit 6 of SR2. */
      readonly map?: BpMap | undefined;
      /**
       * `together`: one 01h writes both registers, because a single byte would clear SR2 on some parts. `apart`: 01h writes
       * SR1 and 31h writes SR2. `only-first`: there is no SR2; 35h is never sent.
       */
      readonly write: "together" | "apart" | "only-first";
      /** Whether 50h instead of 06h changes the bits only until power-off. */
      readonly hasVolatileWrite: boolean;
    }
  | {
      /** Protection bits in SR1 whose range is not known. Any set bit counts as protection of the whole chip. */
      readonly scheme: "bp-mask";
      /** The protection bits of SR1. */
      readonly mask: number;
      /** Opcode that opens all individual locks, on parts that have such locks in addition. */
      readonly globalUnlockOpcode?: number | undefined;
    }
  | {
      /**
       * One volatile bit for each sector (36h, 39h, 3Ch), summarized in SR1 bits 3:2. 01h changes all of them. All are set
       * after power-up.
       */
      readonly scheme: "sector-registers";
      /** The sectors from address 0 on. */
      readonly sectors: readonly ProtectionSectors[];
    }
  | {
      /** SR1 bit 2 protects the whole chip, bit 7 locks it. */
      readonly scheme: "bp0";
    }
  | {
      /** A register of lock bits (72h, 42h). All are set after power-up; 98h clears them. */
      readonly scheme: "block-register";
      /** Length of the register, bytes. */
      readonly registerBytes: number;
    }
  | {
      /** Nothing is known except that SR1 bit 0 is busy. */
      readonly scheme: "unknown";
    };

/** A number of sectors of one size that can be protected one by one. A list of these starts at address 0. */
export interface ProtectionSectors {
  /** Size of one sector, bytes. */
  readonly lengthBytes: number;
  /** Number of sectors. */
  readonly count: number;
}

/**
 * A lock for each block in place of the BP bits: 4 KiB each in the first and the last 64 KiB, 64 KiB between them. All are
 * set at power-up. 36h sets and 39h clears one, 7Eh sets and 98h clears all of them.
 */
export interface BlockLocks {
  /** Bits that put the locks in force; one of them is enough. */
  readonly inForce: readonly {
    /** The register, one of the part's: of `protection` or of `moreRegisters`. */
    readonly register: "SR2" | MoreRegister;
    /** The bit. */
    readonly mask: number;
  }[];
  /** Opcode that reads the lock of a block; bit 0 of the response is the lock. */
  readonly readOpcode: 0x3c | 0x3d;
}

/**
 * A register that a change of protection must leave alone. `SR3`: 15h reads and 11h writes it. `CR`: 15h reads it, and it
 * is the second byte of 01h (Macronix). `security register`: 2Bh reads it (Macronix).
 */
export type MoreRegister = "SR3" | "CR" | "security register";

/** The command that reads the factory's unique ID, and its place in the response. */
export type UniqueIdPlace =
  | {
      /** 4Bh and four bytes; the ID is the first bytes of the response. */
      readonly kind: "command-4b";
      /** Length of the ID, bytes. */
      readonly lengthBytes: number;
    }
  | {
      /** Bytes 64 to 127 of the one-time register (77h). */
      readonly kind: "otp-77";
    }
  | {
      /** The first 16 bytes of the secured area that B1h opens. */
      readonly kind: "secured-area";
    }
  | {
      /** 88h, two address bytes and one dummy byte; the response has 8 bytes. */
      readonly kind: "command-88";
    };

/** Bytes besides the flash array that are meant to be written once. */
export type OneTimeArea =
  | {
      /** Security registers: 48h reads, 42h programs and 44h erases them. They can be erased until they are locked. */
      readonly kind: "security-registers";
      /** Number of registers; they are numbered from 1. */
      readonly count: number;
      /** Length of one register, bytes. */
      readonly registerBytes: number;
      /** Position of the register number in the address: the number is shifted left by this many bits. */
      readonly numberShift: number;
    }
  | {
      /** 77h reads and 9Bh programs 128 bytes: 64 for the user, writable once, and 64 from the factory. */
      readonly kind: "otp-128";
    }
  | {
      /** 4Bh reads and 9Bh programs pages. The first pages are written by the factory. */
      readonly kind: "otp-pages";
      /** Number of pages, those of the factory included. */
      readonly count: number;
      /** Length of a page, bytes. */
      readonly pageBytes: number;
      /** Number of pages written by the factory. */
      readonly factoryPages: number;
    }
  | {
      /** An area that the array's commands access between B1h and C1h. */
      readonly kind: "secured-area";
      /** Length of the area, bytes. */
      readonly lengthBytes: number;
      /** Bytes written by the factory. */
      readonly factoryBytes: number;
    };

/** The command that erases one block of an erase unit. */
export interface At25EraseCommand {
  /** Name of the unit in `geometry.eraseUnits`. */
  readonly unitName: string;
  /** Opcode of the command. */
  readonly opcode: number;
  /** Number of address bytes that follow: 0 for the chip erase. */
  readonly addressBytes: 0 | 3 | 4;
  /**
   * The most that this opcode erases on any part that the chip may be, bytes: an aligned block around the address. Absent
   * if the chip's own SFDP area confirms the size of the unit; present, even if equal to it, if nothing but a name or an ID
   * does. The first erase with such an opcode has to prove its size.
   */
  readonly unprovedBytes?: number | undefined;
}

/** The transfers that put a chip into its mode of four address bytes, and out of it again. */
export interface FourByteMode {
  /** Bytes of the transfers that enter the mode, in order. Nothing changes if the chip is in it already. */
  readonly enter: readonly (readonly number[])[];
  /** Bytes of the transfers that leave the mode, in order. */
  readonly leave: readonly (readonly number[])[];
}

/**
 * Only a name or an ID specifies that the chip has the commands for its addresses. A chip returns FF for a read command that
 * it does not have, which looks like blank cells.
 */
export interface UnprovedReads {
  /**
   * A blank chip, which cannot show it, is trusted: all parts that the tables list for the ID have them, or a chip file
   * says so.
   */
  readonly isTrustedIfBlank: boolean;
  /**
   * What the chip is instead, unless its reads contradict the part: with the commands that all parts of its ID have;
   * absent if there are none.
   */
  readonly instead?: At25Descriptor | undefined;
}

/** A part with AT25 commands: plain linear addresses, 06h before every change, busy in bit 0 of 05h. */
export interface At25Descriptor extends ChipDescriptorBase {
  /** Identifies the AT25 family: every part that uses its commands, of any vendor. */
  readonly family: "at25";
  /**
   * Address bytes of read and program: 4 above 16 MiB, with dedicated opcodes (0Ch, 12h) or, with `fourByteMode`, in that
   * mode with those of three address bytes (0Bh, 02h).
   */
  readonly addressBytes: 3 | 4;
  /** For parts above 16 MiB without dedicated opcodes: the mode that their read, program and erase commands require. */
  readonly fourByteMode?: FourByteMode | undefined;
  /** Present if the read command has to be compared with one that every chip has. */
  readonly unprovedReads?: UnprovedReads | undefined;
  /** How the part protects itself against program and erase. */
  readonly protection: At25Protection;
  /** Registers besides those of `protection`, read before a change of protection and compared after it. */
  readonly moreRegisters?: readonly MoreRegister[] | undefined;
  /** Locks of single blocks; absent if the part has none or no source lists them. */
  readonly blockLocks?: BlockLocks | undefined;
  /**
   * Whether clearing the protection bits erases the whole chip. Such a protection is never lifted. Absent: decided by the
   * ID.
   */
  readonly liftErases?: boolean | undefined;
  /** The factory's unique ID; absent if none is known. */
  readonly uniqueId?: UniqueIdPlace | undefined;
  /** Bytes that can be written once; absent if none are known. */
  readonly oneTime?: OneTimeArea | undefined;
  /** Commands that suspend and resume an erase; absent if the part has none or no source lists them. */
  readonly suspend?:
    | {
        /** Opcode that suspends. */
        readonly suspendOpcode: number;
        /** Opcode that resumes. */
        readonly resumeOpcode: number;
      }
    | undefined;
  /** One entry for every erase unit of the geometry. */
  readonly eraseCommands: readonly At25EraseCommand[];
  /** Whether SR1 bit 5 reports that the last program or erase failed. */
  readonly reportsErrors: boolean;
  /** Whether the part responds to 5Ah. This distinguishes parts that share an ID. */
  readonly sfdp: "present" | "absent" | "not known";
}

/** Sectors of an AT45: the first one is divided in two, all others have one size. Sizes are in pages. */
export interface At45Sectors {
  /** Pages of sector 0a, the first part of sector 0. */
  readonly pages0a: number;
  /** Pages of sector 0b, the rest of sector 0. */
  readonly pages0b: number;
  /** Number of sectors after sector 0. */
  readonly otherCount: number;
  /** Pages of each of these sectors. */
  readonly otherPages: number;
}

/** An AT45 DataFlash: two page sizes, SRAM buffers, status by D7h. */
export interface At45Descriptor extends ChipDescriptorBase {
  /** Identifies the AT45 family. */
  readonly family: "at45";
  /** Page size that the chip is set to, in bytes, as status bit 0 reports it. `geometry` matches it. */
  readonly pageBytes: number;
  /** The larger, standard page size, bytes. */
  readonly standardPageBytes: 264 | 528 | 1056;
  /** The smaller page size, a power of two, bytes. */
  readonly binaryPageBytes: 256 | 512 | 1024;
  /** Number of pages; the same with both page sizes. */
  readonly pageCount: number;
  /** Sectors in pages. */
  readonly sectors: At45Sectors;
  /** Number of SRAM buffers. With two, a page can be loaded while another one is programmed. */
  readonly bufferCount: 1 | 2;
  /** Density code: bits 5:2 of status byte 1, in place (mask 3Ch). */
  readonly statusDensityBits: number;
  /** Whether D7h has a second byte with the error bit (E parts). */
  readonly reportsErrors: boolean;
}

/** A part of any family; `family` distinguishes them. */
export type ChipDescriptor = At25Descriptor | At45Descriptor;
