/**
 * All parts with one ID, and what they share. An ID does not identify a part: 218 of 618 IDs belong to several, and 17 of
 * these have an opcode that erases more on one part than on another. Only what all parts of an ID share is safe by the
 * ID alone.
 */
import type { ChipDescriptor } from "../chip-descriptor.ts";
import { ID_BYTES } from "../jedec-id.ts";
import { rowsWithId } from "./catalog.ts";
import { knownPartsWithId } from "./known-parts.ts";
import type { KnownPart } from "./part-line.ts";
import { partOfRow } from "./row-part.ts";
import { sharedBy, type SharedFacts } from "./shared-facts.ts";

export { sharedBy, type SharedFacts } from "./shared-facts.ts";

/** A part of an ID. */
export interface SiblingPart extends KnownPart {
  /** The hand-made row of the catalogue with this name, if there is one. */
  readonly row?: ChipDescriptor | undefined;
}

/** All parts of an ID and what they share. */
export interface Siblings {
  /** Each name once. Empty if no table has the ID. */
  readonly parts: readonly SiblingPart[];
  /** What holds for all of them. */
  readonly shared: SharedFacts;
}

/**
 * The parts that a chip with this response to 9Fh may be, three bytes or more. Parts whose own following bytes contradict
 * the response are left out; if a part names at least one real following byte and it fits, only such parts remain.
 */
export function siblingsOf(response: ArrayLike<number>): Siblings {
  const all = partsOf(response);
  const fitting = all.filter((part) => part.following.every((byte, index) => fits(byte, response[ID_BYTES + index])));
  const exact = fitting.filter((part) => isTold(part, response));
  const parts = exact.length > 0 ? exact : fitting;
  return { parts, shared: sharedBy(parts) };
}

/** The most that `opcode` erases on any of these parts, bytes, by any source; undefined if none has it. */
export function largestEraseBytes(parts: readonly KnownPart[], opcode: number): number | undefined {
  const sizes = parts.flatMap(({ erases }) =>
    erases.flatMap(({ value }) => value.filter((erase) => erase.opcode === opcode).map((erase) => erase.largestBytes)),
  );
  return sizes.length === 0 ? undefined : Math.max(...sizes);
}

/** Length of the extended information, if there is none. */
const NO_EXTENSION = 0x00;

/** The parts of the tables with this ID, with the rows of the catalogue; a name once. */
function partsOf(response: ArrayLike<number>): readonly SiblingPart[] {
  const parts: SiblingPart[] = [...knownPartsWithId(response)];
  for (const row of rowsWithId(response)) {
    const part = partOfRow(row);
    const at = parts.findIndex(({ name }) => name.toUpperCase() === part.name.toUpperCase());
    const same = parts[at];
    if (same === undefined) parts.push({ ...part, row });
    else parts[at] = { ...joined(same, part), row };
  }
  return parts;
}

/** One part that two tables have, with the claims of both. */
function joined(part: KnownPart, row: KnownPart): KnownPart {
  return {
    ...part,
    following: row.following.length > part.following.length ? row.following : part.following,
    sources: part.sources + row.sources,
    capacityBytes: [...part.capacityBytes, ...row.capacityBytes],
    pageBytes: [...part.pageBytes, ...row.pageBytes],
    erases: [...part.erases, ...row.erases],
    chipErase: [...part.chipErase, ...row.chipErase],
    program: [...part.program, ...row.program],
    supplyMv: [...part.supplyMv, ...row.supplyMv],
    sfdp: part.sfdp === "not known" ? row.sfdp : part.sfdp,
    fourByte: [...part.fourByte, ...row.fourByte],
  };
}

function fits(byte: number | undefined, received: number | undefined): boolean {
  return byte === undefined || received === undefined || byte === received;
}

/** Whether a real byte after the ID identifies the part, not only that there is none. */
function isTold({ following }: KnownPart, response: ArrayLike<number>): boolean {
  const told = following.filter((byte, index) => byte !== undefined && response[ID_BYTES + index] === byte);
  return told.length > 0 && following[0] !== NO_EXTENSION;
}
