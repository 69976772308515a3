/** The sizes of a safe from its own headers. */
import type { FlashRegion } from "../../flash/flash-region.ts";
import { decodeHeader, HEADER_BYTES } from "./format.ts";
import { type FlashSafeOptions, refuseOtherVersion } from "./scan-blocks.ts";

/**
 * What the first sound header at the start of an erase block says; undefined where there is none. Reads only. Throws
 * LAYOUT_MISMATCH for a safe of another layout version.
 */
export async function recogniseSafe(region: FlashRegion): Promise<FlashSafeOptions | undefined> {
  const ranges = Array.from({ length: region.lengthBytes / region.eraseBytes }, (_, block) => ({
    offset: block * region.eraseBytes,
    lengthBytes: HEADER_BYTES,
  }));
  let found: FlashSafeOptions | undefined;
  let block = 0;
  for await (const bytes of region.readMany(ranges)) {
    const header = decodeHeader(bytes);
    refuseOtherVersion(header, region.address + block++ * region.eraseBytes);
    if (header.kind !== "header" || found !== undefined) continue;
    found = { blockBytes: header.segmentCount * header.bufferBytes, bufferBytes: header.bufferBytes };
  }
  return found;
}
