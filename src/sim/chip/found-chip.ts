/**
 * The state in which a host finds a simulated chip, and what sets it apart from others with its name: settings of a `sim:` port.
 * A part is given only what it can have; the rest is refused with the reason.
 */
import { formatSize } from "../../bytes.ts";
import { hasStatus2 } from "./at25/guard.ts";
import type { At25Part, ContinuousRead } from "./at25/part.ts";

/** The state in which a simulated chip was left. */
export interface FoundChip {
  /** Array commands take four address bytes. */
  readonly isFourByteMode?: boolean | undefined;
  /** Extended address register: bits 31..24 of three-byte addresses. */
  readonly bank?: number | undefined;
  /** WPS = 1: a lock for each block, all set, instead of the BP bits. */
  readonly hasBlockLocks?: boolean | undefined;
  /** A suspended operation: an erase of the smallest block around the address, or a program of its page. */
  readonly suspended?:
    | {
        /** What is suspended. */
        readonly kind: "erase" | "program";
        /** An address in it. */
        readonly address: number;
      }
    | undefined;
  /** The chip is at work for this time after the first command, milliseconds. */
  readonly busyMs?: number | undefined;
  /** What MISO returns while the chip is busy and ignores a command. `id`: it returns its ID even then. Default `ff`. */
  readonly busyReads?: "ff" | "00" | "id" | undefined;
  /** Commands are taken on four data lines. */
  readonly isInQpi?: boolean | undefined;
  /** A read without an opcode that has not ended: BBh or EBh. */
  readonly continuousRead?: ContinuousRead | undefined;
  /** Deep power-down. */
  readonly isAsleep?: boolean | undefined;
  /** An error bit that stays until it is cleared. */
  readonly hasStickyError?: boolean | undefined;
}

/** How a simulated chip differs from others with its name. */
export interface ChipOddities {
  /** A 01h with one byte clears status register 2. */
  readonly status2Cleared?: boolean | undefined;
  /** Only the first byte after 01h counts. */
  readonly oneByteStatus?: boolean | undefined;
  /** 50h is missing. */
  readonly noVolatile?: boolean | undefined;
  /** The SFDP area: none, a table of 9 dwords, one whose header claims more dwords than it has, or half the size. */
  readonly sfdp?: SfdpOddity | undefined;
  /** Number of cells, bytes, a power of two below the size that ID and SFDP area claim. */
  readonly cellsBytes?: number | undefined;
  /** Bytes of a page, a power of two below the page that the part should have: longer programs wrap around inside it. */
  readonly programBytes?: number | undefined;
  /** Programs that touch this range do nothing, and no register shows why. Erases work. */
  readonly programIgnored?:
    | {
        /** First byte. */
        readonly address: number;
        /** Length, bytes. */
        readonly lengthBytes: number;
      }
    | undefined;
}

/** What is wrong or old about an SFDP area. */
export type SfdpOddity = "none" | "9-dwords" | "too-long" | "half-size";

const KIB = 1024;
const BASIC_HEADER = 8;
const NINE_DWORDS = 9;

/** Why the part cannot be found like this; undefined if it can. The end of a sentence: "it has no ...". */
export function cannotBeFound(part: At25Part, found: FoundChip): string | undefined {
  const { capacityBytes, flags } = part;
  const together = cannotBeTogether(found);
  if (together !== undefined) return together;
  if (found.isFourByteMode === true && part.addressMode === undefined) return "it has no mode of four address bytes";
  if (found.bank !== undefined && part.bank === undefined) return "it has no extended address register";
  if (found.bank !== undefined && found.bank * 2 ** 24 >= capacityBytes) {
    return `its extended address register reaches ${capacityBytes / 2 ** 24} banks of 16 MiB`;
  }
  if (found.hasBlockLocks === true && part.hasBlockLocks !== true) return "it has no locks of single blocks (WPS)";
  if (found.suspended !== undefined) {
    if (part.suspend === undefined) return "it cannot suspend";
    if (found.suspended.address >= capacityBytes) return `it has ${formatSize(capacityBytes)}`;
  }
  if (found.isInQpi === true && part.qpi === undefined) return "it takes no commands on four data lines (QPI)";
  if (found.continuousRead !== undefined && part.continuousReads?.includes(found.continuousRead) !== true) {
    return `it has no continuous read by ${found.continuousRead.toUpperCase()}h`;
  }
  if (found.hasStickyError === true && flags?.kind !== "sticky" && flags?.kind !== "flag-status") {
    return "it has no error bits that stay";
  }
  return undefined;
}

