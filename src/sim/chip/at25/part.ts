/**
 * The parts that the AT25 model can be, as data: as their datasheets specify, not as the driver assumes. Times marked
 * "assumed" are in no source read for this project; they are sane multiples of the typical ones.
 */
import type { ByteRange, FlashGeometry } from "../../../../drivers/geometry.ts";
import type { OperationTime } from "../core/chip-times.ts";

export interface EraseCommand {
  readonly opcode: number;
  /** Of the block at an address; most erase blocks of one size. */
  readonly unitBytes: number | ((address: number) => number);
  readonly time: OperationTime;
}

/** Where parts with four BP bits have them, and what BP3 does. */
export type FourBitKind = true | "micron" | "macronix" | "macronix-turned";

/** What refuses programs and erases. */
export type GuardKind =
  /**
   * BP2..0, TB, SEC, CMP. `isFourBit`: BP3 in bit 5, TB in bit 6 and no SEC, as parts of 32 MiB and more have it; "micron":
   * BP3 in bit 6, TB in bit 5, no CMP; "macronix": BP3 in bit 5, from the top (TB is in the configuration register, and 0 here);
   * "macronix-turned": BP3 in bit 5 turns round what BP2..0 cover. `lacksStatus2`: 01h takes one byte, and neither 35h, 31h nor
   * 50h is a command of status registers.
   */
  | {
      readonly kind: "bp";
      readonly isFourBit?: FourBitKind | undefined;
      readonly lacksStatus2?: true | undefined;
    }
  /** Bits of SR1, taken as one: any set protects all. */
  | { readonly kind: "mask"; readonly mask: number; readonly writableMask?: number | undefined }
  /** A volatile bit a sector, all set at power-up; sizes from the bottom on. */
  | { readonly kind: "sectors"; readonly sectorBytes: readonly number[] }
  /** SR1 bit 2. */
  | { readonly kind: "bp0" }
  /** A register of this many bytes, set at power-up. */
  | { readonly kind: "block-register"; readonly registerBytes: number };

/** What there is beside the array. */
export type SecurityKind =
  /** 48h, 42h, 44h: registers 1 to 3 of this many bytes, their number from this address bit on. */
  | { readonly kind: "registers"; readonly registerBytes: number; readonly shift: number }
  /** 77h, 9Bh: 64 bytes once, 64 of the factory. */
  | { readonly kind: "otp-128" }
  /** 4Bh, 9Bh: pages of 128 bytes, the first of them the factory's. */
  | { readonly kind: "otp-pages" }
  /** Entered by B1h, left by C1h. */
  | { readonly kind: "secured" }
  /** 88h. */
  | { readonly kind: "security-id" }
  | { readonly kind: "none" };

/** The mode in which the commands of the array take four address bytes. */
export interface AddressModeKind {
  /** One-byte commands that enter and leave it; absent if only bit 7 of the bank register does. */
  readonly opcodes?: readonly [enter: number, leave: number] | undefined;
  /** 06h has to come before either. */
  readonly needsLatch?: true | undefined;
  /** 5Ah follows the mode, too. */
  readonly sfdpFollows?: true | undefined;
}

/** The register with the upper address bits of commands with three address bytes. */
export interface BankKind {
  readonly writeOpcode: number;
  readonly readOpcode: number;
  /** 06h has to come before the write. */
  readonly needsLatch: boolean;
  /** Its bit 7 is the mode of four address bytes. */
  readonly holdsMode: boolean;
}

/** Where a part shows what happened to a program or erase: errors, and what is suspended. */
export type FlagsKind =
  /** Only in SR2 bit 7 (erase) and, if `program` has it, another bit of SR2. */
  | { readonly kind: "sr2"; readonly programMask: number }
  /** SR1 bits 2 and 3: an erase, a program is suspended. */
  | { readonly kind: "sr1" }
  /** 70h: suspended 40h and 04h, failed 20h, 10h and 02h until 50h, mode of four address bytes 01h. */
  | { readonly kind: "flag-status" }
  /** 2Bh: suspended 08h and 04h; 15h shows the mode of four address bytes in bit 5 where the part has a mode. */
  | { readonly kind: "security-register" }
  /** SR1 bits 6 and 5; either keeps WIP set until 30h. 07h bits 1 and 0: suspended. */
  | { readonly kind: "sticky" }
  /** 07h bits 1 and 0: suspended. 15h bit 0: the mode of four address bytes. */
  | { readonly kind: "status-07" }
  /** 48h bits 3 and 2: suspended. */
  | { readonly kind: "function-register" };

