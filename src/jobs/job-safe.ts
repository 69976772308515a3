/**
 * Where a job stores, durably, what a resume would require if it were killed now: the bytes that an erase destroys and the
 * target does not hold, and which units have not been verified since. Jobs know only this; the disk is another layer's.
 */
import type { ByteRange } from "../../drivers/geometry.ts";
import type { KeptPiece } from "./run-job.ts";

/** One smallest erase block that an erase takes with it. */
export interface HeldUnit extends ByteRange {
  /** Bytes in it that are outside of the target; none if the target covers it. */
  readonly pieces: readonly KeptPiece[];
  /** Bytes in it that the target replaces; only if the safe keeps them. */
  readonly old?: readonly KeptPiece[] | undefined;
}

/**
 * Keeps what an erase takes with it, on the host's disk for example, until the chip holds it again. A job calls it
 * before and after each erase.
 */
export interface JobSafe {
  /** Whether what is replaced is kept as well, for an undo. */
  readonly keepsOld?: boolean | undefined;
  /** Whether the unit at this address is in progress with all that was in it: it may read as anything by now. */
  holds?(address: number): boolean;
  /** Returns when it is durable. Called before the erase is sent; throws if it cannot be kept, and nothing is erased. */
  hold(units: readonly HeldUnit[]): void;
  /** Cells that read `value`, which is blank, are about to be programmed. Called only if what is replaced is kept. */
  blank?(ranges: readonly ByteRange[], value: number): void;
  /**
   * A unit that was held only because an erase beside it could have reached it is as it was. If it is left out, such units stay
   * held until they are released.
   */
  spare?(address: number): void;
  /**
   * A job ended, well or not, and whether it has changed the chip. If none of the jobs with this safe has, what they handed over
   * is not needed.
   */
  ended?(hasChanged: boolean): void;
  /** The unit at this address is proved to hold what it should: nothing has to be known of it any more. */
  release(address: number): void;
}
