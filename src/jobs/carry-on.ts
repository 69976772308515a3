/**
 * A write or an erase from whatever state it was left in: begun for the first time, or cut off by a kill, an unplugged bridge
 * or a power cut with units in progress. What lay around the target in those units is restored with it, and the units are
 * erased again whatever they read.
 */
import { type ByteRange, rangeIntersection } from "../../drivers/geometry.ts";
import { type ImageSource, memoryImage } from "../files/image-source.ts";
import { overlayImage } from "../files/overlay-image.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import { eraseRange, type EraseReport } from "./erase-range.ts";
import type { JobContext } from "./job-event.ts";
import type { HeldUnit } from "./job-safe.ts";
import type { KeptPiece } from "./run-job.ts";
import { writeImage, type WriteReport, type WriteRequest } from "./write/write-image.ts";

/** Throws what `writeImage` throws. */
export function carryOnWrite(
  device: FlashDevice,
  image: ImageSource,
  held: readonly HeldUnit[],
  request: WriteRequest,
  context: JobContext,
): Promise<WriteReport> {
  if (held.length === 0) return writeImage(device, image, request, context);
  const pieces = held.flatMap((unit) => unit.pieces);
  const whole = overlayImage(image, request.offset ?? 0, pieces);
  // What is in an unknown state is looked at, whatever was assumed at the start. The chip was changed before, by a run that was
  // cut off.
  const precious = pieces.map(({ address, data }) => ({ address, lengthBytes: data.length }));
  const again = { ...request, offset: 0, assumeBlank: false, distrusted: held, precious, past: { changed: true } };
  return writeImage(device, whole, again, context);
}

/** Throws what `eraseRange` throws. */
export async function carryOnErase(
  device: FlashDevice,
  range: ByteRange,
  held: readonly HeldUnit[],
  request: Pick<WriteRequest, "onUnrestored" | "safe">,
  context: JobContext,
): Promise<EraseReport> {
  const past = { changed: held.length > 0 };
  const erase = { ...request, past };
  if (held.length === 0) return eraseRange(device, range, erase, context);
  // The units in progress, whole, as they shall be: their present content may read inconsistently, and is not required.
  const { erasedByte } = device.geometry;
  const wholes = held.flatMap((unit) => [...unit.pieces, ...blankPiece(range, unit, erasedByte)]);
  const pieces = held.flatMap((unit) => unit.pieces);
  const put = { ...putOptions(held, pieces), ...request, past };
  await writeImage(device, memoryImage("sectors in progress", wholes), put, context);
  return eraseRange(device, range, erase, context);
}

/**
 * Puts the bytes back that a job on a region has left in progress, before that job continues. Throws what `writeImage` throws;
 * they are still in progress then.
 */
export async function putHeldBack(
  device: FlashDevice,
  held: readonly HeldUnit[],
  request: Pick<WriteRequest, "safe">,
  context: JobContext,
): Promise<void> {
  const pieces = held.flatMap((unit) => unit.pieces);
  if (pieces.length === 0) return;
  const put = { ...putOptions(held, pieces), ...request, past: { changed: true } };
  await writeImage(device, memoryImage("sectors in progress", pieces), put, context);
}

/** How units in progress are written: erased again whatever they read. */
function putOptions(held: readonly HeldUnit[], pieces: readonly KeptPiece[]): WriteRequest {
  const precious = pieces.map(({ address, data }) => ({ address, lengthBytes: data.length }));
  return { offset: 0, distrusted: held, precious };
}

function blankPiece(range: ByteRange, unit: ByteRange, erasedByte: number): readonly KeptPiece[] {
  const shared = rangeIntersection(range, unit);
  if (shared === undefined) return [];
  return [{ address: shared.address, data: new Uint8Array(shared.lengthBytes).fill(erasedByte) }];
}
