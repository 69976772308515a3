/** Which places of a region are not erased, asked in one turnaround: only checksums travel. */
import { blockCheckOfFill } from "../../firmware-protocol/block-check.ts";
import type { FlashRegion, OffsetRange, RegionOp } from "../flash/flash-region.ts";

/** A place that is not blank, and the checksum of its bytes. */
export interface BegunPlace extends OffsetRange {
  /** Checksum of what it holds, as the bridge takes it. */
  readonly check: number;
}

/** Those of `places` that hold anything. Reads only. */
export async function notBlank(region: FlashRegion, places: readonly OffsetRange[]): Promise<readonly BegunPlace[]> {
  if (places.length === 0) return [];
  const blank = new Map<number, number>();
  const blankOf = (lengthBytes: number): number => {
    const known = blank.get(lengthBytes) ?? blockCheckOfFill(region.erasedByte, lengthBytes);
    blank.set(lengthBytes, known);
    return known;
  };
  const ops = places.map(({ offset, lengthBytes }): RegionOp => ({ kind: "digest", offset, lengthBytes }));
  const begun: BegunPlace[] = [];
  let index = 0;
  for await (const result of region.run(ops)) {
    const place = places[index++];
    if (place === undefined || result.kind !== "digest") continue;
    const { check } = result;
    if (check !== blankOf(place.lengthBytes)) begun.push({ ...place, check });
  }
  return begun;
}
