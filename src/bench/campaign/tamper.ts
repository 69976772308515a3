/** Places where a test plants a bug, to see that the oracle barks. A campaign has none. */
import type { FlashDevice } from "../../flash/flash-device.ts";
import type { JobSafe } from "../../jobs/job-safe.ts";
import type { ChipModel } from "../../sim/chip/chip-model.ts";
import type { Attempt } from "./attempt.ts";

export interface Tamper {
  /** The device that the job gets. */
  readonly device?: (device: FlashDevice) => FlashDevice;
  /** What the job says to its journal. */
  readonly safe?: (safe: JobSafe) => JobSafe;
  /** The bytes of a journal as the next program finds them. */
  readonly journal?: (bytes: Uint8Array) => Uint8Array;
  /** The chip that the bridge has. */
  readonly chip?: (chip: ChipModel) => ChipModel;
  /** What the job answers. */
  readonly answer?: (attempt: Attempt) => Attempt;
  /** Before the job. */
  readonly before?: (wait: (us: number) => Promise<void>) => Promise<void>;
}
