/** Bytes that are programmed and verified together: a whole unit that was erased, or a piece where the chip is blank. */
import { type ByteRange, type FlashGeometry, pagesOf } from "../../../drivers/geometry.ts";
import { blockCheck } from "../../../firmware-protocol/block-check.ts";
import { isFilledWith, printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { SourceFailure } from "../job-source.ts";
import { piecesOf } from "../op-pipe.ts";
import type { KeptPiece } from "../run-job.ts";
import type { SurveyPiece } from "./plan.ts";
import type { WriterParts } from "./writer-parts.ts";

/** A range and its bytes. */
export interface ProgramSpan {
  readonly range: ByteRange;
  readonly bytes: Uint8Array;
}

type Source = Pick<WriterParts, "target" | "operation" | "geometry">;

/**
 * The target's bytes of pieces. `hasGaps`: pieces that were joined, with erased bytes where the target has none. Throws
 * FILE_INVALID if they are not those that were compared.
 */
export async function readSpans(
  pieces: readonly SurveyPiece[],
  source: Source,
  hasGaps = false,
): Promise<readonly ProgramSpan[]> {
  const spans: ProgramSpan[] = [];
  for (const piece of pieces) {
    const { address, lengthBytes } = piece;
    spans.push({ range: { address, lengthBytes }, bytes: await readPiece(piece, source, hasGaps) });
  }
  return spans;
}

async function readPiece(
  { address, lengthBytes, check }: SurveyPiece,
  { target, operation, geometry }: Source,
  hasGaps: boolean,
): Promise<Uint8Array> {
  const range = { address, lengthBytes };
  const data = await (hasGaps ? target.readFilled(range, geometry.erasedByte) : target.read(range));
  if (blockCheck(data) === check) return data;
  const message = `${printable(target.name)}: the file changed while it was being written`;
  throw new SourceFailure(
    new NorbridgeError("FILE_INVALID", message, {
      operation,
      range,
      hint: "Do not change the file during the job. Then try again: data that already matches is skipped.",
    }),
  );
}

/** A span in parts of at most this many bytes. */
export function* shortSpans({ range, bytes }: ProgramSpan, maxBytes: number): Generator<ProgramSpan> {
  for (const piece of piecesOf(range, maxBytes)) {
    const start = piece.address - range.address;
    yield { range: piece, bytes: bytes.subarray(start, start + piece.lengthBytes) };
  }
}

/** The pages of a span, without those that are erased bytes only. */
export function* pagesToProgram({ range, bytes }: ProgramSpan, geometry: FlashGeometry): Generator<KeptPiece> {
  for (const page of pagesOf(geometry, range)) {
    const start = page.address - range.address;
    const data = bytes.subarray(start, start + page.lengthBytes);
    if (!isFilledWith(data, geometry.erasedByte)) yield { address: page.address, data };
  }
}
