/**
 * How large a journal may be. Its source is untrusted, so what is read of it is bounded before it is stored: by what the
 * largest job writes, and by the chip that it names. The writer splits its lines so that they can be read.
 */
import { CATALOG_ROWS, descriptorByName } from "../../drivers/catalog/catalog.ts";
import { toHex } from "../bytes.ts";

/** Bytes of a journal: what the largest chip there is held, as base64, and some units of it several times. */
export const MAX_JOURNAL_BYTES = 2 ** 30;
/** Bytes of a line: what one erase destroys and the job replaces, or the sectors of a whole chip. */
export const MAX_LINE_BYTES = 2 ** 24;
/** Bytes of the first line, the job. */
export const MAX_JOB_LINE_BYTES = 2 ** 20;
/** Objects, lists and values in a line, and how deep they may lie in each other. */
export const MAX_VALUES = 2 ** 20;
export const MAX_DEPTH = 8;
/** Fields of one object. */
export const MAX_FIELDS = 64;
/** Characters of a text that is not data. */
export const MAX_TEXT_CHARACTERS = 2 ** 17;
/** Entries of a list in the first line. */
export const MAX_JOB_ENTRIES = 4096;
/** Erase units of a chip: 4 GiB in sectors of 4 KiB. */
export const MAX_UNITS = 2 ** 20;
/** Places on a chip that lie apart from each other. */
export const MAX_RANGES = 2 ** 19;
/** Stretches of what was there before, some of them said more than once. */
export const MAX_STRETCHES = 2 ** 21;
/** The number of a job in its folder. One that is there already counts as the same age. */
export const MAX_NUMBER = 2 ** 52;

/** Bytes of data, and entries, from which on a line is followed by another rather than made longer. */
export const FULL_LINE_BYTES = 2 ** 20;
export const FULL_LINE_ENTRIES = 4096;

/** The chip of a job: what it answered, and what it holds. */
export interface ChipOfJob {
  readonly name: string;
  readonly jedecId: string;
  /** Lower-case hex; "" if it has none. */
  readonly uniqueId: string;
  /** Left out by the version before. */
  readonly capacityBytes?: number | undefined;
}

/** The largest flash that 32-bit addresses reach. */
export const MAX_CHIP_BYTES = 2 ** 32;

/**
 * Bytes of the chip that a journal names: as it specifies, and if it is of the version before, which did not specify it, as
 * the catalogue has the chip by its name, else by its ID; if that is unknown, all that addresses reach.
 */
export function capacityOf(chip: ChipOfJob, connection: readonly string[]): number {
  if (chip.capacityBytes !== undefined) return chip.capacityBytes;
  // The user has specified that the catalogue is wrong.
  if (connection.includes("--size") || connection.includes("--chip-file")) return MAX_CHIP_BYTES;
  const named = descriptorByName(chip.name);
  if (named !== undefined) return named.geometry.capacityBytes;
  const known = CATALOG_ROWS.filter(({ jedecId }) => toHex(Uint8Array.from(jedecId)) === chip.jedecId);
  const sizes = known.map((row) => row.descriptor().geometry.capacityBytes);
  return sizes.length === 0 ? MAX_CHIP_BYTES : Math.max(...sizes);
}
