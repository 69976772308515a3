/** All parts known by name. AT45 parts stand here at their standard page size. */
import type { ChipDescriptor } from "../chip-descriptor.ts";
import { AT25DF_PARTS } from "./at25df.ts";
import { AT25DN_PARTS } from "./at25dn.ts";
import { AT25SF_PARTS } from "./at25sf.ts";
import { AT25XE_PARTS } from "./at25xe.ts";
import { AT45DB_PARTS, at45WithPageBytes } from "./at45db.ts";
import { OTHERS_PARTS } from "./others.ts";
import { WINBOND_PARTS } from "./winbond.ts";

/** All parts that norbridge knows by name. AT45 parts are listed with their standard page size. */
export const CATALOG: readonly ChipDescriptor[] = [
  ...AT25SF_PARTS,
  ...AT25DF_PARTS,
  ...AT25DN_PARTS,
  ...AT25XE_PARTS,
  ...AT45DB_PARTS,
  ...WINBOND_PARTS,
  ...OTHERS_PARTS,
];

/**
 * Finds a part by its name, in upper or lower case. `pageBytes` selects the page size of an AT45. Returns undefined for
 * an unknown name, or for a page size that the part does not have.
 */
export function descriptorByName(
  name: string,
  options: { readonly pageBytes?: number | undefined } = {},
): ChipDescriptor | undefined {
  const wanted = name.toUpperCase();
  const part = CATALOG.find((candidate) => candidate.name.toUpperCase() === wanted);
  if (part === undefined || options.pageBytes === undefined) return part;
  if (part.family === "at45") return at45WithPageBytes(part, options.pageBytes);
  return part.geometry.pageBytes === options.pageBytes ? part : undefined;
}

/** The names of all parts, in the order of the catalogue. */
export function chipNames(): readonly string[] {
  return CATALOG.map((part) => part.name);
}
