/**
 * All other parts the AT25 model can be. What a part is, how it is protected and which opcodes it has stands here, from
 * the datasheet facts (at25.md) and without a look at the drivers; size and typical times are the catalogue's geometry.
 */
import { descriptorByName } from "../../../../drivers/catalog/catalog.ts";
import type { FlashGeometry } from "../../../../drivers/geometry.ts";
import type { At25Part, BankKind, EraseCommand, GuardKind, SecurityKind } from "./part.ts";
import { blockOf } from "./part.ts";
import type { OperationTime } from "../core/chip-times.ts";
import { buildSfdp, type SfdpErase } from "./sfdp-builder.ts";

const KIB = 1024;
const MS = 1000;
const LARGE = 16 * 1024 * KIB;

interface Family {
  readonly guard: (name: string, capacityBytes: number) => GuardKind;
  readonly security: SecurityKind;
  readonly uniqueIdBytes?: number | undefined;
  readonly suspend?: readonly [number, number] | undefined;
  readonly hasErrorBit?: boolean | undefined;
  readonly alternatesStatus?: boolean | undefined;
  readonly isNewer?: boolean | undefined;
  readonly shortWriteClearsSr2?: boolean | undefined;
  readonly hasSfdp: boolean;
  /** Opcode and size; a size may depend on the address. */
  readonly erases: readonly (readonly [opcode: number, unitBytes: EraseCommand["unitBytes"]])[];
  readonly chipEraseOpcodes?: readonly number[] | undefined;
  readonly flags?: At25Part["flags"] | undefined;
  readonly hasBlockLocks?: true | undefined;
  readonly qpi?: At25Part["qpi"] | undefined;
  readonly continuousReads?: At25Part["continuousReads"] | undefined;
}

/** C5h writes it after 06h, C8h reads it. */
const EXTENDED_ADDRESS: BankKind = { writeOpcode: 0xc5, readOpcode: 0xc8, needsLatch: true, holdsMode: false };
const BOTH_READS = ["bb", "eb"] as const;

const NOR_ERASES = [
  [0x20, 4 * KIB],
  [0x52, 32 * KIB],
  [0xd8, 64 * KIB],
] as const;
const PAGED_ERASES = [[0x81, 256], ...NOR_ERASES] as const;
const BP = (): GuardKind => ({ kind: "bp" });
const REGISTERS_12: SecurityKind = { kind: "registers", registerBytes: 256, shift: 12 };
const SECURED: SecurityKind = { kind: "secured" };

function sectors(name: string, capacityBytes: number): GuardKind {
  const even = new Array<number>(capacityBytes / (64 * KIB)).fill(64 * KIB);
  // The one part whose top 64 KiB are cut up (front page of the datasheet).
  const sectorBytes = name === "AT25DF041A" ? [...even.slice(1), 32 * KIB, 8 * KIB, 8 * KIB, 16 * KIB] : even;
  return { kind: "sectors", sectorBytes };
}

/** 8 KiB four times and 32 KiB at both ends, 64 KiB between. */
function sst26Block(capacityBytes: number): (address: number) => number {
  return (address) => {
    const fromEnd = Math.min(address, capacityBytes - 1 - address);
    return fromEnd < 32 * KIB ? 8 * KIB : fromEnd < 64 * KIB ? 32 * KIB : 64 * KIB;
  };
}

