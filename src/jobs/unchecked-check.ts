/**
 * The rule for links without integrity checking: that two block checks are equal is no accident; that they differ may be the
 * link's doing. So a match counts at once, and a difference counts if it was seen twice.
 */
import type { ByteRange } from "../../drivers/geometry.ts";
import type { Lane, OpPipe } from "./op-pipe.ts";

/** What a chip returned for a range, and what it should have. */
export interface CheckPair {
  readonly found: number;
  readonly expected: number;
}

/** Whether the chip holds what is expected. On an unchecked link a check that differs is requested once more. */
export async function isExpectedCheck(
  {
    pipe,
    isUnchecked,
    lane,
  }: { readonly pipe: OpPipe; readonly isUnchecked: boolean; readonly lane?: Lane | undefined },
  range: ByteRange,
  { found, expected }: CheckPair,
): Promise<boolean> {
  return found === expected || (isUnchecked && (await pipe.digest(range, lane)) === expected);
}
