/** Every row of the catalogue as a descriptor: for lists. A program that needs one part finds it by name or ID (catalog.ts). */
import type { ChipDescriptor } from "../chip-descriptor.ts";
import { CATALOG_ROWS } from "./catalog.ts";

/** The parts that norbridge knows best: its own rows. AT45 parts are listed with their standard page size. */
export const CATALOG: readonly ChipDescriptor[] = CATALOG_ROWS.map((row) => row.descriptor());
