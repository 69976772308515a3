/** Every FCB2 on a flash. Its sectors begin like those of an FCB; the directory at their end tells them apart. */
import { HEADER_BYTES } from "../circular-buffer/format.ts";
import { type HeaderGroup, HeaderGroups } from "../circular-buffer/header-groups.ts";
import { type Ring, ringsOf } from "../circular-buffer/rings.ts";
import { mynewtVersionOf } from "../mynewt-log/record.ts";
import type { FlashShape, ReadableRegion, RegionFinding, Sniffer } from "../recognise/region-finding.ts";
import type { Fcb2Options } from "./fcb2.ts";
import { directoryOffset, decodeDirectory, FCB2_ALIGNMENTS } from "./format.ts";
import { walkFcb2Sector } from "./sector-walk.ts";

/** An FCB2 that was found. */
export interface Fcb2Region extends RegionFinding {
  /** Options to open it with. */
  readonly options: Fcb2Options;
}

/** Rings that are looked into, erase blocks of the longest sector, sectors of a ring that are read. */
const MAX_RINGS = 512;
const MAX_SECTOR_BLOCKS = 64;
const MAX_SECTORS_READ = 4;

/** Finds FCB2 in the pass. */
export function fcb2Sniffer(shape: FlashShape): Sniffer {
  return new Fcb2Sniffer(shape);
}

/** Finds FCB2 by the headers alone: eight bytes of each erase block are read, then the ends of some sectors. */
export async function findFcb2(region: ReadableRegion): Promise<readonly Fcb2Region[]> {
  const sniffer = new Fcb2Sniffer(region);
  let block = 0;
  const ranges = Array.from({ length: Math.floor(region.lengthBytes / region.eraseBytes) }, (_, index) => {
    return { offset: index * region.eraseBytes, lengthBytes: HEADER_BYTES };
  });
  for await (const bytes of region.readMany(ranges)) sniffer.note(block++, bytes);
  return sniffer.conclude(region);
}

interface Proof {
  readonly sectorBytes: number;
  readonly alignBytes: number;
  readonly right: number;
  readonly wrong: number;
  readonly entries: readonly Uint8Array[];
}

class Fcb2Sniffer implements Sniffer {
  readonly #eraseBytes: number;
  readonly #headers: HeaderGroups;

  constructor({ eraseBytes, erasedByte }: FlashShape) {
    this.#eraseBytes = eraseBytes;
    this.#headers = new HeaderGroups(erasedByte);
  }

  look(offset: number, block: Uint8Array): void {
    const step = this.#eraseBytes;
    for (let at = (step - (offset % step)) % step; at < block.length; at += step) {
      this.note((offset + at) / step, block.subarray(at, at + HEADER_BYTES));
    }
  }

  /** Takes the first bytes of an erase block. */
  note(block: number, bytes: Uint8Array): void {
    if (bytes.length === HEADER_BYTES) this.#headers.note(block, bytes);
  }

  async conclude(region: ReadableRegion): Promise<readonly Fcb2Region[]> {
    const rings = [...this.#headers.groups].flatMap(([magic, group]) =>
      ringsOf(group.starts, MAX_SECTOR_BLOCKS).map((ring) => ({ magic, group, ring })),
    );
    const longestFirst = rings.toSorted((a, b) => b.ring.starts.length - a.ring.starts.length);
    const found: Fcb2Region[] = [];
    for (const { magic, group, ring } of longestFirst.slice(0, MAX_RINGS)) {
      const proof = await this.#prove(region, ring);
      if (proof !== undefined) found.push(this.#finding(magic, group, ring, proof));
    }
    return found;
  }

  /** The size and alignment with the most right entries; undefined if there is none. */
  async #prove(region: ReadableRegion, { starts, sectorBlocks }: Ring): Promise<Proof | undefined> {
    const sizes = sectorBlocks === undefined ? [1, 2, 4, 8, 16, 32, 64] : [sectorBlocks];
    let best: Proof | undefined;
    for (const blocks of sizes) {
      const sectorBytes = blocks * this.#eraseBytes;
      const sectors: Uint8Array[] = [];
      for (const { block } of starts.slice(-MAX_SECTORS_READ)) {
        const offset = block * this.#eraseBytes;
        if (offset + sectorBytes > region.lengthBytes || !(await hasDirectory(region, offset + sectorBytes))) continue;
        sectors.push(await region.read(offset, sectorBytes));
      }
      for (const alignBytes of sectors.length === 0 ? [] : FCB2_ALIGNMENTS) {
        const proof = proofOf(sectors, sectorBytes, alignBytes);
        if (proof.right > 0 && proof.right >= proof.wrong && proof.right > (best?.right ?? 0)) best = proof;
      }
    }
    return best;
  }

  #finding(magic: number, { version }: HeaderGroup, { starts, isClosed }: Ring, proof: Proof): Fcb2Region {
    const { sectorBytes, alignBytes, right, wrong, entries } = proof;
    const offset = (starts[0]?.block ?? 0) * this.#eraseBytes;
    const lengthBytes = (starts.at(-1)?.block ?? 0) * this.#eraseBytes + sectorBytes - offset;
    const hex = `0x${magic.toString(16).padStart(8, "0")}`;
    const content = mynewtVersionOf(entries, version) === undefined ? {} : { content: "mynewt-log" };
    return {
      layout: "fcb2",
      offset,
      lengthBytes,
      certainty: "certain",
      why:
        `magic ${hex} in ${starts.length} ${starts.length === 1 ? "sector" : "sectors"}, ` +
        `${right} directory entries with valid checks, ${wrong} without`,
      // Each has a CRC-8 and a CRC-16.
      proofs: 2 * right + starts.length,
      ...content,
      facts: {
        sectorBytes,
        sectorCount: lengthBytes / sectorBytes,
        sectorsInUse: starts.length,
        magic,
        version,
        alignBytes,
        ring: isClosed ? "closed" : "open",
      },
      options: { sectorBytes, magic, version, alignBytes },
    };
  }
}

/** Whether a directory can end at `end`: its first entry is right in some alignment. */
async function hasDirectory(region: ReadableRegion, end: number): Promise<boolean> {
  const bytes = await region.read(end - 32, 32);
  return FCB2_ALIGNMENTS.some((alignBytes) => {
    return decodeDirectory(bytes, directoryOffset(bytes.length, 1, alignBytes))?.kind === "entry";
  });
}

function proofOf(sectors: readonly Uint8Array[], sectorBytes: number, alignBytes: number): Proof {
  const items = sectors.flatMap((bytes) => [...walkFcb2Sector(bytes, alignBytes)]);
  const entries = items.flatMap((item) => (item.kind === "entry" ? [item.data.slice()] : []));
  return { sectorBytes, alignBytes, right: entries.length, wrong: items.length - entries.length, entries };
}
