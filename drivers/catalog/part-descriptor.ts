/**
 * A descriptor made of a line of the tables, for a part that the user names. Sizes, opcodes and bits are those that all
 * sources of the part agree on; times are those of the class. A part that the AT25 driver cannot operate has a reason.
 */
import type { At25Descriptor, At25EraseCommand, BlockLocks, MoreRegister } from "../chip-descriptor.ts";
import { CHIP_ERASE_UNIT_NAME, chipEraseUnit, eraseUnitName } from "../erase-units.ts";
import { fourByteModeOf } from "../four-byte-mode.ts";
import type { EraseRegion, EraseUnit } from "../geometry.ts";
import type { UnknownCause } from "../other-devices.ts";
import {
  CAREFUL_CLOCK_MHZ,
  CHIP_ERASE_LIMIT_MS_PER_64_KIB,
  CHIP_ERASE_SLOWER,
  CLASS_PROGRAM,
  classEraseTimes,
} from "./class-times.ts";
import { knownPartsWithId } from "./known-parts.ts";
import { eraseRuns, type IdKind, type KnownErase, type KnownPart } from "./part-line.ts";
import { isProtectionDescribed, protectionOf } from "./part-protection.ts";
import { PART_SOURCES } from "./part-sources.ts";
import { textsOf } from "./part-values.ts";
import { sharedBy, type SharedFacts } from "./shared-facts.ts";
import { isStacked, STACKED } from "./stacked-dies.ts";

/** A part of the tables as a descriptor, or why the driver cannot operate it: a part of a sentence. */
export type PartDriving =
  | { readonly ok: true; readonly descriptor: At25Descriptor }
  | {
      readonly ok: false;
      readonly reason: string;
      /** The kind of reason, for advice. */
      readonly cause: UnknownCause;
    };

const KIB = 1024;
const MIB = 1024 * KIB;
/** What three address bytes reach. */
const THREE_BYTES_REACH = 16 * MIB;
/** Longest program command that all families take; a larger page takes it, too. */
const MAX_PAGE_BYTES = 256;
/** Block erases that all their users agree on. A die (C4h) is not a block. */
const ERASES_3_BYTES: readonly number[] = [0x20, 0x52, 0xd8, 0x81, 0xdb, 0xd7];
const ERASES_4_BYTES: readonly number[] = [0x21, 0x5c, 0xdc];
/** No source has a supply: 3 V, which bridges without a level shifter can drive at all. */
const USUAL_SUPPLY_MV = { minimum: 2700, maximum: 3600 };

const ID_COMMANDS: Readonly<Record<Exclude<IdKind, "rdid">, string>> = {
  rems: "it returns its ID for command 90h only",
  res1: "it returns its ID for command ABh only",
  res2: "it returns its ID for command ABh only",
  at25f: "it returns its ID for command 15h only",
  st95: "it returns its ID for command 83h only",
  none: "it has no ID",
};

const NO_SIZE = { none: "no source has its size", several: "its sources do not agree on its size" } as const;

/** The descriptor of a part, or why there is none. */
export function describePart(part: KnownPart): PartDriving {
  const shared = sharedBy([part]);
  const refusal = refusalOf(part, shared);
  if (refusal !== undefined) return refusal;
  const { capacityBytes } = shared;
  if (capacityBytes === undefined)
    return refused(NO_SIZE[part.capacityBytes.length === 0 ? "none" : "several"], "not-described");
  const way = addressWay(part, shared, capacityBytes);
  if (way === undefined)
    return refused("only its SFDP area can specify how it takes addresses above 16 MiB", "mismatch");
  const erases = usableErases(shared, way, capacityBytes);
  if (erases.length === 0) return refused("its sources agree on no erase command", "not-described");
  const units = erases.map((erase) => unitOf(erase, capacityBytes));
  const chipErase = chipEraseOpcode(part, shared);
  return {
    ok: true,
    descriptor: {
      family: "at25",
      name: part.name,
      vendor: part.vendor,
      jedecId: part.id,
      ...extendedIdOf(part),
      geometry: {
        capacityBytes,
        pageBytes: Math.min(MAX_PAGE_BYTES, shared.pageBytes ?? MAX_PAGE_BYTES),
        erasedByte: 0xff,
        eraseUnits: [...units, ...(chipErase === undefined ? [] : [chipUnit(units, capacityBytes)])],
        programTypicalUs: CLASS_PROGRAM.typicalMs * 1000,
        programMaximumUs: CLASS_PROGRAM.limitMs * 1000,
      },
      addressBytes: way === "three" ? 3 : 4,
      fourByteMode: way === "mode" ? fourByteModeOf(part.id) : undefined,
      eraseCommands: [
        ...erases.map(
          ({ opcode }, index): At25EraseCommand => ({
            unitName: units[index]?.name ?? "",
            opcode,
            addressBytes: way === "three" ? 3 : 4,
          }),
        ),
        ...(chipErase === undefined
          ? []
          : [{ unitName: CHIP_ERASE_UNIT_NAME, opcode: chipErase, addressBytes: 0 as const }]),
      ],
      maxSpiClockHz: CAREFUL_CLOCK_MHZ * 1_000_000,
      ...protectionAndRegisters(part, capacityBytes),
      reportsErrors: false,
      sfdp: part.sfdp,
      supplyMv: shared.supplyMv ?? USUAL_SUPPLY_MV,
      sources: sourceLines(part, shared),
    },
  };
}

