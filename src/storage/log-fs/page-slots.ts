/** The slots of one page, as items of a log. Pure. */
import type { LogDamage, LogRecord } from "../record-log.ts";
import {
  decodeSlot,
  type LogFsFormat,
  PAGE_HEADER_BYTES,
  type Slot,
  SLOT_OVERHEAD_BYTES,
  slotsPerPage,
} from "./format.ts";

export interface PageShape {
  readonly pageBytes: number;
  readonly blockPages: number;
  readonly recordBytes: number;
  readonly format: LogFsFormat;
}

/** A record of px_log_fs: its page beside its block, and whether it was marked as archived. */
export interface LogFsRecord extends LogRecord {
  /** Page of the record within the region, from 0. */
  readonly page: number;
  /** Whether the record is marked as archived. Always false in format 1. */
  readonly isArchived: boolean;
}

/** Where slot `index` begins in its page. */
export function slotOffset(index: number, recordBytes: number): number {
  return PAGE_HEADER_BYTES + index * (recordBytes + SLOT_OVERHEAD_BYTES);
}

/** All slots of a page. */
export function* slotsOf(bytes: Uint8Array, { pageBytes, recordBytes, format }: PageShape): Generator<Slot> {
  const count = slotsPerPage(pageBytes, recordBytes);
  for (let index = 0; index < count; index++) {
    const start = slotOffset(index, recordBytes);
    yield decodeSlot(bytes.subarray(start, start + recordBytes + SLOT_OVERHEAD_BYTES), format);
  }
}

const REASONS: Readonly<Record<Exclude<Slot["kind"], "free" | "record">, string>> = {
  bad: "a record that the device marked as bad",
  dirty: "a slot that is marked free but is not erased",
  strange: "a record with a wrong marker or check byte",
};

/** Records and damage of a page, in order. `isDoubtful` marks all records as unconfirmed. */
export function* itemsOfPage(
  bytes: Uint8Array,
  page: number,
  shape: PageShape,
  isDoubtful: boolean,
): Generator<LogFsRecord | LogDamage> {
  const { pageBytes, blockPages, recordBytes } = shape;
  const sector = Math.floor(page / blockPages);
  let index = 0;
  for (const slot of slotsOf(bytes, shape)) {
    const offset = (page % blockPages) * pageBytes + slotOffset(index++, recordBytes);
    if (slot.kind === "free") continue;
    if (slot.kind === "record") {
      const { isArchived } = slot;
      const isUnconfirmed = isDoubtful || slot.isUnconfirmed;
      yield { kind: "record", sector, offset, page, data: slot.data.slice(), isUnconfirmed, isArchived };
    } else {
      const lengthBytes = recordBytes + SLOT_OVERHEAD_BYTES;
      yield { kind: "damage", sector, offset, lengthBytes, reason: REASONS[slot.kind] };
    }
  }
}
