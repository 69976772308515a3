/** What the calls of an open chip take, and what those that change it report. */
import type { ByteRange } from "../../drivers/geometry.ts";
import type { ImageFormat } from "../files/image-source.ts";
import type { EraseReport } from "../jobs/erase-range.ts";
import type { JobEvent } from "../jobs/job-event.ts";
import type { WriteReport } from "../jobs/write/write-image.ts";
import type { ImageOptions } from "./image-input.ts";

/** What every call takes. */
export interface CallOptions {
  /** Aborts the call: ECANCELED before anything was changed, INTERRUPTED after. */
  readonly signal?: AbortSignal | undefined;
  /** Called for each event of the job, see `JobContext.onEvent`. */
  readonly onEvent?: ((event: JobEvent) => void) | undefined;
}

/** How to write an image to a chip. All of it may be left out. */
export interface ChipWriteOptions extends CallOptions, ImageOptions {
  /** Compare checksums after programming; default true. */
  readonly verify?: boolean | undefined;
  /** Program without first comparing checksums; default false. */
  readonly assumeBlank?: boolean | undefined;
  /** How often a sector that was not written correctly is erased and written again, 0 to 100; default 2. */
  readonly retries?: number | undefined;
}

/** What is compared with the chip, and where. */
export interface ChipCompareOptions extends CallOptions, ImageOptions {}

/** How to read a chip. All of it may be left out. */
export interface ReadOptions extends CallOptions {
  /** Read once and compare nothing; default: as the chip was opened, usually false. */
  readonly fast?: boolean | undefined;
}

/** How to read a chip into a file. */
export interface ReadToOptions extends ReadOptions {
  /** What to read; default: the whole chip. */
  readonly range?: ByteRange | undefined;
  /** Format of the file; default: by its extension, else raw. */
  readonly format?: Exclude<ImageFormat, "elf"> | undefined;
  /** Added to every address in a file that has addresses, bytes; default 0. */
  readonly base?: number | undefined;
}

/** What `Chip.write` did. */
export interface ChipWriteReport extends WriteReport {
  /** SHA-256 of all bytes of the image, 64 hex digits. */
  readonly sha256: string;
}

/** What `Chip.erase` did. */
export interface ChipEraseReport extends EraseReport {
  /** What was to be erased. */
  readonly range: ByteRange;
}