/** A chip at work, or with an operation that is suspended, ignores both the command to sleep and one that reads on. */
function cannotBeTogether(found: FoundChip): string | undefined {
  const isAtWork = found.busyMs !== undefined || found.hasStickyError === true;
  const onLines = found.isInQpi === true || found.continuousRead !== undefined;
  if (found.isAsleep === true && (isAtWork || onLines || found.suspended !== undefined)) {
    return "a chip that is asleep is neither at work nor in a mode of several data lines";
  }
  if (found.isInQpi === true && found.continuousRead !== undefined)
    return "it is left in QPI or in a read, not in both";
  if (found.continuousRead !== undefined && isAtWork) return "a chip that is at work does not read on";
  return found.hasStickyError === true && found.suspended !== undefined
    ? "an operation that failed has ended, and is not suspended"
    : undefined;
}

/** Why the part cannot differ like this; undefined if it can. */
export function cannotBeOdd(part: At25Part, odd: ChipOddities): string | undefined {
  const isWithStatus2 = hasStatus2(part.guard);
  if ((odd.status2Cleared === true || odd.oneByteStatus === true) && !isWithStatus2) {
    return "it has no second status register that 01h writes";
  }
  if (odd.noVolatile === true && !isWithStatus2) return "it has no volatile status writes";
  if (odd.sfdp !== undefined && odd.sfdp !== "none" && part.sfdp === undefined) return "it has no SFDP area";
  const { cellsBytes, programIgnored } = odd;
  if (programIgnored !== undefined && programIgnored.address >= part.capacityBytes) {
    return `it has ${formatSize(part.capacityBytes)}`;
  }
  if (cellsBytes === undefined) return undefined;
  if (cellsBytes >= part.capacityBytes) return `it claims only ${formatSize(part.capacityBytes)}`;
  return cellsBytes < 64 * KIB || !Number.isInteger(Math.log2(cellsBytes))
    ? "its cells have to be a power of two of 64 KiB or more"
    : undefined;
}

/** The part with what sets it apart. */
export function oddPart(part: At25Part, odd: ChipOddities): At25Part {
  const { cellsBytes, sfdp, programBytes, programIgnored } = odd;
  return {
    ...part,
    shortWriteClearsSr2: odd.status2Cleared ?? part.shortWriteClearsSr2,
    takesOneStatusByte: odd.oneByteStatus === true ? true : part.takesOneStatusByte,
    lacksVolatileWrite: odd.noVolatile === true ? true : part.lacksVolatileWrite,
    sfdp: sfdp === undefined || part.sfdp === undefined ? part.sfdp : oddArea(part.sfdp, sfdp),
    capacityBytes: cellsBytes ?? part.capacityBytes,
    claimedBytes: cellsBytes === undefined ? part.claimedBytes : part.capacityBytes,
    programBytes: programBytes ?? part.programBytes,
    programIgnored: programIgnored ?? part.programIgnored,
  };
}

/** Changes the header of the first table, which is the basic one, or its dwords. */
function oddArea(area: Uint8Array, oddity: SfdpOddity): Uint8Array | undefined {
  if (oddity === "none") return undefined;
  const odd = area.slice();
  const view = new DataView(odd.buffer);
  const table = view.getUint32(BASIC_HEADER + 4, true) & 0xffffff;
  const dwords = odd[BASIC_HEADER + 3] ?? 0;
  if (oddity === "half-size") {
    const bits = view.getUint32(table + 4, true);
    view.setUint32(table + 4, bits < 0x80000000 ? (bits + 1) / 2 - 1 : bits - 1, true);
    return odd;
  }
  odd.fill(0xff, table + 4 * NINE_DWORDS, table + 4 * dwords);
  // Revision 1.0, in the area's header and in that of the table.
  odd.set([0, 1], 4);
  odd.set([0, 1], BASIC_HEADER + 1);
  if (oddity === "9-dwords") odd[BASIC_HEADER + 3] = NINE_DWORDS;
  return odd;
}
