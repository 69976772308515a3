/** When a job that lost its bridge may continue by itself: what is tried, how often, and what is said. */
import { type ErrorCode, NorbridgeError } from "../errors.ts";

/** How often one job gets a new connection. */
export const MOST_RECONNECTS = 3;

const LINK_LOSSES: ReadonlySet<ErrorCode> = new Set(["BRIDGE_RESET", "BRIDGE_SILENT", "BRIDGE_PROTOCOL", "ESHUTDOWN"]);
const CHIP_FAILURES: ReadonlySet<ErrorCode> = new Set(["EIO", "EFAULT", "ENODEV", "CHIP_MISSING", "CHIP_CHANGED"]);

/**
 * Why the way to the chip was lost, if that is what ended the job and the same chip may be found on it again; undefined
 * for everything else. What the chip itself reports (missing, busy, failed) is not a reason to try the bridge again.
 */
export function linkLossIn(error: unknown): NorbridgeError | undefined {
  return endedBy(error, LINK_LOSSES);
}

/** What the chip did not do as it should, if that is what ended the job. It may be that the wires only said so. */
export function chipFailureIn(error: unknown): NorbridgeError | undefined {
  return endedBy(error, CHIP_FAILURES);
}

/** The error with one of these codes, itself or under an interruption. */
function endedBy(error: unknown, codes: ReadonlySet<ErrorCode>): NorbridgeError | undefined {
  if (!(error instanceof NorbridgeError)) return undefined;
  if (codes.has(error.code)) return error;
  const isInterruption = error.code === "INTERRUPTED" || error.code === "INTERRUPTED_FINAL";
  return isInterruption ? endedBy(error.cause, codes) : undefined;
}
