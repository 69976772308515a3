/** What a chip answered instead of doing its work, as the error that a caller gets. */
import type { ChipAnswer, ChipOutcome } from "../../drivers/chip-driver.ts";
import type { ByteRange } from "../../drivers/geometry.ts";
import { formatRange } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";

/** How an operation failed. */
export type ChipFailure =
  | Exclude<ChipOutcome, "done" | "skipped">
  /** Reads of the same bytes differ, one time after the other. */
  | "unsteady";

/** What a job says of the two kinds of doubt that a line without checks brings. */
export const SLIPPED = "bytes were lost or duplicated on the link; it is unknown whether the chip received this";
export const UNSTEADY = "repeated reads return different bytes";

/** EBUSY, ENODEV, ECANCELED or EIO; `range` is where on the chip, if it has a place. */
export function chipFailed(operation: string, outcome: ChipFailure, range: ByteRange | undefined): NorbridgeError {
  const where = range === undefined ? "" : ` at ${formatRange(range)}`;
  const details = { operation, ...(range === undefined ? {} : { range }) };
  switch (outcome) {
    case "timeout":
      return new NorbridgeError(
        "EBUSY",
        `${operation}${where}: the chip is still busy after its maximum time`,
        details,
      );
    case "no-answer":
      return new NorbridgeError("ENODEV", `${operation}${where}: the chip no longer responds`, details);
    case "lost":
      return new NorbridgeError("LINK_SLIPPED", `${operation}${where}: ${SLIPPED}`, details);
    case "unsteady":
      return new NorbridgeError("EIO", `${operation}${where}: ${UNSTEADY}`, details);
    case "aborted":
      return new NorbridgeError("ECANCELED", `${operation}${where}: stopped before it was complete`, details);
    case "program-failed":
    case "erase-failed":
      return new NorbridgeError("EIO", `${operation}${where}: the chip reports that it failed`, details);
  }
}

/** The value of an answer; EIO and its kin where there is none. */
export function valueOf<T>(answer: ChipAnswer<T>, operation: string): T {
  if (answer.outcome === "done") return answer.value;
  throw chipFailed(operation, answer.outcome === "skipped" ? "aborted" : answer.outcome, undefined);
}

/** Throws EIO and its kin for any outcome but `done`. */
export function doneOr(outcome: ChipOutcome, operation: string): void {
  if (outcome !== "done") throw chipFailed(operation, outcome === "skipped" ? "aborted" : outcome, undefined);
}
