/** What the parts of one write work with. */
import type { ByteRange, FlashGeometry } from "../../../drivers/geometry.ts";
import type { JobSafe } from "../job-safe.ts";
import type { JobTools } from "../job-tools.ts";
import type { PhaseCount } from "../phase-count.ts";
import type { Target } from "../target.ts";
import type { KeptBytes } from "./kept-bytes.ts";
import type { WriteCounts } from "./write-counts.ts";

/** The phases of a write that change the chip or follow a change. */
export interface WriterPhases {
  readonly erase: PhaseCount;
  readonly program: PhaseCount;
  /** Undefined: nothing is verified. */
  readonly verify: PhaseCount | undefined;
}

/** Shared by the writer, its rows and copies, and the repair. */
export interface WriterParts {
  /** The longest span that is verified by one digest. */
  readonly digestBytes: number;
  /** The link has no integrity checking: a digest that is wrong is requested once more. */
  readonly isUnchecked: boolean;
  /** Is counted up; also over several writers of one job. */
  readonly counts: WriteCounts;
  readonly target: Target;
  readonly geometry: FlashGeometry;
  readonly context: JobTools;
  readonly operation: string;
  readonly phases: WriterPhases;
  readonly kept: KeptBytes;
  readonly safe: JobSafe | undefined;
  /** Parts of the target that are bytes of the chip from before, and are nowhere else. */
  readonly precious: readonly ByteRange[];
}
