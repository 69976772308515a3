/** Finds the FIS directory of RedBoot on a flash, and the region of a named entry in it. Reads only. */
import { advice } from "../../advice.ts";
import { concatBytes, formatRange, printableBytes, sameBytes } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion, OffsetRange } from "../../flash/flash-region.ts";
import type { ReadableRegion } from "../recognise/region-finding.ts";
import { decodeFisSlot, FIS_ENTRY_BYTES, type FisSlot, mayBeginDirectory } from "./format.ts";

/** A named region of the flash. */
export interface FisEntry extends OffsetRange {
  /** Bytes of the name, without its zero byte. */
  readonly name: Uint8Array;
  /** Bytes of it that hold data, as RedBoot wrote them. */
  readonly dataBytes: number;
}

/** A directory, and where it is. */
export interface FisDirectory extends OffsetRange {
  /** Byte order of its numbers. */
  readonly isLittleEndian: boolean;
  /** Entries in their order, the directory itself included. */
  readonly entries: readonly FisEntry[];
  /** Entries that are not possible, and so are left out. */
  readonly strangeEntries: number;
  /** Version of a redundant directory, 32 bits; undefined if the directory is not redundant. */
  readonly version: number | undefined;
}

const OWN_NAMES = ["FIS directory", "Redundant FIS"].map((name) => new TextEncoder().encode(name));
/** Blocks that are looked into, bytes of a directory that are read. */
const MAX_CANDIDATES = 256;
const MAX_DIRECTORY_BYTES = 1024 * 1024;
const OPERATION = "find FIS directory";

/**
 * The directory of the flash that `region` covers; it must be all of it, since addresses count from the start of the
 * flash. Undefined if there is none. Throws LAYOUT_MISMATCH for several of which none is the newest.
 */
export async function findFis(
  region: ReadableRegion & Pick<FlashRegion, "address">,
): Promise<FisDirectory | undefined> {
  const found: FisDirectory[] = [];
  for (const offset of await candidatesOf(region)) {
    const directory = await directoryAt(region, offset);
    if (directory !== undefined) found.push(directory);
  }
  const newest = found.toSorted((a, b) => versionOf(b) - versionOf(a));
  const [first, second] = newest;
  if (first === undefined || second === undefined) return first;
  // Versions are compared as serial numbers: they continue from 0 after 2^32 - 1.
  const ahead = (versionOf(first) - versionOf(second)) >>> 0;
  const isPair = found.length === 2 && first.version !== undefined && second.version !== undefined && ahead !== 0;
  if (isPair) return ahead < 0x8000_0000 ? first : second;
  const places = found.map(({ offset, lengthBytes }) => formatRange({ address: region.address + offset, lengthBytes }));
  throw new NorbridgeError("LAYOUT_MISMATCH", `there are ${found.length} FIS directories: ${places.join(", ")}`, {
    operation: OPERATION,
    hint: advice("Specify the region itself.", "set-region"),
  });
}

/**
 * The entry with this name; capitals count only if several differ in nothing else. Throws LAYOUT_MISMATCH, with the
 * names that there are, if no entry or more than one has it.
 */
export function fisEntry({ entries }: FisDirectory, name: Uint8Array): FisEntry {
  const exact = entries.filter((entry) => sameBytes(entry.name, name));
  const alike = entries.filter((entry) => sameBytes(lower(entry.name), lower(name)));
  const wanted = exact.length > 0 ? exact : alike;
  const [only] = wanted;
  if (only !== undefined && wanted.length === 1) return only;
  const what = wanted.length === 0 ? "no entry" : `${wanted.length} entries`;
  const names = entries.map((entry) => `"${printableBytes(entry.name)}"`).join(", ");
  const message = `the FIS directory has ${what} with the name "${printableBytes(name)}"; its entries are ${names}`;
  throw new NorbridgeError("LAYOUT_MISMATCH", message, {
    operation: OPERATION,
    hint: advice("Use one of these names, or specify the region itself.", "set-region"),
  });
}

function lower(name: Uint8Array): Uint8Array {
  return name.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte));
}

function versionOf({ version }: FisDirectory): number {
  return version ?? 0;
}

