/**
 * What all parts of a family share: how they are protected, where their unique ID and their one-time bytes are, whether
 * they report errors. Source: at25.md of the project's facts, which names the sources; "assumed" is said where it is.
 */
import type { At25Protection, BlockLocks, MoreRegister, OneTimeArea, UniqueIdPlace } from "../chip-descriptor.ts";
import type { EraseUnit } from "../geometry.ts";
import { mapOfScheme } from "./protection-schemes.ts";

export type At25FamilyName =
  | "at25sf"
  | "at25sf-b"
  | "at25sf-64"
  | "at25sl"
  | "at25df"
  /** AT25DF041A and AT26DF081A: one status byte, nothing beside the array. */
  | "at25df-early"
  | "at25dn"
  | "at25xe-d"
  | "at25eu"
  | "w25q"
  | "w25q-4b"
  | "gd25q"
  | "puya"
  | "xt25f"
  /** XT25F128B; XT25F128F has the ID as well, and the bit in another register. */
  | "xt25f-128"
  | "by25q"
  | "zb25"
  | "mx25l"
  | "n25q"
  | "is25lp"
  | "sst26";

export interface FamilyTraits {
  protection(name: string, capacityBytes: number): At25Protection;
  /** Registers besides those of the protection, which no change of it may move. */
  readonly moreRegisters?: readonly MoreRegister[] | undefined;
  readonly blockLocks?: BlockLocks | undefined;
  /** SR1 bit 5 tells that the last program or erase failed. */
  readonly reportsErrors: boolean;
  readonly uniqueId?: UniqueIdPlace | undefined;
  readonly oneTime?: OneTimeArea | undefined;
  /** For parts above 16 MiB: the erase with four address bytes of the one with three. */
  readonly eraseWith4Bytes?: ReadonlyMap<number, number> | undefined;
  /** Erases whose block size depends on the address. */
  readonly moreErases?:
    | ((
        capacityBytes: number,
      ) => readonly { readonly opcode: number; readonly unit: EraseUnit; readonly sources: string }[])
    | undefined;
  readonly sources: readonly string[];
}

const KIB = 1024;

const UID_64: UniqueIdPlace = { kind: "command-4b", lengthBytes: 8 };
const UID_128: UniqueIdPlace = { kind: "command-4b", lengthBytes: 16 };
const OTP_77: OneTimeArea = { kind: "otp-128" };

/** BP2..0, TB, SEC in SR1, CMP in SR2. */
function bp(write: "together" | "apart", hasVolatileWrite: boolean): FamilyTraits["protection"] {
  return () => ({ scheme: "bp-sec-tb-cmp", write, hasVolatileWrite });
}

/** A scheme of the tables. Throws RangeError if it has no rule. */
function mapped(
  name: string,
  write: "together" | "apart" | "only-first",
  hasVolatileWrite: boolean,
): FamilyTraits["protection"] {
  return () => ({ scheme: "bp-sec-tb-cmp", map: mapOfScheme(name), write, hasVolatileWrite });
}

/** Bits whose extent no source gives: any of them set counts as the whole chip. */
function bpMask(mask: number, globalUnlockOpcode?: number): FamilyTraits["protection"] {
  return () => ({ scheme: "bp-mask", mask, globalUnlockOpcode });
}

const STATUS_3: readonly MoreRegister[] = ["SR3"];
/** WPS in status register 3: a lock for each block in place of the BP bits. */
const WPS: BlockLocks = { inForce: [{ register: "SR3", mask: 0x04 }], readOpcode: 0x3d };
/** Two parts with one ID have it in different registers: either bit counts. */
const WPS_OF_BOTH: BlockLocks = { ...WPS, inForce: [...WPS.inForce, { register: "SR2", mask: 0x10 }] };

function w25(protection: FamilyTraits["protection"]): FamilyTraits {
  return {
    protection,
    moreRegisters: STATUS_3,
    reportsErrors: false,
    uniqueId: UID_64,
    oneTime: { kind: "security-registers", count: 3, registerBytes: 256, numberShift: 12 },
    eraseWith4Bytes: new Map([
      [0x20, 0x21],
      [0xd8, 0xdc],
    ]),
    sources: [
      "protection: BP, TB, SEC and CMP bits: ufprog",
      "unique ID: ufprog",
      "security registers: as Winbond's; from memory, not checked",
    ],
  };
}

function withWps(traits: FamilyTraits, source: string, blockLocks = WPS): FamilyTraits {
  return {
    ...traits,
    blockLocks,
    sources: [...traits.sources, `block locks by WPS in status register 3: ${source}`],
  };
}

function at25df(): FamilyTraits {
  return {
    protection: (name, capacityBytes) => ({
      scheme: "sector-registers",
      sectors: name === "AT25DF041A" ? DF041A_SECTORS : [{ lengthBytes: 64 * KIB, count: capacityBytes / (64 * KIB) }],
    }),
    reportsErrors: true,
    sources: [
      "protection: a register a sector, all set after power-up: flashrom, sensiedge, linux",
      "error bit EPE: ufprog, sensiedge",
    ],
  };
}

/** From the bottom: seven of 64 KiB, then 32, 8, 8 and 16 KiB (front page of the datasheet). */
const DF041A_SECTORS = [
  { lengthBytes: 64 * KIB, count: 7 },
  { lengthBytes: 32 * KIB, count: 1 },
  { lengthBytes: 8 * KIB, count: 2 },
  { lengthBytes: 16 * KIB, count: 1 },
];