const SF_B: Family = {
  guard: BP,
  security: REGISTERS_12,
  uniqueIdBytes: 8,
  suspend: [0x75, 0x7a],
  isNewer: true,
  hasSfdp: true,
  erases: NOR_ERASES,
  continuousReads: BOTH_READS,
};
const SL: Family = {
  guard: BP,
  security: SECURED,
  suspend: [0x75, 0x7a],
  hasSfdp: true,
  erases: NOR_ERASES,
  flags: { kind: "sr2", programMask: 0 },
  continuousReads: BOTH_READS,
};
const DF: Family = {
  guard: sectors,
  security: { kind: "otp-128" },
  suspend: [0xb0, 0xd0],
  hasErrorBit: true,
  alternatesStatus: true,
  hasSfdp: false,
  erases: NOR_ERASES,
};
const DF_PAGED: Family = { ...DF, erases: PAGED_ERASES };
const DN: Family = {
  guard: () => ({ kind: "bp0" }),
  security: { kind: "otp-128" },
  hasErrorBit: true,
  alternatesStatus: true,
  hasSfdp: false,
  erases: [
    [0x81, 256],
    [0x20, 4 * KIB],
    [0x52, 32 * KIB],
    [0xd8, 32 * KIB],
  ],
};
const XE_D: Family = {
  guard: () => ({ kind: "mask", mask: 0x7c }),
  security: { kind: "otp-pages" },
  suspend: [0xb0, 0xd0],
  flags: { kind: "sr2", programMask: 0x04 },
  hasSfdp: true,
  erases: PAGED_ERASES,
};
const W25: Family = SF_B;
/** With a lock for each block (SR3 bit 2), and for some commands on four lines. */
const W25_WPS: Family = { ...W25, hasBlockLocks: true };
/** Above 16 MiB: BP3 in bit 5, TB in bit 6 of SR1. */
const W25_LARGE: Family = { ...W25_WPS, guard: () => ({ kind: "bp", isFourBit: true }) };
const GD: Family = { ...W25_WPS, qpi: "ff" };
const MX: Family = {
  guard: () => ({ kind: "mask", mask: 0x3c }),
  security: SECURED,
  suspend: [0xb0, 0x30],
  hasSfdp: true,
  erases: NOR_ERASES,
  flags: { kind: "security-register" },
  continuousReads: BOTH_READS,
};
const SST26: Family = {
  guard: (_, capacityBytes) => ({ kind: "block-register", registerBytes: (capacityBytes / (64 * KIB) + 16) / 8 }),
  security: { kind: "security-id" },
  suspend: [0xb0, 0x30],
  hasSfdp: true,
  erases: [[0x20, 4 * KIB]],
  chipEraseOpcodes: [0xc7],
  flags: { kind: "sr1" },
};

