/**
 * All parts known by name: hand-made rows, which know the most, and after them the parts of the tables. AT45 parts stand
 * here at their standard page size.
 */
import type { ChipDescriptor } from "../chip-descriptor.ts";
import type { UnknownCause } from "../other-devices.ts";
import { AT25DF_ROWS } from "./at25df.ts";
import { AT25DN_ROWS } from "./at25dn.ts";
import { AT25SF_ROWS } from "./at25sf.ts";
import { AT25XE_ROWS } from "./at25xe.ts";
import { AT45DB_ROWS, at45WithPageBytes } from "./at45db.ts";
import type { CatalogRow } from "./catalog-row.ts";
import { knownPartNames, knownPartsNamed } from "./known-parts.ts";
import { OTHERS_ROWS } from "./others.ts";
import { describePart, type PartDriving } from "./part-descriptor.ts";
import type { KnownPart } from "./part-line.ts";
import { isComplete } from "./part-values.ts";
import { WINBOND_ROWS } from "./winbond.ts";

/** The parts that norbridge knows best: its own rows. AT45 parts are listed with their standard page size. */
export const CATALOG_ROWS: readonly CatalogRow[] = [
  ...AT25SF_ROWS,
  ...AT25DF_ROWS,
  ...AT25DN_ROWS,
  ...AT25XE_ROWS,
  ...AT45DB_ROWS,
  ...WINBOND_ROWS,
  ...OTHERS_ROWS,
];

/** The rows whose ID `response` starts with. */
export function rowsWithId(response: ArrayLike<number>): readonly ChipDescriptor[] {
  const found = CATALOG_ROWS.filter(({ jedecId }) => jedecId.every((byte, index) => byte === response[index]));
  return found.map((row) => row.descriptor());
}

/** What selects one of several parts with a name. */
export interface NamedPartOptions {
  /** Page size of an AT45, bytes. */
  readonly pageBytes?: number | undefined;
  /** Response of the chip to 9Fh. Some names are used for parts with different IDs. */
  readonly jedecId?: ArrayLike<number> | undefined;
}

/**
 * Finds a part by its name, in upper or lower case: a row of the catalogue, or else a part of the tables that the driver
 * can operate. `pageBytes` selects the page size of an AT45. Returns undefined for an unknown name, for a part that
 * cannot be operated (see `refusalByName`), or for a page size that the part does not have.
 */
export function descriptorByName(name: string, options: NamedPartOptions = {}): ChipDescriptor | undefined {
  const wanted = name.toUpperCase();
  const row = CATALOG_ROWS.find((candidate) => candidate.name.toUpperCase() === wanted)?.descriptor();
  if (row === undefined) return tableDescriptor(name, options);
  if (options.pageBytes === undefined) return row;
  if (row.family === "at45") return at45WithPageBytes(row, options.pageBytes);
  return row.geometry.pageBytes === options.pageBytes ? row : undefined;
}

function tableDescriptor(name: string, { pageBytes, jedecId }: NamedPartOptions): ChipDescriptor | undefined {
  const found = partsNamed(name).flatMap(({ driving }) => (driving.ok ? [driving.descriptor] : []));
  const own = found.find(
    (part) => jedecId !== undefined && part.jedecId.every((byte, index) => byte === jedecId[index]),
  );
  const part = own ?? found[0];
  return pageBytes === undefined || part?.geometry.pageBytes === pageBytes ? part : undefined;
}

/** Why a named part of the tables cannot be operated. */
export interface NamedRefusal {
  /** Name of the part. */
  readonly name: string;
  /** The reason, as a part of a sentence. */
  readonly reason: string;
  /** The kind of reason, for advice. */
  readonly cause: UnknownCause;
}

/** Why a part with this name cannot be operated. Undefined if it can be, or if no part has the name. */
export function refusalByName(name: string): NamedRefusal | undefined {
  const found = partsNamed(name);
  const [first] = found;
  if (first === undefined || first.driving.ok || descriptorByName(name) !== undefined) return undefined;
  return { name: first.part.name, reason: first.driving.reason, cause: first.driving.cause };
}

/** Parts of the tables with this name, the one with the most sources first. Entries of less complete sources do not count. */
function partsNamed(name: string): readonly { readonly part: KnownPart; readonly driving: PartDriving }[] {
  const found = knownPartsNamed(name).toSorted((a, b) => b.sources.length - a.sources.length);
  const complete = found.filter(isComplete);
  return (complete.length > 0 ? complete : found).map((part) => ({ part, driving: describePart(part) }));
}

/** The names of the rows of the catalogue, in their order. */
export function chipNames(): readonly string[] {
  return CATALOG_ROWS.map((row) => row.name);
}

/** The names of all parts, each once: those of the rows, then those that only the tables have. */
export function allChipNames(): readonly string[] {
  const names = new Map<string, string>();
  for (const name of [...chipNames(), ...knownPartNames()]) {
    const key = name.toUpperCase();
    if (!names.has(key)) names.set(key, name);
  }
  return [...names.values()];
}
