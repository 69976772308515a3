/**
 * Is this the chip that the job was left on? Its ID and its own number say so if it has one. If it has none, places
 * beside the job must hold what they held; and units that were proved must still hold what was put there.
 */
import { type ByteRange, eraseBlockAt, rangeEnd, smallestEraseUnit, wholeChip } from "../../drivers/geometry.ts";
import { blockCheck } from "../../firmware-protocol/block-check.ts";
import { crc32 } from "../../firmware-protocol/crc.ts";
import { advice } from "../advice.ts";
import { formatRange, formatSize, printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { ImageSource } from "../files/image-source.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import { mergeRanges, subtractRanges, totalBytes } from "../../drivers/byte-ranges.ts";
import { piecesOf } from "../jobs/op-pipe.ts";
import { blocksTouched, piecesIn, placedImage, type Target } from "../jobs/target.ts";
import type { JobRecord, RangeDigest } from "./journal-line.ts";
import type { ReadJournal } from "./read-journal.ts";

/** This many places, each so long: what a slow serial line carries in a third of a second. */
export const PLACES = 8;
const PLACE_BYTES = 512;
/** Bytes that are read at once for a CRC-32. */
const READ_BYTES = 64 * 1024;
/** This many proved units are looked at. */
const PROVED_UNITS = 8;

/** What identifies a chip: its ID, its own number where it has one, and what it holds. */
export async function chipOf(device: FlashDevice): Promise<JobRecord["chip"]> {
  const { name, jedecId } = device.identity;
  const { capacityBytes } = device.geometry;
  return { name, jedecId, uniqueId: (await device.services?.readUniqueId?.()) ?? "", capacityBytes };
}

/** Digests of places spread over what a job on `touched` leaves alone; none if it touches everything. */
export async function digestsBeside(device: FlashDevice, touched: readonly ByteRange[]): Promise<RangeDigest[]> {
  const segments = mergeRanges(touched);
  const target: Target = { name: "", totalBytes: 0, segments, read: () => neverRead(), readFilled: () => neverRead() };
  const blocks = mergeRanges([...blocksTouched(target, smallestEraseUnit(device.geometry))]);
  const free = subtractRanges(wholeChip(device.geometry), blocks).filter((range) => range.lengthBytes > 0);
  const freeBytes = totalBytes(free);
  const places: ByteRange[] = [];
  for (let place = 0; place < PLACES; place++) {
    const found = placeIn(free, Math.floor((freeBytes * place) / PLACES));
    if (found !== undefined) places.push(found);
  }
  return digestsOf(device, mergeRanges(places));
}

/** What the chip holds in these ranges now. */
export async function digestsOf(device: FlashDevice, ranges: readonly ByteRange[]): Promise<RangeDigest[]> {
  const digests: RangeDigest[] = [];
  for (const { address, lengthBytes } of ranges) {
    digests.push({ address, lengthBytes, check: await device.digest(address, lengthBytes) });
  }
  return digests;
}

/**
 * Whether a chip without a number of its own holds what a job noted beside it: "unknown" if it noted nothing, or only erased
 * cells, which every new chip has. `now` are places of this chip that are known already; with `mayRead` the others are read.
 */
export async function fitsBeside(
  device: FlashDevice,
  noted: readonly RangeDigest[],
  now: readonly RangeDigest[],
  mayRead: boolean,
): Promise<"fits" | "differs" | "unknown"> {
  const { capacityBytes, erasedByte } = device.geometry;
  let isKnown = false;
  for (const place of noted) {
    const { address, lengthBytes } = place;
    // A journal may ask for any range: places are short.
    if (lengthBytes > PLACES * PLACE_BYTES || address + lengthBytes > capacityBytes) return "differs";
    const known = now.find((other) => other.address === address && other.lengthBytes === lengthBytes);
    const isComparable = known !== undefined && "check" in known && "check" in place;
    if (!isComparable && !mayRead) continue;
    const isSame = isComparable ? known.check === place.check : await holds(device, place);
    if (!isSame) return "differs";
    isKnown ||= !isOf(place, new Uint8Array(lengthBytes).fill(erasedByte));
  }
  return isKnown ? "fits" : "unknown";
}

/** Throws CHIP_CHANGED if this is another chip, or its content has changed since. `image` is what a write put there. */
export async function checkSameChip(
  device: FlashDevice,
  { job, released, digests, state, oldRanges, held }: ReadJournal,
  image: ImageSource | undefined,
): Promise<void> {
  const { chip } = job;
  const now = await chipOf(device);
  if (now.jedecId !== chip.jedecId) throw changed(job, `its ID is ${now.jedecId}, not ${printable(chip.jedecId)}`);
  if (now.uniqueId !== chip.uniqueId) throw changed(job, "it has another unique ID");
  const { capacityBytes } = device.geometry;
  // Also one of the same kind whose page size was changed: its addresses mean other bytes.
  if ((chip.capacityBytes ?? capacityBytes) !== capacityBytes) {
    throw changed(job, `it holds ${formatSize(capacityBytes)}, not ${formatSize(chip.capacityBytes ?? 0)}`);
  }
  if ([...oldRanges, ...held].some((range) => rangeEnd(range) > capacityBytes)) throw changed(job, "it is smaller");
  await checkDigests(device, job, job.beside, "outside the job's range");
  if (state === "done") await checkDigests(device, job, digests, "written by the job");
  if (image !== undefined) await checkProved(device, job, released, placedImage(image, job.address, device.geometry));
}

async function checkDigests(
  device: FlashDevice,
  job: JobRecord,
  digests: readonly RangeDigest[],
  what: string,
): Promise<void> {
  for (const digest of digests) {
    if (rangeEnd(digest) > device.geometry.capacityBytes) throw changed(job, "it is smaller");
    if (await holds(device, digest)) continue;
    throw changed(job, `${formatRange(digest)}, ${what}, now holds different bytes`);
  }
}

/** Whether the chip holds what was noted. A CRC-32 is computed from the bytes: bridges do not compute it. */
async function holds(device: FlashDevice, noted: RangeDigest): Promise<boolean> {
  const { address, lengthBytes } = noted;
  if ("check" in noted) return (await device.digest(address, lengthBytes)) === noted.check;
  let crc = 0;
  for (const piece of piecesOf(noted, READ_BYTES))
    crc = crc32(await device.read(piece.address, piece.lengthBytes), crc);
  return crc === noted.crc32;
}

function isOf(noted: RangeDigest, bytes: Uint8Array): boolean {
  return "check" in noted ? blockCheck(bytes) === noted.check : crc32(bytes) === noted.crc32;
}

async function checkProved(
  device: FlashDevice,
  job: JobRecord,
  released: readonly number[],
  target: Target,
): Promise<void> {
  const step = Math.max(1, Math.ceil(released.length / PROVED_UNITS));
  for (let index = 0; index < released.length; index += step) {
    const address = released[index] ?? 0;
    const block = eraseBlockAt(smallestEraseUnit(device.geometry), address);
    if (block === undefined) throw changed(job, "it has other sectors");
    for (const piece of piecesIn(target, block)) {
      const expected = blockCheck(await target.read(piece));
      if ((await device.digest(piece.address, piece.lengthBytes)) === expected) continue;
      throw changed(job, `${formatRange(piece)} was written and verified, and now holds different bytes`);
    }
  }
}

function placeIn(free: readonly ByteRange[], at: number): ByteRange | undefined {
  let before = 0;
  for (const range of free) {
    const inside = at - before;
    if (inside < range.lengthBytes) {
      return { address: range.address + inside, lengthBytes: Math.min(PLACE_BYTES, range.lengthBytes - inside) };
    }
    before += range.lengthBytes;
  }
  return undefined;
}

function changed({ chip, command }: JobRecord, why: string): NorbridgeError {
  return new NorbridgeError(
    "CHIP_CHANGED",
    `this is not the ${printable(chip.name)} of the interrupted ${command}: ${why}`,
    {
      operation: "check the chip",
      hint: advice("Nothing was changed. Connect the chip of that job, or discard the job.", "discard-job"),
    },
  );
}

function neverRead(): Promise<Uint8Array> {
  throw new NorbridgeError("BUG", "ranges alone have no bytes", { operation: "check the chip" });
}
