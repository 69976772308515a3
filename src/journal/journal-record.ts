/** What a journal records: the job, and what became of its units. */
import type { ByteRange } from "../../drivers/geometry.ts";
import type { HeldUnit } from "../jobs/job-safe.ts";
import type { LiftedProtection } from "../jobs/lift-protection.ts";
import type { ChipOfJob } from "./journal-bounds.ts";

/** A range, and the value by which its bytes are recognised. Journals of earlier versions have a CRC-32. */
export type RangeDigest = ByteRange & ({ readonly check: number } | { readonly crc32: number });

/** What a job has to do, in the words of the command line. */
export interface JobRecord {
  readonly v: 1;
  /**
   * One more than any journal in the folder had when this one started: the order of jobs, whatever clocks say. Left out by the
   * version before: older than all that have one.
   */
  readonly number?: number | undefined;
  /** When it started by the machine's clock, milliseconds since 1970: for lists. Left out by the version before. */
  readonly startedAtMs?: number | undefined;
  readonly command: "write" | "erase" | "stream";
  /** Name of a file or `-`, as an absolute path, and how it was read; undefined for an erase. */
  readonly image?:
    | {
        readonly file: string;
        /** Where a raw file goes; undefined: at 0. */
        readonly place?: number | undefined;
        /** Further files of the same image. */
        readonly more?: readonly { readonly file: string; readonly place?: number | undefined }[] | undefined;
        readonly format?: string | undefined;
        readonly base: number;
        readonly lengthBytes?: number | undefined;
        readonly familyId?: number | undefined;
        /** The part of the file that is used, by its own addresses. */
        readonly crop?: ByteRange | undefined;
        /** Ranges of the chip that are written; what the image has elsewhere is left out. */
        readonly only?: readonly ByteRange[] | undefined;
        /** Value of the bytes in gaps. */
        readonly fillByte?: number | undefined;
        /** Of all bytes by their addresses. */
        readonly sha256: string;
      }
    | undefined;
  /** Of a stream: how the device's stream is set up. */
  readonly stream?:
    | {
        readonly bufferBytes: number;
        readonly writeBlockBytes: number;
        /** The page that contains this place of the range is erased first. */
        readonly erasePage?: number | undefined;
        /** Ranges of the chip that may be erased although they hold other data. */
        readonly overwrite?: readonly ByteRange[] | undefined;
      }
    | undefined;
  /** Where on the chip: offset of the image, or the range that is erased or streamed to. */
  readonly address: number;
  readonly lengthBytes: number;
  readonly chip: ChipOfJob;
  /** Parts of the chip that the job does not touch, to recognise it if it has no number of its own. */
  readonly beside: readonly RangeDigest[];
  /** Keeps what it replaces, so that it can be undone. */
  readonly keepsOld: boolean;
  /** What protected the chip before the job lifted it, to be restored at its end; undefined if nothing was lifted. */
  readonly protection?: LiftedProtection | undefined;
  /** The connection options as they were typed. */
  readonly connection: readonly string[];
  /** Process that runs the job. */
  readonly process: { readonly pid: number; readonly started: string };
}

/** One line of a journal. */
export type JournalLine =
  | { readonly kind: "job"; readonly job: JobRecord }
  | { readonly kind: "hold"; readonly units: readonly HeldUnit[] }
  | { readonly kind: "blank"; readonly value: number; readonly ranges: readonly ByteRange[] }
  | { readonly kind: "release"; readonly address: number; readonly asBefore?: true | undefined }
  | { readonly kind: "progress"; readonly bytesWritten: number }
  | { readonly kind: "undo" }
  | { readonly kind: "done"; readonly digests: readonly RangeDigest[] };
