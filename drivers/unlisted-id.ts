/** What is known of responses that fit no part of the catalogue and come without an SFDP area. */
import { CATALOG_ROWS } from "./catalog/catalog.ts";
import { describePart } from "./catalog/part-descriptor.ts";
import { siblingsOf } from "./catalog/siblings.ts";
import { hex, ID_BYTES, isManufacturer } from "./jedec-id.ts";
import { misreadId } from "./misread-id.ts";
import { at25fOf, otherDevice, type OtherDevice } from "./other-devices.ts";

/** The responses to 9Fh that are judged here. */
interface IdReadings {
  readonly idA: Uint8Array;
  readonly idB: Uint8Array;
  readonly sfdp?: Uint8Array | undefined;
}

/** The responses of a chip that leaves 9Fh unanswered, if they were asked for. */
interface OldIds {
  readonly legacyId?: Uint8Array | undefined;
  readonly at25fId?: Uint8Array | undefined;
  readonly signature?: number | undefined;
}

/** A reason with the ID that it is about, lower-case hex. */
export interface OldChip extends OtherDevice {
  readonly jedecId: string;
}

/**
 * A device that was recognised by an ID of another kind than those of NOR flash, or an ID that arrived shifted. Undefined for
 * an ID that is `described` (by a chip file), for those of the catalogue, and where an SFDP area proves both the wires and the
 * kind.
 */
export function strangerOf(probe: IdReadings, described?: readonly number[]): OtherDevice | undefined {
  const { idA, idB, sfdp } = probe;
  // Bytes after the ID may float.
  const isSteady = idA.length >= ID_BYTES && hex(idA.subarray(0, ID_BYTES)) === hex(idB.subarray(0, ID_BYTES));
  if (!isSteady || sfdp !== undefined || isAll(idA)) return undefined;
  const isThis = (id: readonly number[]): boolean => id.every((byte, index) => idA[index] === byte);
  if ((described !== undefined && isThis(described)) || CATALOG_ROWS.some(({ jedecId }) => isThis(jedecId)))
    return undefined;
  const other = otherDevice(idA);
  if (siblingsOf(idA).parts.length > 0) return other?.cause === "other-device" ? other : undefined;
  const misread = misreadId(idA);
  return misread === undefined ? other : { reason: misread, cause: "misread" };
}

/**
 * What the tables have for an ID that no row of the catalogue has: names that the user can specify, or why none of these parts
 * can be used. Undefined for an ID that no table has.
 */
export function tableOnly(id: Uint8Array): OtherDevice | undefined {
  const described = siblingsOf(id).parts.map((part) => ({ name: part.name, driving: describePart(part) }));
  const usable = described.filter(({ driving }) => driving.ok);
  if (usable.length > 0) {
    const names = listOf(usable.map(({ name }) => name));
    return { reason: `it has no SFDP area, and its ID does not prove which part it is: ${names}`, cause: "by-name" };
  }
  const [first] = described;
  if (first === undefined || first.driving.ok) return undefined;
  const { reason, cause } = first.driving;
  return { reason: `${reason} (ID of ${listOf(described.map(({ name }) => name))})`, cause };
}

/** This many names are listed. */
const MAX_NAMES = 6;

function listOf(names: readonly string[]): string {
  const all = [...new Set(names)];
  const shown = all.slice(0, MAX_NAMES);
  const rest = all.length - shown.length;
  return `${shown.join(", ")}${rest === 0 ? "" : ` and ${rest} more`}`;
}

/** A chip that responds to commands from before 9Fh only: it is there, but these bytes do not identify the part. */
export function oldChipOf({ legacyId, at25fId, signature }: OldIds): OldChip | undefined {
  if (legacyId !== undefined && isManufacturer(legacyId[0]) && legacyId[0] !== legacyId[1]) {
    const reason = "it has an ID only for command 90h; two bytes do not identify the part";
    return { jedecId: hex(legacyId), reason, cause: "old-id" };
  }
  const at25f = at25fOf(at25fId);
  if (at25f !== undefined && at25fId !== undefined) return { jedecId: hex(at25fId), ...at25f };
  if (!isManufacturer(signature) || signature === undefined) return undefined;
  const reason = "it has only the signature of command ABh; one byte does not identify the part";
  return { jedecId: hex([signature]), reason, cause: "old-id" };
}

/** Whether all bytes that were read are the same: an undriven line, or that is stuck. */
function isAll(id: Uint8Array): boolean {
  return id.every((byte) => byte === id[0]);
}
