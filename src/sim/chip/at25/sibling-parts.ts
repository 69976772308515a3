/**
 * Parts that share their ID with another, or that reach above 16 MiB by a mode only: older ones that people still meet. IDs,
 * erase opcodes and sizes are those of flashrom's, flashprog's and Linux' tables; times marked "assumed" are sane ones of the
 * class.
 */
import type { AddressModeKind, At25Part, BankKind, EraseCommand, GuardKind } from "./part.ts";
import { buildSfdp, type SfdpShape } from "./sfdp-builder.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const MS = 1000;
/** Assumed. */
const PAGE = { typicalUs: 700, maximumUs: 3000 };
const REGISTER_WRITE = { typicalUs: 10 * MS, maximumUs: 40 * MS };

const PLAIN_MODE: AddressModeKind = { opcodes: [0xb7, 0xe9] };
const LATCHED_MODE: AddressModeKind = { opcodes: [0xb7, 0xe9], needsLatch: true };
const EXTENDED_ADDRESS: BankKind = { writeOpcode: 0xc5, readOpcode: 0xc8, needsLatch: true, holdsMode: false };
const BANK_REGISTER: BankKind = { writeOpcode: 0x17, readOpcode: 0x16, needsLatch: false, holdsMode: true };
const BP_3C: GuardKind = { kind: "mask", mask: 0x3c };

/** Opcode and size in KiB; 0 with an address-dependent size is made by the row. */
type Erase = readonly [opcode: number, kib: number];
const WINBOND: readonly Erase[] = [
  [0x20, 4],
  [0x52, 32],
  [0xd8, 64],
];

interface Row extends Partial<At25Part> {
  readonly name: string;
  readonly id: number;
  readonly mib: number;
  readonly guard: GuardKind;
  readonly erasesKib: readonly Erase[];
  /** What its SFDP area reports; absent: it has none. */
  readonly area?: Pick<SfdpShape, "dwords" | "leaveFourByte" | "fourByteTable"> | undefined;
}

const MACRONIX: Pick<Row, "guard" | "flags"> = { guard: BP_3C, flags: { kind: "security-register" } };

/** BP3..0 from the top; on smaller ones BP3 turns round what the others cover (datasheets of these parts). */
const BP_TOP: Pick<Row, "guard"> = { guard: { kind: "bp", isFourBit: "macronix", lacksStatus2: true } };
const BP_TURNED: Pick<Row, "guard"> = { guard: { kind: "bp", isFourBit: "macronix-turned", lacksStatus2: true } };

const WINBOND_FV: Pick<Row, "guard" | "erasesKib" | "isNewer" | "uniqueIdBytes" | "security" | "suspend"> &
  Pick<Row, "qpi" | "continuousReads"> = {
  guard: { kind: "bp" },
  erasesKib: WINBOND,
  isNewer: true,
  uniqueIdBytes: 8,
  security: { kind: "registers", registerBytes: 256, shift: 12 },
  suspend: [0x75, 0x7a],
  qpi: "ff",
  continuousReads: ["bb", "eb"],
};

const SPANSION_L: Pick<Row, "erasesKib" | "suspend" | "addressMode" | "flags" | "continuousReads"> = {
  erasesKib: WINBOND,
  suspend: [0x75, 0x7a],
  // zephyr#63390: in the mode even 5Ah takes four address bytes.
  addressMode: { opcodes: [0xb7, 0xe9], sfdpFollows: true },
  flags: { kind: "status-07" },
  continuousReads: ["bb", "eb"],
};

/** 4 KiB in the lowest 128 KiB only; elsewhere the command does nothing. */
function lowSectors(address: number): number {
  return address < 128 * KIB ? 4 * KIB : 0;
}