/** Name, answer to 9Fh, bytes after it. */
const ROWS: readonly (readonly [name: string, id: number, family: Family, extended?: readonly number[]])[] = [
  ["AT25SF041B", 0x1f8401, { ...SF_B, isNewer: true }],
  ["AT25SF081B", 0x1f8501, SF_B],
  ["AT25SF161B", 0x1f8601, SF_B],
  ["AT25SF321B", 0x1f8701, SF_B],
  ["AT25SF641", 0x1f3217, SL],
  ["AT25SF641B", 0x1f8801, SF_B],
  ["AT25SF128A", 0x1f8901, SF_B],
  ["AT25SL321", 0x1f4216, SL],
  ["AT25SL128A", 0x1f4218, { ...SL, qpi: "ff" }],
  ["AT25DF021A", 0x1f4301, DF_PAGED, [0]],
  ["AT25DF041A", 0x1f4401, { ...DF, alternatesStatus: false, security: { kind: "none" } }, [0]],
  ["AT25DF041B", 0x1f4402, DF_PAGED, [0]],
  ["AT25DF081A", 0x1f4501, DF, [1, 0]],
  ["AT25DF161", 0x1f4602, DF, [0]],
  ["AT25DF321A", 0x1f4701, DF, [0]],
  ["AT25DF641A", 0x1f4800, DF, [1, 0]],
  ["AT25DF641", 0x1f4800, DF, [0]],
  ["AT25DL081", 0x1f4502, DF, [1, 0]],
  ["AT25DL161", 0x1f4603, DF, [1, 0]],
  ["AT25XE021A", 0x1f4301, DF_PAGED, [0]],
  ["AT25XE041B", 0x1f4402, DF_PAGED, [0]],
  ["AT25XV021A", 0x1f4301, DF_PAGED, [0]],
  ["AT25XV041B", 0x1f4402, DF_PAGED, [0]],
  ["AT26DF081A", 0x1f4501, { ...DF, alternatesStatus: false, security: { kind: "none" } }, [0]],
  ["AT25DN256", 0x1f4000, DN, [0]],
  ["AT25DN512C", 0x1f6501, { ...DN, chipEraseOpcodes: [0x60, 0xc7, 0x62] }, [0]],
  ["AT25DN011", 0x1f4200, DN, [0]],
  ["AT25XE011", 0x1f4200, DN, [0]],
  ["AT25XE041D", 0x1f440c, XE_D, [1]],
  ["AT25XE081D", 0x1f450c, XE_D, [1]],
  ["AT25XE161D", 0x1f460c, XE_D, [1]],
  ["AT25XE321D", 0x1f470c, XE_D, [1]],
  [
    "AT25EU0041A",
    0x1f1401,
    {
      ...SF_B,
      security: { kind: "registers", registerBytes: 512, shift: 12 },
      uniqueIdBytes: 16,
      erases: PAGED_ERASES,
      chipEraseOpcodes: [0x60],
    },
  ],
  ["W25Q32JV", 0xef4016, W25_WPS],
  ["W25Q64JV", 0xef4017, W25_WPS],
  ["W25Q256JV", 0xef4019, W25_LARGE],
  ["W25Q01JV-IQ", 0xef4021, W25_LARGE],
  ["GD25Q32", 0xc84016, W25],
  ["GD25Q64", 0xc84017, W25],
  ["GD25Q128", 0xc84018, GD],
  ["P25Q32H", 0x856016, { ...GD, erases: PAGED_ERASES }],
  ["XT25F64B", 0x0b4017, { ...W25, qpi: "ff" }],
  ["XT25F128B", 0x0b4018, { ...W25, qpi: "ff" }],
  ["BY25Q128AS", 0x684018, W25],
  ["BY25Q64AS", 0x684017, W25],
  ["ZB25VQ16", 0x0e4015, W25],
  ["MX25L3233F", 0xc22016, MX],
  ["MX25L12833F", 0xc22018, MX],
  [
    "N25Q128A",
    0x20ba18,
    {
      guard: () => ({ kind: "bp", isFourBit: "micron", lacksStatus2: true }),
      security: { kind: "none" },
      suspend: [0x75, 0x7a],
      hasSfdp: true,
      flags: { kind: "flag-status" },
      continuousReads: BOTH_READS,
      erases: [
        [0x20, 4 * KIB],
        [0xd8, 64 * KIB],
      ],
      chipEraseOpcodes: [0xc7],
    },
  ],
  [
    "IS25LP064",
    0x9d6017,
    {
      ...MX,
      security: { kind: "none" },
      uniqueIdBytes: 8,
      suspend: [0x75, 0x7a],
      flags: { kind: "function-register" },
      qpi: "unreachable",
      erases: [...NOR_ERASES, [0xd7, 4 * KIB]],
    },
  ],
  ["SST26VF032B", 0xbf2642, SST26],
  ["SST26VF064B", 0xbf2643, SST26],
  ["AT25SF081", 0x1f8501, original()],
  ["AT25SF161", 0x1f8601, original()],
];

/** AT25SF before the B revision. */
function original(): Family {
  return {
    guard: BP,
    security: { kind: "registers", registerBytes: 256, shift: 8 },
    shortWriteClearsSr2: true,
    hasSfdp: false,
    erases: NOR_ERASES,
  };
}

/** Names of all parts here. */
export function at25PartNames(): readonly string[] {
  return ROWS.map(([name]) => name);
}

/** The part; throws RangeError for a name that is not in `at25PartNames()`. */
export function at25Part(name: string): At25Part {
  const row = ROWS.find(([candidate]) => candidate === name);
  const geometry = descriptorByName(name)?.geometry;
  if (row === undefined || geometry === undefined) throw new RangeError(`no simulated AT25 part is named ${name}`);
  const [, id, family, extendedId] = row;
  const { capacityBytes } = geometry;
  const isLarge = capacityBytes > LARGE;
  const own =
    family.guard(name, capacityBytes).kind === "block-register" ? [[0xd8, sst26Block(capacityBytes)] as const] : [];
  const erases = [...family.erases, ...own].map(
    ([opcode, unitBytes]): EraseCommand => ({ opcode, unitBytes, time: eraseTime(geometry, unitBytes) }),
  );
  const part: At25Part = {
    name,
    capacityBytes,
    jedecId: [id >> 16, (id >> 8) & 0xff, id & 0xff],
    extendedId,
    deviceId: ((id & 0xff) + 0xff) & 0xff,
    page: bounded(geometry.programTypicalUs, geometry.programMaximumUs),
    erases,
    chipErase: eraseTime(geometry, capacityBytes),
    chipEraseOpcodes: family.chipEraseOpcodes,
    registerWrite: { typicalUs: 10 * MS, maximumUs: 15 * MS },
    isNewer: family.isNewer ?? false,
    uniqueIdBytes: family.uniqueIdBytes ?? 0,
    shortWriteClearsSr2: family.shortWriteClearsSr2 ?? false,
    guard: family.guard(name, capacityBytes),
    security: family.security,
    hasErrorBit: family.hasErrorBit ?? false,
    alternatesStatus: family.alternatesStatus ?? false,
    suspend: family.suspend,
    hasFourByteCommands: isLarge,
    addressMode: isLarge ? { opcodes: [0xb7, 0xe9] as const } : undefined,
    bank: isLarge ? EXTENDED_ADDRESS : undefined,
    flags: family.flags,
    hasBlockLocks: family.hasBlockLocks,
    qpi: family.qpi,
    continuousReads: family.continuousReads,
  };
  return family.hasSfdp ? { ...part, sfdp: areaOf(part) } : part;
}

