/**
 * One pass over a flash, from its first byte to its last: every sniffer sees every block, then proves what it noted.
 * Reads only.
 */
import type { OffsetRange } from "../../flash/flash-region.ts";
import {
  type Certainty,
  type ReadableRegion,
  type RegionFinding,
  SNIFFED_BYTES,
  type Sniffer,
} from "./region-finding.ts";
import { newSniffers } from "./sniffers.ts";
import { SteadyRegion } from "./steady-region.ts";

/** Bytes of one read: few turnarounds on a bridge, and little memory. */
const READ_BYTES = 64 * 1024;

/**
 * What the region holds, in order of place; no two findings overlap. If two claimed the same bytes, the more certain
 * one was kept; of two that are equally certain the one with more proofs, then the longer one. What lies within a
 * certain one is part of it. Throws what the region throws.
 */
export async function recogniseRegions(
  region: ReadableRegion,
  sniffers: readonly Sniffer[] = newSniffers(region),
): Promise<readonly RegionFinding[]> {
  const steady = new SteadyRegion(region);
  let offset = 0;
  for await (const bytes of steady.readMany(chunksOf(region.lengthBytes))) {
    for (let at = 0; at < bytes.length; at += SNIFFED_BYTES) {
      const block = bytes.subarray(at, at + SNIFFED_BYTES);
      for (const sniffer of sniffers) sniffer.look(offset + at, block);
    }
    offset += bytes.length;
  }
  const found: RegionFinding[] = [];
  for (const sniffer of sniffers) found.push(...(await sniffer.conclude(steady)));
  return withoutOverlaps(found);
}

function* chunksOf(lengthBytes: number): Generator<OffsetRange> {
  for (let offset = 0; offset < lengthBytes; offset += READ_BYTES) {
    yield { offset, lengthBytes: Math.min(READ_BYTES, lengthBytes - offset) };
  }
}

const RANKS: readonly Certainty[] = ["certain", "likely", "possible"];

/** The findings that stand, in order of place. Exported for tests. */
export function withoutOverlaps(findings: readonly RegionFinding[]): readonly RegionFinding[] {
  const certain = findings.filter(({ certainty }) => certainty === "certain");
  // Both ends of a certain one are known: what lies in it is its content, for example an image in a file.
  const outer = findings.filter((one) => !certain.some((other) => isInside(one, other)));
  const ranked = outer.toSorted(
    (a, b) =>
      RANKS.indexOf(a.certainty) - RANKS.indexOf(b.certainty) ||
      (b.proofs ?? 1) - (a.proofs ?? 1) ||
      b.lengthBytes - a.lengthBytes ||
      a.offset - b.offset,
  );
  const kept: RegionFinding[] = [];
  for (const one of ranked) if (!kept.some((other) => overlap(one, other))) kept.push(one);
  return kept.toSorted((a, b) => a.offset - b.offset);
}

/** Whether `inner` is a part of `outer`, and not all of it. */
function isInside(inner: OffsetRange, outer: OffsetRange): boolean {
  const isWithin = outer.offset <= inner.offset && inner.offset + inner.lengthBytes <= outer.offset + outer.lengthBytes;
  return isWithin && inner.lengthBytes < outer.lengthBytes;
}

function overlap(a: OffsetRange, b: OffsetRange): boolean {
  return a.offset < b.offset + b.lengthBytes && b.offset < a.offset + a.lengthBytes;
}
