/** How a life of the program ended; and places where a test plants a bug, to see that the oracle barks. A campaign has none. */
import type { FlashDevice } from "../../flash/flash-device.ts";
import type { JobSafe } from "../../jobs/job-safe.ts";
import type { ChipModel } from "../../sim/chip/core/chip-model.ts";

export interface Attempt {
  /** "done", the code of the error, or "BUG". */
  readonly outcome: string;
  readonly error?: unknown;
  /** What the job answered: bytes read, or its yes or no. */
  readonly answer?: Uint8Array | boolean | undefined;
  /** What the job reports that it has changed; undefined if it went over more than one connection. */
  readonly changed?:
    | {
        readonly erasedUnits: number;
        readonly programmedBytes: number;
        readonly programmedPages: number;
      }
    | undefined;
}

export interface Tamper {
  /** The device that the job gets. */
  readonly device?: ((device: FlashDevice) => FlashDevice) | undefined;
  /** What the job reports to its journal. */
  readonly safe?: ((safe: JobSafe) => JobSafe) | undefined;
  /** The bytes of a journal as the next program finds them. */
  readonly journal?: ((bytes: Uint8Array) => Uint8Array) | undefined;
  /** The chip that the bridge has. */
  readonly chip?: ((chip: ChipModel) => ChipModel) | undefined;
  /** What the job answers. */
  readonly answer?: ((attempt: Attempt) => Attempt) | undefined;
  /** Before the job. */
  readonly before?: ((wait: (us: number) => Promise<void>) => Promise<void>) | undefined;
}
