/** Programs bytes where they were, into cells that are blank now. Used after an erase that took more than its block. */
import { type FlashGeometry, pagesOf } from "../../drivers/geometry.ts";
import { isFilledWith, sameBytes } from "../bytes.ts";
import type { ChipBytes } from "./erase-finding.ts";

/** What is needed of the chip. Both throw where the chip or the way to it fails. */
export interface PutBackTools {
  readonly geometry: FlashGeometry;
  readonly read: (address: number, lengthBytes: number) => Promise<Uint8Array>;
  /** Programs pages, each within one page of the chip. */
  readonly program: (pages: readonly ChipBytes[]) => Promise<void>;
}

/**
 * Makes the chip hold these bytes if it can without an erase: pages that are blank are programmed, pages that are right are left
 * alone. Everything is read again at the end. Returns the pieces that the chip does not hold then.
 */
export async function putBytesBack(pieces: readonly ChipBytes[], tools: PutBackTools): Promise<readonly ChipBytes[]> {
  const { geometry } = tools;
  const pages: ChipBytes[] = [];
  for (const { address, data } of pieces) {
    const found = await tools.read(address, data.length);
    for (const page of pagesOf(geometry, { address, lengthBytes: data.length })) {
      const at = page.address - address;
      const wanted = data.subarray(at, at + page.lengthBytes);
      const isBlank = isFilledWith(found.subarray(at, at + page.lengthBytes), geometry.erasedByte);
      if (isBlank && !isFilledWith(wanted, geometry.erasedByte)) pages.push({ address: page.address, data: wanted });
    }
  }
  if (pages.length > 0) await tools.program(pages);
  const missing: ChipBytes[] = [];
  for (const piece of pieces) {
    if (!sameBytes(await tools.read(piece.address, piece.data.length), piece.data)) missing.push(piece);
  }
  return missing;
}