const ROWS: readonly Row[] = [
  // 64 equal sectors of 64 KiB and nothing smaller, whichever of the two opcodes (datasheet, front page).
  {
    ...MACRONIX,
    name: "MX25L3205A",
    id: 0xc22016,
    mib: 4,
    flags: undefined,
    unansweredOpcodes: [0x2b, 0x15],
    erasesKib: [
      [0x20, 64],
      [0xd8, 64],
    ],
  },
  {
    ...MACRONIX,
    name: "MX25L3205D",
    id: 0xc22016,
    mib: 4,
    erasesKib: [
      [0x20, 4],
      [0xd8, 64],
    ],
    continuousReads: ["bb"],
  },
  {
    ...MACRONIX,
    ...BP_TURNED,
    name: "MX25L3206E",
    id: 0xc22016,
    mib: 4,
    erasesKib: [
      [0x20, 4],
      [0x52, 64],
      [0xd8, 64],
    ],
    area: { dwords: 9 },
  },
  {
    ...MACRONIX,
    ...BP_TURNED,
    name: "MX25L6405D",
    id: 0xc22017,
    mib: 8,
    erasesKib: [
      [0x20, 4],
      [0xd8, 64],
    ],
    continuousReads: ["bb"],
  },
  {
    ...MACRONIX,
    ...BP_TOP,
    name: "MX25L12805D",
    id: 0xc22018,
    mib: 16,
    erasesKib: [
      [0x20, 4],
      [0xd8, 64],
    ],
  },
  {
    ...MACRONIX,
    ...BP_TOP,
    ...{ name: "MX25L25635E", id: 0xc22019, mib: 32, erasesKib: WINBOND, area: { dwords: 9 } },
    ...{
      suspend: [0xb0, 0x30],
      addressMode: PLAIN_MODE,
      continuousReads: ["bb", "eb"],
      unansweredOpcodes: [0xc8, 0x0c],
    },
  },
  {
    ...MACRONIX,
    ...{ name: "MX25L25635F", id: 0xc22019, mib: 32, erasesKib: WINBOND, area: { dwords: 16 } },
    ...BP_TOP,
    ...{ suspend: [0xb0, 0x30], addressMode: PLAIN_MODE, bank: EXTENDED_ADDRESS, hasFourByteCommands: true },
    ...{ qpi: "unreachable", continuousReads: ["bb", "eb"] },
  },
  { ...WINBOND_FV, name: "W25Q64FV", id: 0xef4017, mib: 8, area: { dwords: 9 } },
  { ...WINBOND_FV, name: "W25Q128FV", id: 0xef4018, mib: 16, hasBlockLocks: true, area: { dwords: 9 } },
  { ...WINBOND_FV, name: "W25Q64FW", id: 0xef6017, mib: 8, area: { dwords: 9 } },
  {
    ...WINBOND_FV,
    ...{ name: "W25Q256FV", id: 0xef4019, mib: 32, guard: { kind: "bp", isFourBit: true }, area: { dwords: 9 } },
    // flashrom: 06h before B7h. It reads with four address bytes by 13h and 0Ch, and cannot program or erase with them.
    ...{ addressMode: LATCHED_MODE, bank: EXTENDED_ADDRESS, hasFourByteCommands: true, fourByteOpcodes: [0x13, 0x0c] },
  },
  {
    ...SPANSION_L,
    ...{ name: "S25FL064L", id: 0x016017, mib: 8, area: { dwords: 16, leaveFourByte: "e9" } },
    guard: { kind: "mask", mask: 0x1c, writableMask: 0xfc },
  },
  {
    ...SPANSION_L,
    ...{ name: "S25FL128L", id: 0x016018, mib: 16, area: { dwords: 16, leaveFourByte: "e9", fourByteTable: true } },
    // Four BP bits, TB in bit 6, CMP in configuration register 1, which 35h reads (openFPGALoader, spiFlashdb.hpp).
    ...{ hasFourByteCommands: true, guard: { kind: "bp", isFourBit: true } },
  },
  {
    ...{ name: "S25FL128S", id: 0x012018, mib: 16, extendedId: [0x4d, 0x01, 0x80], flags: { kind: "sticky" } },
    ...{
      guard: { kind: "mask", mask: 0x1c, writableMask: 0x9c },
      erasesKib: [
        [0x20, 0],
        [0xd8, 64],
      ],
    },
    ...{ suspend: [0x75, 0x7a], continuousReads: ["bb", "eb"], hasFourByteCommands: true, bank: BANK_REGISTER },
    ...{ addressMode: {}, area: { dwords: 16, leaveFourByte: "17" } },
  },
  {
    ...{ name: "MT25QL256A", id: 0x20ba19, mib: 32, extendedId: [0x10, 0x44, 0x00], flags: { kind: "flag-status" } },
    ...{ guard: { kind: "bp", isFourBit: "micron", lacksStatus2: true } },
    ...{ erasesKib: WINBOND, chipEraseOpcodes: [0xc7, 0x60] },
    ...{ suspend: [0x75, 0x7a], continuousReads: ["bb", "eb"], addressMode: LATCHED_MODE, bank: EXTENDED_ADDRESS },
    ...{ hasFourByteCommands: true, area: { dwords: 16, leaveFourByte: "06-e9", fourByteTable: true } },
  },
  {
    flags: { kind: "function-register" },
    ...{ name: "IS25LP256", id: 0x9d6019, mib: 32, guard: BP_3C, erasesKib: WINBOND, qpi: "unreachable" },
    ...{ suspend: [0x75, 0x7a], continuousReads: ["bb", "eb"], addressMode: { opcodes: [0xb7, 0x29] } },
    ...{
      bank: BANK_REGISTER,
      hasFourByteCommands: true,
      area: { dwords: 16, leaveFourByte: "17", fourByteTable: true },
    },
  },
];

