/** Undoing a job: the chip is to hold again what the journal reports it held, whatever state the job or an undo was cut in. */
import type { ImageSource } from "../files/image-source.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import { firstEndingBehind } from "../../drivers/byte-ranges.ts";
import { carryOnWrite } from "../jobs/carry-on.ts";
import type { JobContext } from "../jobs/job-event.ts";
import type { HeldUnit } from "../jobs/job-safe.ts";
import type { WriteRequest } from "../jobs/write/write-image.ts";
import type { OldBytes } from "./old-bytes.ts";

/**
 * Writes `old` back, and what lies beside it in the units in progress. Returns how many bytes were restored; 0 if the job had
 * changed nothing. Throws what `writeImage` throws.
 */
export async function takeBack(
  device: FlashDevice,
  old: OldBytes,
  held: readonly HeldUnit[],
  request: WriteRequest,
  context: JobContext,
): Promise<number> {
  if (old.count === 0) return 0;
  const image = old.image("the old contents");
  const { imageBytes } = await carryOnWrite(device, image, withoutOld(held, image), request, context);
  return imageBytes;
}

/** Units in progress, without the bytes that are part of what was there anyway. */
function withoutOld(held: readonly HeldUnit[], { segments }: ImageSource): HeldUnit[] {
  const isIn = (address: number): boolean => {
    const first = segments[firstEndingBehind(segments, address)];
    return first !== undefined && first.address <= address;
  };
  return held.map((unit) => ({ ...unit, pieces: unit.pieces.filter(({ address }) => !isIn(address)) }));
}
