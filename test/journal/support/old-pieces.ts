/** What a journal reports that the chip held before, as pieces of bytes. */
import type { KeptPiece } from "../../../src/jobs/run-job.ts";
import type { ReadJournal } from "../../../src/journal/read-journal.ts";

export async function oldPieces({ old }: ReadJournal): Promise<KeptPiece[]> {
  const image = old.image("old");
  const pieces: KeptPiece[] = [];
  for (const { address, lengthBytes } of image.segments) {
    pieces.push({ address, data: await image.read({ address, lengthBytes }) });
  }
  return pieces;
}
