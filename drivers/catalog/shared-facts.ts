/** What several parts of the tables share: all that is safe if a chip may be any of them. */
import {
  bytesOf,
  type Claim,
  type FourByteWay,
  knownErase,
  type KnownErase,
  type KnownPart,
  type ProgramKind,
  sizeText,
} from "./part-line.ts";
import { distinct, isComplete, listsOf, settled, textsOf } from "./part-values.ts";

/** What holds for every one of several parts. */
export interface SharedFacts {
  /** Capacity; undefined if the parts differ in it or no source has it. */
  readonly capacityBytes: number | undefined;
  /** The smallest capacity of any part; undefined if no source has one. */
  readonly smallestCapacityBytes: number | undefined;
  /** The smallest page of any part: a program of more bytes could wrap. Undefined if no source has one. */
  readonly pageBytes: number | undefined;
  /** How all of them are programmed; undefined if they differ or no source says so. */
  readonly program: ProgramKind | undefined;
  /** Erase commands that all parts have, with the same blocks. Empty: no erase is safe by the ID alone. */
  readonly erases: readonly KnownErase[];
  /** Chip erases that all parts have, as hex. */
  readonly chipErase: readonly string[];
  /** Ways to address more than 16 MiB that all parts have. */
  readonly fourByte: readonly FourByteWay[];
  /** What 01h may take, bytes, by any source: [1], [1, 2]. Empty if no source says so. */
  readonly status1Bytes: readonly number[];
  /** Opcodes that write the other status registers of all parts, as hex: 31, 11. */
  readonly statusOpcodes: readonly string[];
  /** All protection schemes that any source gives to any part: names of protection-schemes.ts. */
  readonly protectionSchemes: readonly string[];
  /** Supply that all parts bear, millivolts; undefined if no source has one or if there is no such range. */
  readonly supplyMv: { readonly minimum: number; readonly maximum: number } | undefined;
  /** How many of the parts have an SFDP area, have none, or it is not known. */
  readonly sfdp: { readonly present: number; readonly absent: number; readonly notKnown: number };
}

/** What these parts share. */
export function sharedBy(parts: readonly KnownPart[]): SharedFacts {
  const capacities = distinct(parts.flatMap((part) => settled(part.capacityBytes).map(binary)));
  const pages = parts.flatMap(({ pageBytes }) =>
    pageBytes.filter(({ sources }) => sources !== PAGE_UNIT_SOURCE).map(({ value }) => binary(value)),
  );
  const programs = distinct(parts.flatMap((part) => settled(part.program)));
  return {
    capacityBytes: capacities.length === 1 ? capacities[0] : undefined,
    smallestCapacityBytes: capacities.length === 0 ? undefined : Math.min(...capacities),
    pageBytes: pages.length === 0 ? undefined : Math.min(...pages),
    program: programs.length === 1 ? programs[0] : undefined,
    erases: sharedErases(parts),
    chipErase: sharedOf(parts.map(({ chipErase }) => chipErase)),
    fourByte: sharedOf(parts.map(({ fourByte }) => fourByte)),
    status1Bytes: textsOf(parts, "sr1")
      .map(Number)
      .toSorted((a, b) => a - b),
    statusOpcodes: sharedOf(parts.map((part) => listsOf(part, "sr23"))),
    protectionSchemes: textsOf(parts, "bp").toSorted(),
    supplyMv: sharedSupply(parts),
    sfdp: {
      present: parts.filter(({ sfdp }) => sfdp === "present").length,
      absent: parts.filter(({ sfdp }) => sfdp === "absent").length,
      notKnown: parts.filter(({ sfdp }) => sfdp === "not known").length,
    },
  };
}

/** OpenOCD's page is a unit of programming, at times smaller than the page. */
const PAGE_UNIT_SOURCE = "o";
/** Sizes of an AT45 with standard pages as those of binary pages, so that the setting is not taken for a difference. */
function binary(bytes: number): number {
  return bytes % STANDARD_PAGE_SHARE === 0 ? (bytes / STANDARD_PAGE_SHARE) * (STANDARD_PAGE_SHARE - 1) : bytes;
}

/** A standard page has 33 bytes for 32 of a binary one. No power of two is a multiple of it. */
const STANDARD_PAGE_SHARE = 33;

/**
 * What is in every list of these parts that is complete; if no list is, in every list. A part that has none leaves the
 * others as they are.
 */
function sharedOf<T>(lists: readonly (readonly Claim<readonly T[]>[])[]): readonly T[] {
  const claims = lists.flat();
  const complete = claims.filter(isComplete);
  const [first, ...others] = complete.length > 0 ? complete : claims;
  return (first?.value ?? []).filter((entry) => others.every(({ value }) => value.includes(entry)));
}

/** As `sharedOf`, and contradicted by no source: the same opcode with other blocks. */
function sharedErases(parts: readonly KnownPart[]): readonly KnownErase[] {
  const claims = parts.flatMap(({ erases }) =>
    erases.map(({ value, sources }) => ({ value: value.map(inBinary), sources })),
  );
  const all = claims.flatMap(({ value }) => value);
  const complete = claims.filter(isComplete);
  const counting = complete.length > 0 ? complete : claims;
  const [first] = counting;
  return (first?.value ?? []).filter(
    (erase) =>
      !erase.isAfterSetting &&
      counting.every(({ value }) => value.some(({ opcode }) => opcode === erase.opcode)) &&
      all.every(({ opcode, layout }) => opcode !== erase.opcode || layout === erase.layout),
  );
}

function inBinary(erase: KnownErase): KnownErase {
  const runs = erase.layout.split("+").map((run) => run.split("x"));
  const layout = runs.map(
    ([size = "", count]) => sizeText(binary(bytesOf(size))) + (count === undefined ? "" : `x${count}`),
  );
  return knownErase(erase.opcode, layout.join("+"), erase.isAfterSetting);
}

function sharedSupply(parts: readonly KnownPart[]): SharedFacts["supplyMv"] {
  const ranges = parts.flatMap(({ supplyMv }) => supplyMv.map(({ value }) => value));
  if (ranges.length === 0) return undefined;
  const [minimum, maximum] = [Math.max(...ranges.map(([low]) => low)), Math.min(...ranges.map(([, high]) => high))];
  return minimum < maximum ? { minimum, maximum } : undefined;
}
