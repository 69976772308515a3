/** When a job that lost its bridge may go on by itself: what is tried, how often, and what is said. */
import { NorbridgeError } from "../errors.ts";

/** How often one job gets a connection anew. */
export const MOST_RECONNECTS = 3;

/**
 * Why the way to the chip was lost, if that is what ended the job and the same chip may be found behind it again; undefined
 * for everything else. What the chip itself says (missing, busy, failed) is no reason to try the bridge again.
 */
export function linkLossIn(error: unknown): NorbridgeError | undefined {
  if (!(error instanceof NorbridgeError)) return undefined;
  switch (error.code) {
    case "BRIDGE_RESET":
    case "BRIDGE_SILENT":
    case "BRIDGE_PROTOCOL":
    case "ESHUTDOWN":
      return error;
    case "INTERRUPTED":
    case "INTERRUPTED_FINAL":
      return linkLossIn(error.cause);
    default:
      return undefined;
  }
}

/** What the chip did not do as it should, if that is what ended the job. It may be that the wires only said so. */
export function chipFailureIn(error: unknown): NorbridgeError | undefined {
  if (!(error instanceof NorbridgeError)) return undefined;
  switch (error.code) {
    case "EIO":
    case "EFAULT":
    case "ENODEV":
    case "CHIP_MISSING":
    case "CHIP_CHANGED":
      return error;
    case "INTERRUPTED":
    case "INTERRUPTED_FINAL":
      return chipFailureIn(error.cause);
    default:
      return undefined;
  }
}