/**
 * How the part is protected. If no source describes that, it is taken to be as the others with its ID, as far as these agree on
 * a map: bits in a second register count then as well.
 */
function protectionAndRegisters(
  part: KnownPart,
  capacityBytes: number,
): PartRegisters & Pick<At25Descriptor, "protection"> {
  if (!isProtectionDescribed([part])) {
    const others = knownPartsWithId(part.id).filter((other) => mayBe(other, part, capacityBytes));
    const protection = protectionOf(others, capacityBytes);
    if (protection.scheme === "bp-sec-tb-cmp") return { protection, ...registersOf(others) };
  }
  return { protection: protectionOf([part], capacityBytes), ...registersOf([part]) };
}

/** Whether a chip with the ID of both may be either of them. */
function mayBe(other: KnownPart, part: KnownPart, capacityBytes: number): boolean {
  const isOfSize = other.capacityBytes.every(({ value }) => value === capacityBytes);
  return isOfSize && part.following.every((byte, at) => byte === undefined || (other.following[at] ?? byte) === byte);
}

/** Registers that a change of protection leaves alone, and locks of single blocks. */
type PartRegisters = Pick<At25Descriptor, "moreRegisters" | "blockLocks">;

function registersOf(parts: readonly KnownPart[]): PartRegisters {
  const locks = textsOf(parts, "lock").flatMap((text) => text.split(","));
  const place = locks.find((text) => text.startsWith("wps="))?.slice("wps=".length);
  const opcodes = textsOf(parts, "sr23").flatMap((text) => text.split(","));
  const third: readonly MoreRegister[] = opcodes.includes("11") || place?.startsWith("SR3") === true ? ["SR3"] : [];
  const blockLocks = place === undefined ? undefined : blockLocksAt(place);
  const security: readonly MoreRegister[] = place?.startsWith("SECURITY") === true ? ["security register"] : [];
  const more = [...third, ...security];
  return {
    moreRegisters: more.length === 0 ? undefined : more,
    blockLocks,
  };
}

/** `SR3.2` and so on: a bit that puts the block locks in force; `SECURITY.7-otp` on Macronix, which reads them by 3Ch. */
function blockLocksAt(place: string): BlockLocks | undefined {
  const [, register, bit] = /^(SR2|SR3|SECURITY)\.(\d)/.exec(place) ?? [];
  const mask = 1 << Number(bit);
  if (register === "SECURITY") return { inForce: [{ register: "security register", mask }], readOpcode: 0x3c };
  return register === "SR2" || register === "SR3" ? { inForce: [{ register, mask }], readOpcode: 0x3d } : undefined;
}

function refused(reason: string, cause: UnknownCause): PartDriving & { readonly ok: false } {
  return { ok: false, reason, cause };
}

function refusalOf(part: KnownPart, shared: SharedFacts): (PartDriving & { readonly ok: false }) | undefined {
  const says = (key: string): boolean => textsOf([part], key).length > 0;
  if (part.idKind !== "rdid") return refused(ID_COMMANDS[part.idKind], "old-id");
  const programs = part.program.map(({ value }) => value);
  if (programs.includes("buffer")) return refused("it is a DataFlash with commands of its own", "other-device");
  if (programs.includes("none")) return refused("it is read-only memory", "other-device");
  if (programs.includes("byte") || programs.includes("aai")) {
    return refused("it programs one byte with each command, not a page", "byte-program");
  }
  if (isStacked(part)) return refused(STACKED, "stacked-dies");
  if (says("no-erase")) return refused("it is not flash: writing needs no erase", "other-device");
  if (says("address") || says("read"))
    return refused("its commands have another form than those of NOR flash", "other-device");
  if (says("erased")) return refused("its erased bytes are not FF", "other-device");
  return shared.program === undefined && programs.length > 0
    ? refused("its sources do not agree on how it is programmed", "not-described")
    : undefined;
}

