/**
 * How parts of the tables are protected: by the map that all their sources agree on. Where two differ for any value of
 * the bits, or none has a map, any set bit counts as protection of the whole chip.
 */
import { bitsOfMap, coveredRange, maskOfMap, valuesOfMap } from "../at25/protection/bp-map.ts";
import type { At25Protection, BpMap, StatusName } from "../chip-descriptor.ts";
import type { Claim, KnownPart } from "./part-line.ts";
import { distinct, isComplete, textsOf } from "./part-values.ts";
import { type KnownScheme, protectionScheme } from "./protection-schemes.ts";

type BpBits = Extract<At25Protection, { scheme: "bp-sec-tb-cmp" }>;

/** Schemes of U-Boot, which counts wrongly below 4 MiB: no evidence for or against another one. */
const NOT_BELIEVED: ReadonlySet<string> = new Set(["P32", "P33"]);
/**
 * Parts whose sources have the bits of another part, and the scheme that they have. S25FL128L: flashrom has three BP bits for
 * it and four for S25FL256L. Both share one datasheet (Cypress 002-00124: BP3..0, TBPROT in bit 6, CMP in configuration
 * register 1), and openFPGALoader has four for both.
 */
export const CORRECTED_SCHEMES: ReadonlyMap<string, string> = new Map([["S25FL128L", "P05"]]);
/** BP bits, TB and SEC, wherever a part with AT25 commands has them. */
const LIKELY_MASK = 0x7c;
/** A bit for each sector after bits 5..2: writing zeros there opens all. */
const SECTOR_MASK = 0x3c;
/** SRP0 or SPRL: locks the register, and protects nothing. */
const LOCK_MASK = 0x80;
const GLOBAL_UNLOCK = 0x98;

/**
 * The protection of a chip that may be any of these parts. A part that no source describes is taken to be as the others;
 * if no part is described, bits 6..2 of status register 1 count as protection of the whole chip.
 */
export function protectionOf(parts: readonly KnownPart[], capacityBytes: number): At25Protection {
  const unlocks = textsOf(parts, "unlock").flatMap((text) => text.split(","));
  const unlockMask = unlocks
    .filter((text) => text.startsWith("clears="))
    .reduce((mask, text) => mask | (Number.parseInt(text.slice("clears=".length), 16) & ~LOCK_MASK), 0);
  const schemes = schemesOf(parts);
  const map = agreedMap(schemes, capacityBytes);
  if (map !== undefined && (unlockMask & ~maskOfMap(map, "SR1")) === 0) {
    return { scheme: "bp-sec-tb-cmp", map, ...writesOf(parts, map) };
  }
  const mask = schemes.reduce((sum, { bits }) => sum | maskOfMap(bits, "SR1"), unlockMask);
  const known = unlocks.includes("per-sector") ? mask | SECTOR_MASK : mask;
  return {
    scheme: "bp-mask",
    mask: known === 0 ? LIKELY_MASK : known,
    globalUnlockOpcode: unlocks.includes(`command=${GLOBAL_UNLOCK.toString(16)}`) ? GLOBAL_UNLOCK : undefined,
  };
}

/**
 * The protection of a chip that only its SFDP area describes, by the parts with its ID. Undefined if no source names a
 * protection bit of any of them: bit 6 may be QE then, so a set bit is not a reason to refuse.
 */
export function protectionById(parts: readonly KnownPart[], capacityBytes: number): At25Protection | undefined {
  return isProtectionDescribed(parts) ? protectionOf(parts, capacityBytes) : undefined;
}

/** Whether a source says anything of the protection of these parts. */
export function isProtectionDescribed(parts: readonly KnownPart[]): boolean {
  return schemesOf(parts).length > 0 || textsOf(parts, "unlock").length > 0;
}

/** A scheme, and whether a source that lists all bits of a part names it. */
interface PartScheme extends KnownScheme {
  readonly isWhole: boolean;
}

function schemesOf(parts: readonly KnownPart[]): readonly PartScheme[] {
  const claims = parts
    .flatMap(({ name, others }) => (others.get("bp") ?? []).map((claim) => correctedClaim(name, claim)))
    .filter(({ value }) => !NOT_BELIEVED.has(value));
  return distinct(claims.map(({ value }) => value)).map((name) => ({
    ...protectionScheme(name),
    isWhole: claims.some((claim) => claim.value === name && isComplete(claim)),
  }));
}

function correctedClaim(name: string, claim: Claim<string>): Claim<string> {
  const value = CORRECTED_SCHEMES.get(name.toUpperCase());
  return value === undefined ? claim : { ...claim, value };
}

/** The map with the most bits, if all others agree with it. */
function agreedMap(schemes: readonly PartScheme[], capacityBytes: number): BpMap | undefined {
  const maps = schemes.flatMap(({ bits, rule, isWhole }) =>
    rule === undefined ? [] : [{ map: { ...bits, rule }, isWhole }],
  );
  const [richest] = maps.map(({ map }) => map).toSorted((a, b) => bitsOfMap(b).length - bitsOfMap(a).length);
  if (richest === undefined || maps.length < schemes.length) return undefined;
  const doAgree = maps.every(
    ({ map, isWhole }) => agree(map, richest, capacityBytes) && (!isWhole || registersOf(map) === registersOf(richest)),
  );
  return doAgree ? richest : undefined;
}

/** Whether both cover the same for every value of the bits that they share. */
function agree(a: BpMap, b: BpMap, capacityBytes: number): boolean {
  const shared = maskRegisters(a, b);
  for (const values of valuesOfMap(b)) {
    const read = (name: StatusName): number => (values.get(name) ?? 0) & (shared.get(name) ?? 0);
    const [one, other] = [coveredRange(a, capacityBytes, read), coveredRange(b, capacityBytes, read)];
    if (one?.address !== other?.address || one?.lengthBytes !== other?.lengthBytes) return false;
  }
  return true;
}

function maskRegisters(a: BpMap, b: BpMap): ReadonlyMap<StatusName, number> {
  const names = distinct(bitsOfMap(a).map(({ register }) => register));
  return new Map(names.map((name) => [name, maskOfMap(a, name) & maskOfMap(b, name)]));
}

function registersOf(map: BpMap): string {
  return distinct(bitsOfMap(map).map(({ register }) => register))
    .toSorted()
    .join();
}

/**
 * `together` if any source writes two registers by 01h: there one byte may clear the second. `only-first` if no source
 * writes a second one: 35h is not asked then, since it enters QPI on some parts.
 */
function writesOf(parts: readonly KnownPart[], map: BpMap): Pick<BpBits, "write" | "hasVolatileWrite"> {
  const opcodes = textsOf(parts, "sr23").flatMap((text) => text.split(","));
  const hasSecond = opcodes.includes("31") || maskOfMap(map, "SR2") !== 0;
  const takesTwo = textsOf(parts, "sr1").some((bytes) => Number(bytes) > 1);
  const enables = textsOf(parts, "wren").flatMap((text) => text.split(","));
  return {
    write: !hasSecond ? "only-first" : takesTwo ? "together" : "apart",
    hasVolatileWrite: enables.includes("50") && enables.includes("06"),
  };
}