/** D8h of SST26VF: 8 KiB and one 32 KiB block at both ends, 64 KiB between. */
function sst26Blocks(capacityBytes: number): EraseUnit {
  const block = { typicalUs: 25_000, maximumUs: 500_000 };
  const end = 64 * KIB;
  return {
    name: "8 to 64 KiB block",
    regions: [
      { address: 0, unitBytes: 8 * KIB, count: 4, ...block },
      { address: 32 * KIB, unitBytes: 32 * KIB, count: 1, ...block },
      { address: end, unitBytes: end, count: capacityBytes / end - 2, ...block },
      { address: capacityBytes - end, unitBytes: 32 * KIB, count: 1, ...block },
      { address: capacityBytes - 32 * KIB, unitBytes: 8 * KIB, count: 4, ...block },
    ],
  };
}

const SECURED_512: OneTimeArea = { kind: "secured-area", lengthBytes: 512, factoryBytes: 16 };

const FAMILIES: Readonly<Record<At25FamilyName, FamilyTraits>> = {
  at25sf: {
    protection: bp("together", true),
    reportsErrors: false,
    oneTime: { kind: "security-registers", count: 3, registerBytes: 256, numberShift: 8 },
    sources: ["protection and security registers: ufprog, flashrom", "no unique ID command is known: ufprog"],
  },
  "at25sf-b": {
    protection: bp("apart", true),
    moreRegisters: STATUS_3,
    reportsErrors: false,
    uniqueId: UID_64,
    oneTime: { kind: "security-registers", count: 3, registerBytes: 256, numberShift: 12 },
    sources: ["protection, unique ID and security registers: ufprog"],
  },
  "at25sf-64": {
    protection: bp("together", false),
    reportsErrors: false,
    uniqueId: { kind: "secured-area" },
    oneTime: SECURED_512,
    sources: ["protection and secured area: ufprog"],
  },
  at25sl: {
    protection: bp("apart", false),
    reportsErrors: false,
    uniqueId: { kind: "secured-area" },
    oneTime: SECURED_512,
    sources: ["protection as AT25SL128A has it, and secured area: ufprog"],
  },
  at25df: {
    ...at25df(),
    uniqueId: { kind: "otp-77" },
    oneTime: OTP_77,
    sources: [...at25df().sources, "one-time bytes 77h and 9Bh: ufprog"],
  },
  "at25df-early": at25df(),
  at25dn: {
    protection: () => ({ scheme: "bp0" }),
    reportsErrors: true,
    uniqueId: { kind: "otp-77" },
    oneTime: OTP_77,
    sources: ["protection by BP0, error bit, one-time bytes: wstl18, ufprog"],
  },
  "at25xe-d": {
    protection: bpMask(0x7c, 0x98),
    reportsErrors: false,
    uniqueId: UID_128,
    oneTime: { kind: "otp-pages", count: 4, pageBytes: 128, factoryPages: 1 },
    sources: [
      "global unlock 98h, unique ID, one-time bytes: ufprog",
      "place of the BP bits: assumed as on AT25SF; what they cover no source gives",
    ],
  },
  at25eu: {
    protection: bp("apart", true),
    moreRegisters: STATUS_3,
    reportsErrors: false,
    uniqueId: UID_128,
    oneTime: { kind: "security-registers", count: 3, registerBytes: 512, numberShift: 12 },
    sources: ["protection, unique ID, security registers: mikroe, eu-fw, ufprog"],
  },
  w25q: withWps(w25(bp("together", true)), "flashrom and flashprog name it for the JV and the FV, not for older ones"),
  "w25q-4b": withWps(
    {
      ...w25(mapped("P05", "apart", true)),
      sources: [
        "protection: four BP bits, TB in bit 6 of SR1, CMP: flashrom, flashprog, linux",
        "status registers written one by one, 01h and 31h: flashrom, flashprog",
        "unique ID: ufprog",
        "security registers: as Winbond's; from memory, not checked",
      ],
    },
    "flashrom names it for W25Q256JW",
  ),
  gd25q: withWps(w25(bp("apart", true)), "flashprog names it for GD25Q128C; reserved and 0 on others up to 16 MiB"),
  puya: withWps(w25(bp("apart", true)), "flashprog"),
  xt25f: w25(bp("together", true)),
  "xt25f-128": withWps(
    w25(bp("together", true)),
    "flashprog names it for XT25F128F, and bit 4 of status register 2 for XT25F128B",
    WPS_OF_BOTH,
  ),
  by25q: w25(bp("apart", true)),
  zb25: w25(bp("together", true)),
  mx25l: {
    protection: bpMask(0x3c),
    reportsErrors: false,
    uniqueId: { kind: "secured-area" },
    oneTime: SECURED_512,
    sources: ["protection by BP3..0, whose extent no source gives: ufprog", "secured area: ufprog, linux"],
  },
  n25q: {
    protection: mapped("P28", "only-first", false),
    reportsErrors: false,
    sources: ["protection: BP2..0 in bits 4..2, BP3 in bit 6, TB in bit 5: linux; lock registers are not looked at"],
  },
  is25lp: {
    protection: bpMask(0x3c),
    reportsErrors: false,
    uniqueId: UID_64,
    sources: ["protection by BP3..0, whose extent no source gives; unique ID: ufprog"],
  },
  sst26: {
    protection: (_, capacityBytes) => ({
      scheme: "block-register",
      registerBytes: (capacityBytes / (64 * KIB) + 16) / 8,
    }),
    reportsErrors: false,
    uniqueId: { kind: "command-88" },
    moreErases: (capacityBytes) => [{ opcode: 0xd8, unit: sst26Blocks(capacityBytes), sources: "sfdp" }],
    sources: [
      "block-protection register 72h, 42h, global unlock 98h: flashrom",
      "unique ID by 88h: from memory, not checked",
    ],
  },
};

/** What the parts of a family share. */
export function familyTraits(family: At25FamilyName): FamilyTraits {
  return FAMILIES[family];
}
