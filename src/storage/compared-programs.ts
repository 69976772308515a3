/**
 * Programs that are compared with what was requested, all in one stream: one turnaround, and four bytes back for each
 * comparison.
 */
import { blockCheck } from "../../firmware-protocol/block-check.ts";
import { concatBytes, formatRange } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { FlashRegion, OffsetRange, RegionOp } from "../flash/flash-region.ts";

/** What is programmed in one go: parts after each other, each a program of its own; an empty one is left out. */
export interface Programs {
  readonly offset: number;
  readonly parts: readonly Uint8Array[];
}

/** Programs all groups in order, then takes a digest of each; returns for each whether it reads back as requested. */
export async function programAndCompare(region: FlashRegion, groups: readonly Programs[]): Promise<readonly boolean[]> {
  const ops: RegionOp[] = [];
  for (const { offset, parts } of groups) {
    let at = offset;
    for (const data of parts) {
      if (data.length > 0) ops.push({ kind: "program", offset: at, data });
      at += data.length;
    }
  }
  const wishes = groups.map(({ parts }) => concatBytes(parts));
  groups.forEach(({ offset }, index) => {
    ops.push({ kind: "digest", offset, lengthBytes: wishes[index]?.length ?? 0 });
  });
  const isRight: boolean[] = [];
  for await (const result of region.run(ops)) {
    if (result.kind !== "digest") continue;
    const wish = wishes[isRight.length];
    isRight.push(wish !== undefined && result.check === blockCheck(wish));
  }
  return isRight;
}

/** As `programAndCompare`, but throws EIO for the first group that reads back differently. `operation` is for the error. */
export async function programCompared(
  region: FlashRegion,
  groups: readonly Programs[],
  operation: string,
  hint?: string,
): Promise<void> {
  const isRight = await programAndCompare(region, groups);
  groups.forEach(({ offset, parts }, index) => {
    if (isRight[index] === true) return;
    const lengthBytes = parts.reduce((sum, { length }) => sum + length, 0);
    throw readsDifferently(region, { offset, lengthBytes }, operation, hint);
  });
}

/** The error for flash that does not hold what was programmed. */
export function readsDifferently(
  region: FlashRegion,
  { offset, lengthBytes }: OffsetRange,
  operation: string,
  hint?: string,
): NorbridgeError {
  const range = { address: region.address + offset, lengthBytes };
  return new NorbridgeError("EIO", `what was written at ${formatRange(range)} reads back differently`, {
    operation,
    range,
    hint,
  });
}