export interface At25Part {
  readonly name: string;
  readonly capacityBytes: number;
  readonly jedecId: readonly [number, number, number];
  /** What 9Fh answers after the three bytes. */
  readonly extendedId?: readonly number[] | undefined;
  /** Second byte of the answer to 90h and ABh. */
  readonly deviceId: number;
  readonly page: OperationTime;
  readonly erases: readonly EraseCommand[];
  readonly chipErase: OperationTime;
  /** Opcodes of the chip erase; 60h and C7h if left out. */
  readonly chipEraseOpcodes?: readonly number[] | undefined;
  readonly registerWrite: OperationTime;
  /** Its SFDP area, undefined on parts that have none. */
  readonly sfdp?: Uint8Array | undefined;
  /** It has a third status register (15h, 11h) and a reset by 66h 99h. */
  readonly isNewer: boolean;
  /** Bytes that 4Bh answers, 0: it has no such command. */
  readonly uniqueIdBytes: number;
  /** 01h with one byte clears status register 2: so on AT25SF originals (at25.md, section 3). */
  readonly shortWriteClearsSr2: boolean;
  readonly guard: GuardKind;
  readonly security: SecurityKind;
  /** SR1 bit 5 tells of a failed program or erase. */
  readonly hasErrorBit: boolean;
  /** 05h continues with status register 2, and with 1 again. */
  readonly alternatesStatus: boolean;
  /** Opcodes of suspend and resume. */
  readonly suspend?: readonly [number, number] | undefined;
  /** Read, program and erases with four address bytes. */
  readonly hasFourByteCommands: boolean;
  /** Those that it has of them, if not all. */
  readonly fourByteOpcodes?: readonly number[] | undefined;
  readonly addressMode?: AddressModeKind | undefined;
  readonly bank?: BankKind | undefined;
  readonly flags?: FlagsKind | undefined;
  /** SR3 bit 2 (WPS) puts a lock a block in the place of the BP bits: 36h, 39h, 3Dh, 7Eh, 98h. */
  readonly hasBlockLocks?: true | undefined;
  /** Commands on four lines, and what leads out of them: FFh, or one that a host with one data line cannot send. */
  readonly qpi?: "ff" | "unreachable" | undefined;
  /** Reads that continue without an opcode as long as their mode bits keep them. */
  readonly continuousReads?: readonly ContinuousRead[] | undefined;
  /** Neither 50h nor another write of status registers that power loss takes back. */
  readonly lacksVolatileWrite?: true | undefined;
  /** Of two bytes after 01h only the first counts. */
  readonly takesOneStatusByte?: true | undefined;
  /** Questions of its successors: it returns nothing, and that is how they are distinguished. */
  readonly unansweredOpcodes?: readonly number[] | undefined;
  /** Bytes that ID and SFDP area claim, if more than there are cells. */
  readonly claimedBytes?: number | undefined;
  /** Size of a page that is smaller than it should be, a power of two; what a host sends beyond it comes back at its start. */
  readonly programBytes?: number | undefined;
  /** Programs that touch this range do nothing; no register shows why. */
  readonly programIgnored?: { readonly address: number; readonly lengthBytes: number } | undefined;
}

/** By its opcode: address and mode bits on two or on four lines. */
export type ContinuousRead = "bb" | "eb";

const PAGE_BYTES = 256;
const MS = 1000;

/** `sf(4)`: an AT25SF original of this many Mbit. Typical times: front pages of the datasheets; longest: assumed. */
function sf(megabits: number, jedecId: readonly [number, number, number], deviceId: number): At25Part {
  return {
    name: `AT25SF${String(megabits).padStart(2, "0")}1`,
    capacityBytes: (megabits * 1024 * 1024) / 8,
    jedecId,
    deviceId,
    page: { typicalUs: 700, maximumUs: 3000 },
    erases: [
      { opcode: 0x20, unitBytes: 4096, time: { typicalUs: 70 * MS, maximumUs: 300 * MS } },
      { opcode: 0x52, unitBytes: 32 * 1024, time: { typicalUs: 300 * MS, maximumUs: 1600 * MS } },
      { opcode: 0xd8, unitBytes: 64 * 1024, time: { typicalUs: 600 * MS, maximumUs: 3000 * MS } },
    ],
    chipErase: { typicalUs: megabits * 1250 * MS, maximumUs: megabits * 5000 * MS },
    registerWrite: { typicalUs: 5 * MS, maximumUs: 15 * MS },
    isNewer: false,
    uniqueIdBytes: 0,
    shortWriteClearsSr2: true,
    guard: { kind: "bp" },
    security: { kind: "registers", registerBytes: 256, shift: 8 },
    hasErrorBit: false,
    alternatesStatus: false,
    hasFourByteCommands: false,
  };
}

