/** What a chip answered instead of doing its work, as the error that a caller gets. */
import type { ChipAnswer, ChipOutcome } from "../../drivers/chip-driver.ts";
import type { ByteRange } from "../../drivers/geometry.ts";
import { advice } from "../advice.ts";
import { formatRange } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { EraseFinding } from "./erase-finding.ts";
import type { PageFinding } from "./page-proof.ts";

/** How an operation failed. */
export type ChipFailure =
  | Exclude<ChipOutcome, "done" | "skipped">
  /** Reads of the same bytes differ, one time after the other. */
  | "unsteady"
  /** An erase or a program left the cells as they were. */
  | "ignored"
  /** An erase cleared more or less than its block. */
  | "wrong-size"
  /** A program wrapped inside of its range: the chip has smaller pages. */
  | "wrong-page"
  /** The caller could not keep what the operation might destroy: nothing was sent. */
  | "refused";

/** What a link without checks may do to a command, and to a read. */
const SLIPPED = "bytes were lost or duplicated on the link; it is unknown whether the chip received this";
export const UNSTEADY = "repeated reads return different bytes";

/** What to do if a chip ignored a command. */
export const IGNORED_ADVICE = advice(
  "Something that norbridge cannot read may protect these cells: lock bits, or a low WP# pin. Or the chip is in a mode or an " +
    "erase is suspended: cut its power. Or this part does not have the command: specify the part.",
  "show-protection",
  "set-part",
);
export const WRONG_PAGE_ADVICE = advice(
  "Specify the right part, or describe it in a chip file with its `pageBytes`, then repeat the job.",
  "set-part",
  "set-chip-description",
);
export const WRONG_SIZE_ADVICE = advice(
  "Specify the right part, or describe it in a chip file, then repeat the job.",
  "set-part",
  "set-chip-description",
);

/** What an erase did instead of what it should: "20h erased 65,536 bytes, not 4,096". */
export function findingText({ command, block, erased, reach }: EraseFinding): string {
  const wanted = block.lengthBytes.toLocaleString("en-US");
  const bytes = erased.lengthBytes.toLocaleString("en-US");
  if (erased.lengthBytes === 0) return `${command} erased nothing at ${formatRange(block)}`;
  if (erased.lengthBytes < block.lengthBytes) return `${command} erased only ${bytes} bytes, not ${wanted}`;
  // What was blank before does not show how far it went.
  const least = reach.lengthBytes > erased.lengthBytes ? "at least " : "";
  return `${command} erased ${least}${bytes} bytes, not ${wanted}`;
}

/** CHIP_AMBIGUOUS for an erase of another size than the part has; says what became of the bytes around it. */
export function wrongSize(operation: string, finding: EraseFinding): NorbridgeError {
  const { unrestored, erased } = finding;
  const around =
    unrestored.length === 0 ? "the bytes around it are as before" : "bytes around it could not be restored";
  const message = `${operation}: ${findingText(finding)}: this is not the part that it was identified as; ${around}`;
  return new NorbridgeError("CHIP_AMBIGUOUS", message, { operation, range: erased, hint: WRONG_SIZE_ADVICE });
}

/** CHIP_AMBIGUOUS for a program into pages that are smaller than they should be; `around` is a clause on the bytes around it. */
export function wrongPage(operation: string, finding: PageFinding, around: string): NorbridgeError {
  const { command, claimedBytes, pageBytes, range } = finding;
  const real = `${pageBytes} ${pageBytes === 1 ? "byte" : "bytes"}`;
  const what = `${command} programs ${real} at a time, not ${claimedBytes}: longer data wraps around inside the page`;
  const message = `${operation}: ${what}; this is not the part that it was identified as; ${around}`;
  return new NorbridgeError("CHIP_AMBIGUOUS", message, { operation, range, hint: WRONG_PAGE_ADVICE });
}

/** EROFS for an erase or a program that the chip did not carry out. */
export function ignored(operation: string, range: ByteRange, finding: EraseFinding | undefined): NorbridgeError {
  const command = finding === undefined ? "" : ` ${finding.command}`;
  const message = `${operation} at ${formatRange(range)}: the chip ignored the command${command}: the cells are as they were before`;
  return new NorbridgeError("EROFS", message, { operation, range, hint: IGNORED_ADVICE });
}

/** LINK_SLIPPED: the link lost or duplicated bytes. `what`: what was sent, with the name of the operation. */
export function linkSlipped(what: string, operation: string, range: ByteRange | undefined): NorbridgeError {
  return new NorbridgeError("LINK_SLIPPED", `${what}: ${SLIPPED}`, { operation, range });
}

/** EBUSY, ENODEV, ECANCELED, EROFS, CHIP_AMBIGUOUS or EIO; `range` is where on the chip, if it has a place. */
export function chipFailed(
  operation: string,
  outcome: ChipFailure,
  range: ByteRange | undefined,
  { finding, page }: { readonly finding?: EraseFinding | undefined; readonly page?: PageFinding | undefined } = {},
): NorbridgeError {
  const where = range === undefined ? "" : ` at ${formatRange(range)}`;
  const details = { operation, range };
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
      return linkSlipped(`${operation}${where}`, operation, range);
    case "unsteady":
      return new NorbridgeError("EIO", `${operation}${where}: ${UNSTEADY}`, details);
    case "ignored":
      return ignored(operation, range ?? { address: 0, lengthBytes: 0 }, finding);
    case "wrong-size":
      return finding === undefined
        ? new NorbridgeError("EIO", `${operation}${where}: the erase has another size than expected`, details)
        : wrongSize(operation, finding);
    case "wrong-page":
      return page === undefined
        ? new NorbridgeError("EIO", `${operation}${where}: the chip has other pages than expected`, details)
        : wrongPage(operation, page, "nothing outside of this range was reached");
    case "refused":
    case "aborted":
      return new NorbridgeError("ECANCELED", `${operation}${where}: stopped before it was complete`, details);
    case "program-failed":
    case "erase-failed":
      return new NorbridgeError("EIO", `${operation}${where}: the chip reports that it failed`, details);
  }
}

/** The value of an answer; EIO and related codes where there is none. */
export function valueOf<T>(answer: ChipAnswer<T>, operation: string): T {
  if (answer.outcome === "done") return answer.value;
  throw chipFailed(operation, answer.outcome === "skipped" ? "aborted" : answer.outcome, undefined);
}

/** Throws EIO and related codes for any outcome but `done`. */
export function doneOr(outcome: ChipOutcome, operation: string): void {
  if (outcome !== "done") throw chipFailed(operation, outcome === "skipped" ? "aborted" : outcome, undefined);
}