/** Erase blocks that begin as a directory does: their first bytes are read in one stream. */
async function candidatesOf(region: ReadableRegion): Promise<readonly number[]> {
  const ranges = Array.from({ length: Math.floor(region.lengthBytes / region.eraseBytes) }, (_, block) => ({
    offset: block * region.eraseBytes,
    lengthBytes: 16,
  }));
  const candidates: number[] = [];
  let block = 0;
  for await (const bytes of region.readMany(ranges)) {
    const offset = block++ * region.eraseBytes;
    if (mayBeginDirectory(bytes) && candidates.length < MAX_CANDIDATES) candidates.push(offset);
  }
  return candidates;
}

async function directoryAt(region: ReadableRegion, offset: number): Promise<FisDirectory | undefined> {
  const room = Math.min(MAX_DIRECTORY_BYTES, region.lengthBytes - offset);
  const start = await region.read(offset, Math.min(room, region.eraseBytes));
  const readings = [true, false].flatMap((isLittleEndian) => {
    const own = ownEntry(slotsOf(start, isLittleEndian), offset, room, region.eraseBytes);
    return own === undefined ? [] : [{ isLittleEndian, own }];
  });
  let best: FisDirectory | undefined;
  for (const { isLittleEndian, own } of readings) {
    const rest = own.sizeBytes - start.length;
    const bytes = rest > 0 ? concatBytes([start, await region.read(offset + start.length, rest)]) : start;
    const slots = slotsOf(bytes.subarray(0, own.sizeBytes), isLittleEndian);
    // A redundant directory that is being changed, or was never written.
    if (slots.some((slot) => slot.kind === "validity" && !slot.isValid)) continue;
    const directory = directoryOf(region, offset, own, slots, isLittleEndian);
    // Numbers that read alike in both orders say nothing; the order in which more entries are possible is the right one.
    if (best === undefined || directory.entries.length > best.entries.length) best = directory;
  }
  return best;
}

function slotsOf(bytes: Uint8Array, isLittleEndian: boolean): readonly FisSlot[] {
  const slots: FisSlot[] = [];
  for (let at = 0; at + FIS_ENTRY_BYTES <= bytes.length; at += FIS_ENTRY_BYTES) {
    const slot = decodeFisSlot(bytes.subarray(at, at + FIS_ENTRY_BYTES), isLittleEndian);
    if (slot.kind === "end") break;
    slots.push(slot);
  }
  return slots;
}

interface OwnEntry {
  readonly flashBase: number;
  readonly sizeBytes: number;
}

/** The entry of the directory itself, if it can be right. In the second of two redundant ones it has the other name. */
function ownEntry(
  slots: readonly FisSlot[],
  offset: number,
  roomBytes: number,
  eraseBytes: number,
): OwnEntry | undefined {
  const named = OWN_NAMES.map((name) => slots.find((slot) => slot.kind === "entry" && sameBytes(slot.name, name)));
  const [main, redundant] = named.map((slot) => (slot?.kind === "entry" ? slot : undefined));
  const fits = ({ flashBase, sizeBytes }: OwnEntry): boolean =>
    sizeBytes % FIS_ENTRY_BYTES === 0 && sizeBytes <= roomBytes && flashBase >= offset && flashBase % eraseBytes === 0;
  if (main === undefined || !fits(main)) return undefined;
  if (redundant === undefined || !fits(redundant)) return main;
  // Both begin on the same flash: the one whose distance from the start of the flash is a rounder address is meant.
  const [fromMain, fromRedundant] = [main.flashBase - offset, redundant.flashBase - offset];
  return zerosOf(fromRedundant) > zerosOf(fromMain) ? redundant : main;
}

/** Zero bits at the end: a flash begins at a multiple of its size. */
function zerosOf(address: number): number {
  return address === 0 ? 32 : 31 - Math.clz32(address & -address);
}

function directoryOf(
  region: ReadableRegion,
  offset: number,
  own: OwnEntry,
  slots: readonly FisSlot[],
  isLittleEndian: boolean,
): FisDirectory {
  const origin = own.flashBase - offset;
  const entries: FisEntry[] = [];
  let strangeEntries = 0;
  let version: number | undefined;
  for (const slot of slots) {
    if (slot.kind === "validity") version = slot.version;
    if (slot.kind === "strange") strangeEntries++;
    if (slot.kind !== "entry") continue;
    const { name, flashBase, sizeBytes: lengthBytes, dataBytes } = slot;
    const start = flashBase - origin;
    if (start < 0 || start + lengthBytes > region.lengthBytes) strangeEntries++;
    else entries.push({ name, offset: start, lengthBytes, dataBytes });
  }
  return { offset, lengthBytes: own.sizeBytes, isLittleEndian, entries, strangeEntries, version };
}
