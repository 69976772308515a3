/** How a target is written: one set of options from the program or command line to the writer. */
import type { ByteRange } from "../../../drivers/geometry.ts";
import type { JobSafe } from "../job-safe.ts";
import type { JobPast, UnrestoredHandler } from "../run-job.ts";

/** How often a sector that was not written correctly is erased and written again if it is not specified. */
export const USUAL_RETRIES = 2;

/** How to write an image. All of it may be left out. */
export interface WriteRequest {
  /** Added to every address of the image, bytes; default 0. May be negative if no byte comes to lie below address 0. */
  readonly offset?: number | undefined;
  /** Compare checksums after programming; default true. Without it a byte that was not written correctly is not noticed. */
  readonly verify?: boolean | undefined;
  /**
   * Program without first comparing checksums; default false. What was not blank fails the verify, and is then erased and
   * written again.
   */
  readonly assumeBlank?: boolean | undefined;
  /** How often a sector that was not written correctly is erased and written again, 0 to 100; default 2. */
  readonly retries?: number | undefined;
  /** Compare the rest of the chip before and after. */
  readonly checkUntouched?: boolean | undefined;
  /** Receives bytes outside of the image that the job erased and could not restore. */
  readonly onUnrestored?: UnrestoredHandler | undefined;
  /** Keeps bytes of an erase block while it is erased, so that a later run can restore them. */
  readonly safe?: JobSafe | undefined;
  /** What earlier parts of the same work have changed: decides what an error means. */
  readonly past?: JobPast | undefined;
  /** Places where an erase may have been cut: erased again whatever they read. */
  readonly distrusted?: readonly ByteRange[] | undefined;
  /**
   * Parts of the image that are bytes of the chip from before, and are nowhere else: they are kept as bytes outside of it are
   * if an erase could reach them.
   */
  readonly precious?: readonly ByteRange[] | undefined;
}

/** What `putContent` is given: the options of a write, for a target that is in place. */
export interface PutRequest extends Omit<WriteRequest, "offset"> {
  /** For messages: "write", "erase". */
  readonly operation: string;
}