/** Three address bytes, dedicated commands of four, or the mode of four; undefined if no source has a way. */
function addressWay(
  part: KnownPart,
  { fourByte, erases }: SharedFacts,
  capacityBytes: number,
): "three" | "dedicated" | "mode" | undefined {
  if (capacityBytes <= THREE_BYTES_REACH) return "three";
  const hasErase = erases.some(({ opcode }) => ERASES_4_BYTES.includes(opcode));
  if (hasErase && fourByte.includes("0C") && fourByte.includes("12")) return "dedicated";
  if (fourByte.includes("B7") || fourByte.includes("06B7")) return "mode";
  const isInLinux = part.fourByte.length === 0 && /[lm]/.test(part.sources);
  return isInLinux && LINUX_MODE_MAKERS.has(part.id[0] ?? 0) ? "mode" : undefined;
}

/** Makers whose parts above 16 MiB Linux drives by the mode if its table names no commands with four address bytes. */
const LINUX_MODE_MAKERS: ReadonlySet<number> = new Set([0x20, 0xc2, 0xef]);

/** Smallest first, one opcode for each kind of blocks. */
function usableErases(shared: SharedFacts, way: "three" | "dedicated" | "mode", capacityBytes: number): KnownErase[] {
  const opcodes = way === "dedicated" ? ERASES_4_BYTES : ERASES_3_BYTES;
  const usable = opcodes.flatMap((opcode) =>
    shared.erases.filter((erase) => erase.opcode === opcode && erase.largestBytes < capacityBytes),
  );
  const layouts = [...new Set(usable.map(({ layout }) => layout))];
  return layouts
    .flatMap((layout) => usable.find((erase) => erase.layout === layout) ?? [])
    .filter((erase) => tiles(erase, capacityBytes))
    .toSorted((a, b) => a.largestBytes - b.largestBytes);
}

/** Whether the blocks are exactly the chip. */
function tiles(erase: KnownErase, capacityBytes: number): boolean {
  return (
    regionsOf(erase, capacityBytes).reduce((sum, { unitBytes, count }) => sum + unitBytes * count, 0) === capacityBytes
  );
}

function regionsOf(erase: KnownErase, capacityBytes: number): EraseRegion[] {
  const runs = eraseRuns(erase);
  const regions: EraseRegion[] = [];
  let address = 0;
  for (const { unitBytes, count } of runs) {
    const blocks = runs.length === 1 ? Math.floor(capacityBytes / unitBytes) : count;
    const { typicalMs, limitMs } = classEraseTimes(unitBytes);
    regions.push({ address, unitBytes, count: blocks, typicalUs: typicalMs * 1000, maximumUs: limitMs * 1000 });
    address += unitBytes * blocks;
  }
  return regions;
}

function unitOf(erase: KnownErase, capacityBytes: number): EraseUnit {
  const regions = regionsOf(erase, capacityBytes);
  const sizes = regions.map(({ unitBytes }) => unitBytes);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const name = least === most ? eraseUnitName(most) : `${least / KIB} to ${most / KIB} KiB block`;
  return { name, regions };
}

/** C7h, or 60h if the part has only that; undefined if a complete source lists neither. */
function chipEraseOpcode(part: KnownPart, { chipErase }: SharedFacts): number | undefined {
  const found = ["C7", "60"].find((opcode) => chipErase.includes(opcode));
  if (found !== undefined) return Number.parseInt(found, 16);
  return part.chipErase.length === 0 ? 0xc7 : undefined;
}

function chipUnit(units: readonly EraseUnit[], capacityBytes: number): EraseUnit {
  const regions = units.at(-1)?.regions ?? [];
  const blocksMs = regions.reduce((sum, { typicalUs, count }) => sum + (typicalUs * count) / 1000, 0);
  const typicalMs = Math.round(blocksMs * CHIP_ERASE_SLOWER);
  const limitMs = (capacityBytes / (64 * KIB)) * CHIP_ERASE_LIMIT_MS_PER_64_KIB;
  return chipEraseUnit(capacityBytes, { typicalMs, maximumMs: Math.max(limitMs, 2 * typicalMs) });
}

/** The bytes after the ID, if none of them is left open. */
function extendedIdOf({ following }: KnownPart): { readonly extendedId?: readonly number[] | undefined } {
  const known = following.filter((byte) => byte !== undefined);
  return known.length === 0 || known.length < following.length ? {} : { extendedId: known };
}

function sourceLines(part: KnownPart, shared: SharedFacts): string[] {
  const names = Array.from(part.sources, (letter) => PART_SOURCES[letter]?.name ?? letter);
  return [
    `ID, sizes, commands, protection: ${names.join(", ")}`,
    "times: typical of the class",
    "longest times: host limit",
    `clock of ${CAREFUL_CLOCK_MHZ} MHz: no source; a careful limit`,
    ...(shared.supplyMv === undefined ? ["supply: no source; usual for 3 V parts"] : []),
    "note: erase commands are those that all these sources agree on",
  ];
}
