/** The sizes of a safe from its own headers. */
import type { FlashRegion } from "../../flash/flash-region.ts";
import { decodeHeader, HEADER_BYTES } from "./format.ts";
import { type FlashSafeOptions, refuseOtherVersion } from "./scan-blocks.ts";
import type { SafeBlock } from "./sniffer.ts";

/**
 * What the first sound header at the start of an erase block says; undefined if there is none. Reads only. Throws
 * LAYOUT_MISMATCH for a safe of another layout version.
 */
export async function recogniseSafe(region: FlashRegion): Promise<FlashSafeOptions | undefined> {
  const [found] = await readSafeBlocks(region);
  if (found === undefined) return undefined;
  const { segmentCount, bufferBytes } = found.header;
  return { blockBytes: segmentCount * bufferBytes, bufferBytes };
}

/** Every sound header at the start of an erase block, in order of place. Throws as `recogniseSafe`. */
export async function readSafeBlocks(region: FlashRegion): Promise<readonly SafeBlock[]> {
  const ranges = Array.from({ length: region.lengthBytes / region.eraseBytes }, (_, block) => ({
    offset: block * region.eraseBytes,
    lengthBytes: HEADER_BYTES,
  }));
  const found: SafeBlock[] = [];
  let offset = 0;
  for await (const bytes of region.readMany(ranges)) {
    const header = decodeHeader(bytes);
    refuseOtherVersion(header, region.address + offset);
    if (header.kind === "header") found.push({ offset, header });
    offset += region.eraseBytes;
  }
  return found;
}