export const AT25SF041 = sf(4, [0x1f, 0x84, 0x01], 0x12);
export const AT25SF321 = sf(32, [0x1f, 0x87, 0x01], 0x15);

/**
 * SFDP area of a W25Q128JV-Q as read by Linux (stable commit message of 2023): header, one parameter header, and the
 * basic table of 16 dwords at 80h. What lies between reads FF.
 */
const W25Q128JV_SFDP_HEADER = "53464450050100ff00050110800000ff";
const W25Q128JV_SFDP_TABLE =
  "e520f9ffffffff0744eb086b083b42bbfeffffffffff0000ffff40eb0c200f52" +
  "10d800003602a60082ea14c9e96376337a757a75f7a2d55c19f74dffe930f880";

function sfdpArea(header: string, table: string, tableAt: number): Uint8Array {
  const area = new Uint8Array(256).fill(0xff);
  const put = (hex: string, at: number): void => {
    for (let i = 0; i < hex.length / 2; i++) area[at + i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  };
  put(header, 0);
  put(table, tableAt);
  return area;
}

/** Times are those of its own SFDP table; the register write is assumed. */
export const W25Q128JV: At25Part = {
  name: "W25Q128JV",
  capacityBytes: 16 * 1024 * 1024,
  jedecId: [0xef, 0x40, 0x18],
  deviceId: 0x17,
  page: { typicalUs: 704, maximumUs: 4224 },
  erases: [
    { opcode: 0x20, unitBytes: 4096, time: { typicalUs: 64 * MS, maximumUs: 896 * MS } },
    { opcode: 0x52, unitBytes: 32 * 1024, time: { typicalUs: 128 * MS, maximumUs: 1792 * MS } },
    { opcode: 0xd8, unitBytes: 64 * 1024, time: { typicalUs: 160 * MS, maximumUs: 2240 * MS } },
  ],
  chipErase: { typicalUs: 40_000 * MS, maximumUs: 200_000 * MS },
  registerWrite: { typicalUs: 10 * MS, maximumUs: 15 * MS },
  sfdp: sfdpArea(W25Q128JV_SFDP_HEADER, W25Q128JV_SFDP_TABLE, 0x80),
  isNewer: true,
  uniqueIdBytes: 8,
  shortWriteClearsSr2: false,
  guard: { kind: "bp" },
  security: { kind: "registers", registerBytes: 256, shift: 12 },
  hasErrorBit: false,
  alternatesStatus: false,
  suspend: [0x75, 0x7a],
  hasFourByteCommands: false,
  hasBlockLocks: true,
  continuousReads: ["bb", "eb"],
};

/** The shape of a part. */
export function geometryOf(part: At25Part): FlashGeometry {
  const { capacityBytes } = part;
  const unit = (unitBytes: number, time: OperationTime, name: string): FlashGeometry["eraseUnits"][number] => ({
    name,
    regions: [{ address: 0, unitBytes, count: capacityBytes / unitBytes, ...time }],
  });
  return {
    capacityBytes,
    pageBytes: PAGE_BYTES,
    erasedByte: 0xff,
    eraseUnits: [
      ...part.erases.flatMap(({ unitBytes, time }) =>
        typeof unitBytes === "number" ? [unit(unitBytes, time, `${unitBytes / 1024} KiB block`)] : [],
      ),
      unit(capacityBytes, part.chipErase, "chip"),
    ],
    programTypicalUs: part.page.typicalUs,
    programMaximumUs: part.page.maximumUs,
  };
}

/** The block that an erase at `address` clears. */
export function blockOf({ unitBytes }: EraseCommand, address: number): ByteRange {
  const lengthBytes = typeof unitBytes === "number" ? unitBytes : unitBytes(address);
  return { address: address - (address % lengthBytes), lengthBytes };
}
