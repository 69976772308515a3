/**
 * What a stream may erase. The pages of an image: those that are blank, that hold a part of this image already, or that
 * the caller named. A stream whose image is not known yet: whatever is not recognised as the store or the files of
 * another.
 */
import { blockCheck } from "../../../firmware-protocol/block-check.ts";
import { isFilledWith } from "../../bytes.ts";
import type { FlashRegion, OffsetRange } from "../../flash/flash-region.ts";
import { notBlank } from "../not-blank.ts";
import { type Asker, foreignAmong, foreignError, recognisedAt } from "../recognise/foreign.ts";
import { endOf, isNamed, overlap } from "../recognise/places.ts";
import type { RegionFinding } from "../recognise/region-finding.ts";
import { isTornFrom } from "../torn.ts";

/** Pages that are read to see whether a cut left a part of the image: it leaves one. */
const MAX_READ = 2;

/** An image, and how much of it is known to be on the flash. */
export interface StreamTarget {
  /** Length of the image, bytes. It begins with the region. */
  readonly lengthBytes: number;
  /** Bytes of the image that were compared, or whose progress was kept. */
  readonly writtenBytes: number;
  /**
   * Whether this very job was here before, on another connection: then a cut erase may have left noise in the first
   * page as well.
   */
  readonly isBegun: boolean;
  /** A page beside the image that the caller wants to be erased, bytes from the start of the region. */
  readonly erasePage: number | undefined;
  /** Places that may be erased, whatever they hold. */
  readonly overwrite: readonly OffsetRange[] | undefined;
  /** Bytes of the image, as many as asked for. */
  read(offset: number, lengthBytes: number): Promise<Uint8Array>;
}

/**
 * Throws LAYOUT_MISMATCH if the pages that the image still needs hold anything but a part of it. One page after what is
 * written may hold noise: a cut erase leaves that. Reads only.
 */
export async function refuseForeignPages(region: FlashRegion, target: StreamTarget): Promise<void> {
  const { eraseBytes } = region;
  const { overwrite, writtenBytes, lengthBytes } = target;
  const asker = askerOf(overwrite);
  const first = Math.ceil(writtenBytes / eraseBytes) * eraseBytes;
  const places: OffsetRange[] = [];
  for (let offset = first; offset < lengthBytes; offset += eraseBytes) places.push({ offset, lengthBytes: eraseBytes });
  const begun = await notBlank(
    region,
    places.filter((place) => !isNamed(place, overwrite)),
  );
  const doubtful: OffsetRange[] = [];
  let wholeEnd = first;
  for (const place of begun) {
    const wish = await wishOf(region, target, place);
    const isWhole = place.check === blockCheck(wish);
    if (isWhole && wholeEnd === place.offset) wholeEnd += eraseBytes;
    if (isWhole || (doubtful.length < MAX_READ && (await holdsPart(region, place, wish)))) continue;
    doubtful.push(place);
  }
  const isNext = ({ offset }: OffsetRange): boolean => offset === wholeEnd && (offset > 0 || target.isBegun);
  const foreign = await foreignAmong(region, doubtful, asker, isNext);
  // One range to allow, from the first to the last: all pages between are those of the image.
  const [start, end] = [foreign[0]?.offset, foreign.at(-1)];
  if (start !== undefined && end !== undefined) {
    throw await foreignError(region, [{ offset: start, lengthBytes: endOf(end) - start }], asker);
  }
  await refuseForeignPage(region, target);
}

/** The page that is named to be erased: only a store or the files of another are in it by mistake. */
async function refuseForeignPage(
  region: FlashRegion,
  { erasePage, overwrite, writtenBytes }: StreamTarget,
): Promise<void> {
  if (erasePage === undefined || erasePage < writtenBytes) return;
  const offset = erasePage - (erasePage % region.eraseBytes);
  await refuseRecognised(region, [{ offset, lengthBytes: region.eraseBytes }], overwrite);
}

/** Bytes that are about to be written, and where. */
export interface NextBytes {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * Throws LAYOUT_MISMATCH if one of `pages` is recognised as part of a store or of files, unless it holds `next` already: that was
 * written before. Reads only, and no more than checksums if all are blank.
 */
export async function refuseRecognised(
  region: FlashRegion,
  pages: readonly OffsetRange[],
  overwrite: readonly OffsetRange[] | undefined,
  next: NextBytes = { offset: 0, bytes: new Uint8Array() },
): Promise<void> {
  const begun = await notBlank(
    region,
    pages.filter((page) => !isNamed(page, overwrite)),
  );
  if (begun.length === 0) return;
  const asker = { ...askerOf(overwrite), isOwn: isImage };
  const found = (await recognisedAt(region, begun, asker)).filter(({ certainty }) => certainty !== "possible");
  const foreign: OffsetRange[] = [];
  for (const page of begun) {
    const isFound = found.some((one) => overlap(one, page));
    if (isFound && !(await holds(region, page, next))) foreign.push(page);
  }
  if (foreign.length > 0) throw await foreignError(region, foreign, asker);
}

/** Whether the page holds those of the bytes that go to it. */
async function holds(region: FlashRegion, page: OffsetRange, { offset, bytes }: NextBytes): Promise<boolean> {
  const start = Math.max(offset, page.offset);
  const part = bytes.subarray(Math.max(0, start - offset), Math.max(0, endOf(page) - offset));
  if (part.length === 0) return false;
  const stored = await region.read(start, part.length);
  return !isFilledWith(stored, region.erasedByte) && isTornFrom(stored, part, region.erasedByte);
}

function askerOf(overwrite: readonly OffsetRange[] | undefined): Asker {
  return { what: "stream", operation: "stream", overwrite, isOwn: () => false };
}

/** An older image of the same slot is what a stream replaces. */
function isImage({ layout }: RegionFinding): boolean {
  return layout === "mcuboot-image" || layout === "mcuboot-trailer";
}

/** The page as it is when all of the image is written. */
async function wishOf({ erasedByte }: FlashRegion, target: StreamTarget, place: OffsetRange): Promise<Uint8Array> {
  const wish = new Uint8Array(place.lengthBytes).fill(erasedByte);
  wish.set(await target.read(place.offset, Math.min(place.lengthBytes, target.lengthBytes - place.offset)));
  return wish;
}

async function holdsPart(
  region: FlashRegion,
  { offset, lengthBytes }: OffsetRange,
  wish: Uint8Array,
): Promise<boolean> {
  return isTornFrom(await region.read(offset, lengthBytes), wish, region.erasedByte);
}
