/** Finds littlefs in a flash: by the magic of its superblock, proved by the CRC of the commit that holds it. */
import { formatSize, indexOfBytes, sameBytes } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { Certainty, ReadableRegion, RegionFinding, Sniffer } from "../recognise/region-finding.ts";
import { MIN_BLOCK_BYTES, MAGIC, MAGIC_OFFSET, MAGIC_TAG, type Superblock } from "./format.ts";
import { u32 } from "../little-endian.ts";
import { LittleFs } from "./littlefs.ts";
import { headSuperblock, isVersion1, readHead, V1_MAGIC_OFFSET } from "./superblock.ts";

/** Places that are remembered; a flash with more of them holds copies of file system images in files. */
const MAX_PLACES = 4096;

/** A sniffer for littlefs 2.0 and 2.1; littlefs 1 is named, so that nothing overwrites it. */
export function littlefsSniffer(): LittleFsSniffer {
  return new LittleFsSniffer();
}

/** Notes the blocks that begin like a superblock. */
export class LittleFsSniffer implements Sniffer {
  readonly #places: number[] = [];

  /** Takes the next block, or only the start of an erase block. */
  look(offset: number, block: Uint8Array): void {
    for (let at = indexOfBytes(block, MAGIC); at >= 0; at = indexOfBytes(block, MAGIC, at + 1)) {
      const isMagic2 = at >= MAGIC_OFFSET && sameBytes(block.subarray(at - MAGIC_TAG.length, at), MAGIC_TAG);
      const start = at - (isMagic2 ? MAGIC_OFFSET : V1_MAGIC_OFFSET);
      if (start < 0 || (!isMagic2 && !isVersion1(block.subarray(start)))) continue;
      if (this.#places.length < MAX_PLACES) this.#places.push(offset + start);
    }
  }

  async conclude(region: ReadableRegion): Promise<readonly RegionFinding[]> {
    const found: RegionFinding[] = [];
    const places = new Set(this.#places);
    let coveredTo = 0;
    for (const place of this.#places) {
      if (place < coveredTo) continue;
      const finding = await findingAt(region, place, coveredTo, places);
      if (finding === undefined) continue;
      found.push(finding);
      coveredTo = finding.offset + finding.lengthBytes;
    }
    return found;
  }
}

/** The file system one of whose superblock blocks is at `place`; it begins at `from` or later. */
async function findingAt(
  region: ReadableRegion,
  place: number,
  from: number,
  places: ReadonlySet<number>,
): Promise<RegionFinding | undefined> {
  const head = await readHead(region, place);
  if (isVersion1(head)) return version1(region, place, head);
  const claimed = headSuperblock(head);
  if (claimed === undefined || claimed.blockBytes < MIN_BLOCK_BYTES) return undefined;
  for (const start of startsFor(region, place, claimed, places)) {
    if (start < from) continue;
    const fs = await mounted(region, start, claimed.blockBytes);
    if (fs !== undefined) return findingOf(region, start, fs);
  }
  const what = `littlefs ${claimed.majorVersion}.${claimed.minorVersion}`;
  return {
    layout: "littlefs",
    offset: place,
    lengthBytes: Math.min(claimed.blockBytes, region.lengthBytes - place),
    certainty: "possible",
    why: `the superblock of ${what} without a valid commit`,
    facts: {},
  };
}

/** Where block 0 may be if a superblock block is at `place`: there, or one block before it. */
function startsFor(
  { lengthBytes }: ReadableRegion,
  place: number,
  { blockBytes, blockCount }: Superblock,
  places: ReadonlySet<number>,
): readonly number[] {
  const before = place - blockBytes;
  const here = [place, ...(before >= 0 ? [before] : [])];
  const fits = place + blockBytes * blockCount <= lengthBytes;
  // The other copy decides; without it, whether the file system ends within the flash.
  return places.has(place + blockBytes) || fits ? here : here.toReversed();
}

async function mounted(region: ReadableRegion, offset: number, blockBytes: number): Promise<LittleFs | undefined> {
  try {
    return await LittleFs.mount(region, { offset, blockBytes });
  } catch (error) {
    if (error instanceof NorbridgeError && error.code === "LAYOUT_MISMATCH") return undefined;
    throw error;
  }
}

function findingOf(region: ReadableRegion, offset: number, { superblock, blockCount }: LittleFs): RegionFinding {
  const { majorVersion, minorVersion, blockBytes } = superblock;
  const isWhole = blockCount === superblock.blockCount;
  const certainty: Certainty = isWhole ? "certain" : "likely";
  const rest = isWhole ? "" : `, of which ${blockCount} are in the region`;
  return {
    layout: "littlefs",
    offset,
    lengthBytes: Math.min(blockBytes * blockCount, region.lengthBytes - offset),
    certainty,
    why: `superblock with a valid CRC, ${superblock.blockCount} blocks of ${formatSize(blockBytes)}${rest}`,
    facts: { version: `${majorVersion}.${minorVersion}`, blockBytes, blockCount: superblock.blockCount },
  };
}

/** littlefs 1 has its block size and count before its version. */
function version1(region: ReadableRegion, offset: number, head: Uint8Array): RegionFinding {
  const blockBytes = u32(head, 28);
  const blockCount = u32(head, 32);
  const lengthBytes = blockBytes * blockCount;
  const isPlausible = blockBytes >= MIN_BLOCK_BYTES && offset + lengthBytes <= region.lengthBytes;
  return {
    layout: "littlefs",
    offset,
    lengthBytes: isPlausible ? lengthBytes : Math.min(region.eraseBytes, region.lengthBytes - offset),
    certainty: isPlausible ? "likely" : "possible",
    why: "superblock of littlefs 1, which norbridge does not read",
    facts: { version: `1.${u32(head, 36) & 0xffff}` },
  };
}
