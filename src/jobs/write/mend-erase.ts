/** What a job does after an erase that the chip ignored, or that erased another size than it should. Nothing more is erased. */
import {
  type ByteRange,
  eraseBlocksTouching,
  rangeIntersection,
  smallestEraseUnit,
} from "../../../drivers/geometry.ts";
import { sameBytes } from "../../bytes.ts";
import { putBytesBack } from "../../flash/bytes-put-back.ts";
import type { EraseFinding } from "../../flash/erase-finding.ts";
import type { FlashDevice } from "../../flash/flash-device.ts";
import type { PipeFailure } from "../op-pipe.ts";
import type { KeptPiece } from "../run-job.ts";
import { piecesIn, type Target } from "../target.ts";
import type { WriterParts } from "./writer-parts.ts";

type Parts = Pick<WriterParts, "geometry" | "kept" | "safe" | "precious"> & {
  /** Units that an earlier run has left in progress: an erase of them may have been sent. */
  readonly inHandBefore: readonly ByteRange[];
};

/** Never throws: what cannot be mended stays in progress. `target`: read without the pipe, which has failed. */
export async function afterErase(
  device: FlashDevice,
  target: Target,
  { outcome, op, range, finding }: PipeFailure & { readonly kind: "chip" },
  parts: Parts,
): Promise<void> {
  if (outcome === "ignored" && op === "erase") {
    // Its units were held for an erase that did not take place, but for those that an earlier erase may have reached.
    for (const unit of eraseBlocksTouching(smallestEraseUnit(parts.geometry), range)) {
      const wasInHand = parts.inHandBefore.some((other) => rangeIntersection(other, unit) !== undefined);
      // Samples have shown it, and one of them may lie on a cell that cannot be erased.
      const isAsKept = await holds(device, parts.kept.piecesOf(unit.address) ?? []).catch(() => false);
      if (!isAsKept) parts.kept.noteErased(range);
      else if (!wasInHand) parts.safe?.spare?.(unit.address);
    }
  }
  if (outcome === "wrong-size" && finding !== undefined) {
    await mendArea(device, target, finding, parts).catch(() => undefined);
  }
}

/** Whether the chip holds these bytes. */
async function holds(device: FlashDevice, pieces: readonly KeptPiece[]): Promise<boolean> {
  for (const { address, data } of pieces) {
    if (!sameBytes(await device.read(address, data.length), data)) return false;
  }
  return true;
}

/**
 * What the job holds of the area that was erased is programmed into its blank cells, the kept bytes and the target's. What is
 * right then is no longer in progress.
 */
async function mendArea(
  device: FlashDevice,
  target: Target,
  { block, erased, reach }: EraseFinding,
  { geometry, kept, safe, precious }: Parts,
): Promise<void> {
  for (const unit of eraseBlocksTouching(smallestEraseUnit(geometry), reach)) {
    // Beyond what was seen to be erased only what was in progress before is of interest.
    const isErased = [block, erased].some((range) => rangeIntersection(range, unit) !== undefined);
    if (!isErased && safe?.holds?.(unit.address) !== true) continue;
    const around = kept.piecesOf(unit.address) ?? [];
    const expected: KeptPiece[] = [];
    for (const piece of piecesIn(target, unit))
      expected.push({ address: piece.address, data: await target.read(piece) });
    const missing = await putBytesBack([...around, ...expected], {
      geometry,
      read: (from, lengthBytes) => device.read(from, lengthBytes),
      program: async (pages) => {
        for (const page of pages) await device.program(page.address, page.data);
      },
    });
    if (around.some((piece) => missing.includes(piece))) continue;
    kept.release(unit.address);
    const isPrecious = precious.some((range) => rangeIntersection(range, unit) !== undefined);
    // A unit without bytes of the target is as it was before the job.
    if (missing.length === 0 && expected.length > 0) safe?.release(unit.address);
    else if (!isPrecious) safe?.spare?.(unit.address);
  }
}
