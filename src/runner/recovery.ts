/** When a job that lost its bridge may continue by itself: what is tried, how often, and what is said. */
import { causeIn, isOf } from "../error-groups.ts";
import type { NorbridgeError } from "../errors.ts";

/** How often one job gets a new connection. */
export const MAX_RECONNECTS = 3;

/**
 * Why the way to the chip was lost, if that is what ended the job and the same chip may be found on it again; undefined
 * for everything else. What the chip itself reports (missing, busy, failed) is not a reason to try the bridge again.
 */
export function linkLossIn(error: unknown): NorbridgeError | undefined {
  return causeIn(error, (one) => isOf(one, "linkLost"), "afterChange");
}

/** What the chip did not do as it should, if that is what ended the job. It may be that the wires only said so. */
export function chipFailureIn(error: unknown): NorbridgeError | undefined {
  return causeIn(error, (one) => isOf(one, "chipFailed"), "afterChange");
}