/** The longest time of the model: some chips take far more than typical, none what a host waits for. */
function bounded(typicalUs: number, limitUs: number): OperationTime {
  return { typicalUs, maximumUs: Math.min(limitUs, 4 * typicalUs) };
}

function eraseTime(geometry: FlashGeometry, unitBytes: EraseCommand["unitBytes"]): OperationTime {
  const wanted = typeof unitBytes === "number" ? unitBytes : 64 * KIB;
  const region = geometry.eraseUnits.flatMap(({ regions }) => regions).find((one) => one.unitBytes === wanted);
  if (region !== undefined) return bounded(region.typicalUs, region.maximumUs);
  // The catalogue leaves it out, since no source establishes it well enough to use: as quick as it may be.
  return { typicalUs: (wanted / 256) * MS, maximumUs: (wanted / 64) * MS };
}

/** Opcodes with four address bytes, as Winbond and others have them. */
const WITH_FOUR_BYTES: ReadonlyMap<number, number> = new Map([
  [0x20, 0x21],
  [0xd8, 0xdc],
]);

function areaOf(part: At25Part): Uint8Array {
  const { capacityBytes } = part;
  const even = part.erases.flatMap(({ opcode, unitBytes, time }): SfdpErase[] =>
    typeof unitBytes !== "number" || opcode === 0xd7
      ? []
      : [
          {
            opcode,
            sizeBytes: unitBytes,
            typicalMs: time.typicalUs / MS,
            opcode4:
              part.hasFourByteCommands && WITH_FOUR_BYTES.has(opcode) ? (WITH_FOUR_BYTES.get(opcode) ?? 0) : undefined,
          },
        ],
  );
  const uneven = part.erases.find(({ unitBytes }) => typeof unitBytes !== "number");
  const erases = [
    ...even,
    ...(uneven === undefined
      ? []
      : [8, 32, 64].map((kib) => ({
          opcode: uneven.opcode,
          sizeBytes: kib * KIB,
          typicalMs: uneven.time.typicalUs / MS,
        }))),
  ];
  return buildSfdp({
    capacityBytes,
    erases,
    programTypicalUs: part.page.typicalUs,
    chipEraseTypicalMs: part.chipErase.typicalUs / MS,
    hasFourByteCommands: part.hasFourByteCommands,
    regions: uneven === undefined ? undefined : mapOf(uneven, capacityBytes),
  });
}

/** Where which block size is: 4 KiB (type 1) everywhere, and one of types 2 to 4. */
function mapOf(erase: EraseCommand, capacityBytes: number): { sizeBytes: number; types: readonly number[] }[] {
  const regions: { sizeBytes: number; types: readonly number[] }[] = [];
  let sizeBefore = 0;
  for (let address = 0; address < capacityBytes; ) {
    const { lengthBytes } = blockOf(erase, address);
    const last = regions.at(-1);
    if (last !== undefined && sizeBefore === lengthBytes) last.sizeBytes += lengthBytes;
    else regions.push({ sizeBytes: lengthBytes, types: [1, 2 + [8, 32, 64].indexOf(lengthBytes / KIB)] });
    sizeBefore = lengthBytes;
    address += lengthBytes;
  }
  return regions;
}