/** Names of all parts here. */
export function siblingNames(): readonly string[] {
  return ROWS.map(({ name }) => name);
}

/** The part; throws RangeError for a name that is not in `siblingNames()`. */
export function siblingPart(name: string): At25Part {
  const row = ROWS.find((candidate) => candidate.name === name);
  if (row === undefined) throw new RangeError(`no simulated part is named ${name}`);
  const { id, mib, erasesKib, area, ...own } = row;
  const capacityBytes = mib * MIB;
  const part: At25Part = {
    ...own,
    capacityBytes,
    jedecId: [id >> 16, (id >> 8) & 0xff, id & 0xff],
    deviceId: ((id & 0xff) + 0xff) & 0xff,
    page: PAGE,
    erases: erasesKib.map(eraseOf),
    chipErase: { typicalUs: mib * 2000 * MS, maximumUs: mib * 8000 * MS },
    registerWrite: REGISTER_WRITE,
    isNewer: own.isNewer ?? false,
    uniqueIdBytes: own.uniqueIdBytes ?? 0,
    shortWriteClearsSr2: false,
    security: own.security ?? { kind: "none" },
    hasErrorBit: false,
    alternatesStatus: false,
    hasFourByteCommands: own.hasFourByteCommands ?? false,
  };
  return area === undefined ? part : { ...part, sfdp: areaOf(part, area) };
}

/** Assumed times: about those of Winbond's and Macronix' datasheets for the size. */
function eraseOf([opcode, kib]: Erase): EraseCommand {
  const typicalUs = kib >= 64 ? 200 * MS : kib >= 32 ? 140 * MS : 60 * MS;
  return { opcode, unitBytes: kib === 0 ? lowSectors : kib * KIB, time: { typicalUs, maximumUs: 6 * typicalUs } };
}

function areaOf(part: At25Part, area: NonNullable<Row["area"]>): Uint8Array {
  const four = new Map([
    [0x20, 0x21],
    [0xd8, 0xdc],
  ]);
  return buildSfdp({
    ...area,
    capacityBytes: part.capacityBytes,
    erases: part.erases.flatMap(({ opcode, unitBytes, time }) => {
      const opcode4 = area.fourByteTable === true ? four.get(opcode) : undefined;
      return typeof unitBytes === "number"
        ? [
            {
              opcode,
              sizeBytes: unitBytes,
              typicalMs: time.typicalUs / MS,
              opcode4,
            },
          ]
        : [];
    }),
    programTypicalUs: part.page.typicalUs,
    chipEraseTypicalMs: part.chipErase.typicalUs / MS,
    hasFourByteCommands: area.fourByteTable === true,
  });
}
