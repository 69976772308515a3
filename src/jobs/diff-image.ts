/**
 * The bytes in which chip and image differ, both sides. Digests first; only stretches whose digest differs are read, a
 * few at a time, so memory stays bounded however much differs.
 */
import type { ByteRange } from "../../drivers/geometry.ts";
import type { ImageSource } from "../files/image-source.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import { checkImage, checkJob, checkOffset } from "./check-request.ts";
import { compareDigests } from "./compare-digests.ts";
import type { JobContext } from "./job-event.ts";
import { toolsOf, withReason } from "./job-tools.ts";
import { readBy } from "./job-source.ts";
import { OpPipe, piecesOf } from "./op-pipe.ts";
import { PhaseCount } from "./phase-count.ts";
import { canceled, checkStillThere, failureOf } from "./run-job.ts";
import { placedImage, type PlaceRequest, type Target } from "./target.ts";

/** Size of one read operation; a difference is at most this long, a longer one comes as several that touch. */
const READ_BYTES = 4096;
/** Reads that may be under way before the first of them is taken. */
const READS_AHEAD = 8;

/** A run of bytes that all differ; `chip` and `file` are of `lengthBytes` each. */
export interface Difference extends ByteRange {
  /** What the chip holds. */
  readonly chip: Uint8Array;
  /** What the image has. */
  readonly file: Uint8Array;
}

/**
 * Differences in order of address. Stopping early (`break`) is fine.
 *
 * @throws NorbridgeError FILE_INVALID if the image does not fit, EBUSY, ECANCELED, link errors.
 */
export async function* diffImage(
  device: FlashDevice,
  image: ImageSource,
  request: PlaceRequest = {},
  context: JobContext = {},
): AsyncGenerator<Difference> {
  checkJob(device, context, "diff");
  checkImage(image, "diff");
  checkOffset(request, "diff");
  const target = placedImage(image, request.offset ?? 0, device.geometry);
  const { tools, check } = toolsOf(device.clock, context, "diff");
  const count = new PhaseCount(tools, "verify", target.totalBytes);
  if (context.signal?.aborted === true) throw canceled("diff");
  const pipe = new OpPipe(device, context.signal === undefined ? {} : { signal: context.signal });
  const readable = readBy(pipe, target);
  try {
    const asked: { readonly piece: ByteRange; readonly chip: Promise<Uint8Array> }[] = [];
    for await (const { range, isEqual } of compareDigests(
      pipe,
      target,
      device.geometry,
      count,
      device.link?.isUnchecked ?? false,
    )) {
      tools.onEvent?.({ kind: "sector", range, state: isEqual ? "verified" : "differs" });
      if (isEqual) continue;
      for (const piece of piecesOf(range, READ_BYTES)) asked.push({ piece, chip: pipe.read(piece) });
      while (asked.length > READS_AHEAD) yield* differencesOf(asked.shift(), readable);
    }
    while (asked.length > 0) yield* differencesOf(asked.shift(), readable);
    await pipe.end();
    await checkStillThere(device, pipe, { operation: "diff" });
  } catch (error) {
    await pipe.stop();
    throw withReason(failureOf(pipe, { operation: "diff" }, error), context.signal);
  } finally {
    await pipe.stop();
  }
  check();
}

async function* differencesOf(
  asked: { readonly piece: ByteRange; readonly chip: Promise<Uint8Array> } | undefined,
  target: Target,
): AsyncGenerator<Difference> {
  if (asked === undefined) return;
  const { piece } = asked;
  const chip = await asked.chip;
  const file = await target.read(piece);
  for (let at = 0; at < chip.length; at++) {
    if (chip[at] === file[at]) continue;
    let end = at + 1;
    while (end < chip.length && chip[end] !== file[end]) end++;
    const address = piece.address + at;
    yield { address, lengthBytes: end - at, chip: chip.slice(at, end), file: file.slice(at, end) };
    at = end;
  }
}
