/** Undoing a job: the chip is to hold again what the journal says it held, whatever state the job or an undo was cut in. */
import { memoryImage } from "../files/image-source.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import { carryOnWrite } from "../jobs/carry-on.ts";
import type { JobContext } from "../jobs/job-event.ts";
import type { HeldUnit } from "../jobs/job-safe.ts";
import type { KeptPiece } from "../jobs/run-job.ts";
import type { WriteRequest } from "../jobs/write/write-image.ts";

/**
 * Writes `old` back, and what lies beside it in the units in hand. Answers how many bytes were put back; 0 where the job had
 * changed nothing. Throws what `writeImage` throws.
 */
export async function takeBack(
  device: FlashDevice,
  old: readonly KeptPiece[],
  held: readonly HeldUnit[],
  request: WriteRequest,
  context: JobContext,
): Promise<number> {
  if (old.length === 0) return 0;
  const image = memoryImage("what was there", old);
  const { imageBytes } = await carryOnWrite(device, image, withoutOld(held, old), request, context);
  return imageBytes;
}

/** Units in hand, without the bytes that are part of what was there anyway. */
function withoutOld(held: readonly HeldUnit[], old: readonly KeptPiece[]): HeldUnit[] {
  const isOld = (address: number): boolean =>
    old.some((piece) => address >= piece.address && address < piece.address + piece.data.length);
  return held.map((unit) => ({ ...unit, pieces: unit.pieces.filter(({ address }) => !isOld(address)) }));
}
