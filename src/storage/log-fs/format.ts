/** Bytes of piconomix px_log_fs, both released formats, both ways. Pure. FORMAT.md has the byte map and its sources. */
import { isFilledWith } from "../../bytes.ts";

/** 1: releases 0.8.0 to 0.9.3; 2: 0.10.0 and newer. */
export type LogFsFormat = 1 | 2;

export const PAGE_HEADER_BYTES = 4;
/** Marker and check byte of a record. */
export const SLOT_OVERHEAD_BYTES = 2;
export const BAD_MARKER = 0x00;
const ERASED = 0xff;

interface Markers {
  readonly page: number;
  /** All records of the page are archived; undefined if the format cannot say it. */
  readonly archivedPage: number | undefined;
  readonly record: number;
  readonly archivedRecord: number | undefined;
}

export const MARKERS: Readonly<Record<LogFsFormat, Markers>> = {
  1: { page: 0x5a, archivedPage: undefined, record: 0xa5, archivedRecord: undefined },
  2: { page: 0x5f, archivedPage: 0x55, record: 0xaf, archivedRecord: 0xaa },
};

const CRC8_TABLE = new Uint8Array(256).map((_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ 0xb2;
  return value;
});

/** CRC-8, polynomial 4D, reflected, start FF, no final XOR: "123456789" gives 27. */
export function crc8(bytes: Uint8Array, previous = 0xff): number {
  let crc = previous;
  for (let i = 0; i < bytes.length; i++) crc = CRC8_TABLE[crc ^ (bytes[i] ?? 0)] ?? 0;
  return crc;
}

/** What the first four bytes of a page contain. */
export type PageHeader =
  | { readonly kind: "free" }
  | { readonly kind: "used"; readonly number: number; readonly isArchived: boolean }
  /** Marked by a device: not in use. */
  | { readonly kind: "bad" }
  /** None of these: torn, or something else. */
  | { readonly kind: "strange" };

// Shared: a log has tens of thousands of pages.
const FREE: PageHeader = { kind: "free" };
const BAD: PageHeader = { kind: "bad" };
const STRANGE: PageHeader = { kind: "strange" };

/** Reads a page header. */
export function decodePageHeader(bytes: Uint8Array, format: LogFsFormat): PageHeader {
  const [marker = 0, low = 0, high = 0, check = 0] = bytes;
  if (marker === ERASED) return FREE;
  if (marker === BAD_MARKER) return BAD;
  const { page, archivedPage } = MARKERS[format];
  const isKnown = marker === page || marker === archivedPage;
  if (!isKnown || check !== headerCheck(bytes.subarray(0, 3), format)) return STRANGE;
  return { kind: "used", number: low | (high << 8), isArchived: marker === archivedPage };
}

function headerCheck(markerAndNumber: Uint8Array, format: LogFsFormat): number {
  return crc8(format === 1 ? markerAndNumber : markerAndNumber.subarray(1));
}

/** The header of a new page. */
export function encodePageHeader(number: number, format: LogFsFormat): Uint8Array {
  const start = Uint8Array.of(MARKERS[format].page, number & 0xff, number >> 8);
  return Uint8Array.of(...start, headerCheck(start, format));
}

/** What a slot holds. */
export type Slot =
  /** All of it erased. */
  | { readonly kind: "free" }
  /** Marker erased, but something after it: devices take it for free, and fail. */
  | { readonly kind: "dirty" }
  | {
      readonly kind: "record";
      readonly data: Uint8Array;
      readonly isArchived: boolean;
      readonly isUnconfirmed: boolean;
    }
  | { readonly kind: "bad" }
  | { readonly kind: "strange" };

/** Reads a slot. The data is a view. */
export function decodeSlot(bytes: Uint8Array, format: LogFsFormat): Slot {
  const marker = bytes[0];
  if (marker === ERASED) return isFilledWith(bytes, ERASED) ? { kind: "free" } : { kind: "dirty" };
  if (marker === BAD_MARKER) return { kind: "bad" };
  const { record, archivedRecord } = MARKERS[format];
  const check = bytes[bytes.length - 1];
  const data = bytes.subarray(1, -1);
  const isKnown = marker === record || marker === archivedRecord;
  if (!isKnown || check !== slotCheck(bytes.subarray(0, -1), format)) return { kind: "strange" };
  return { kind: "record", data, isArchived: marker === archivedRecord, isUnconfirmed: check === ERASED };
}

function slotCheck(markerAndData: Uint8Array, format: LogFsFormat): number {
  return crc8(format === 1 ? markerAndData : markerAndData.subarray(1));
}

/** The slot of a record; shorter data is filled up with FF. */
export function encodeSlot(data: Uint8Array, recordBytes: number, format: LogFsFormat): Uint8Array {
  const slot = new Uint8Array(recordBytes + SLOT_OVERHEAD_BYTES).fill(ERASED);
  slot[0] = MARKERS[format].record;
  slot.set(data, 1);
  slot[slot.length - 1] = slotCheck(slot.subarray(0, -1), format);
  return slot;
}

/** Records that a page holds. */
export function slotsPerPage(pageBytes: number, recordBytes: number): number {
  return Math.floor((pageBytes - PAGE_HEADER_BYTES) / (recordBytes + SLOT_OVERHEAD_BYTES));
}
