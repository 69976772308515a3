/**
 * What a job is given by the face that runs it: the command line, or a program that uses the library. Nothing in this room
 * knows which it is.
 */
import type { Remedy } from "../advice.ts";
import type { Clock } from "../clock.ts";
import type { NewHash } from "../hashes/hashes.ts";
import type { KeptPiece } from "../jobs/run-job.ts";
import type { JournalShelf } from "../journal/journal-shelf.ts";
import type { Recorder } from "../recording/recorder.ts";
import type { ConnectionRequest } from "./connection-request.ts";
import type { Connection } from "./connections/connection.ts";

/** A value of a record for programs. */
export type RecordValue = string | number | boolean | null;

/** Where a job says what it does. */
export interface RunReport {
  /** Something a person should know although the job continues. */
  note(message: string, remedies?: readonly Remedy[]): void;
  /** As `note`, but something is not as it should be. */
  warn(message: string, remedies?: readonly Remedy[]): void;
  /** Something that only explains. */
  detail(message: string): void;
  /** The same for programs: fields of a record of this type. */
  record(type: string, fields: Readonly<Record<string, RecordValue>>): void;
  /** What the job waits for from now on; undefined: it waits because it should. */
  waitsFor(what: string | undefined): void;
  /** Nothing more is shown of the job in progress. Idempotent. */
  endProgress(): void;
}

export interface RunHost {
  /** Real time. A simulated port brings its own clock for the job. */
  readonly clock: Clock;
  /** 32 random bits. */
  readonly random: () => number;
  /** Makes the hash of an image; undefined: the one that runs everywhere. */
  readonly newHash?: NewHash | undefined;
  /** Aborts when the job is to end. */
  readonly signal: AbortSignal;
  /** Environment of the process: names a port, and the user's folders. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly report: RunReport;
  /** Opens what the port of the request stands for. Throws PORT_*, BRIDGE_*, CHIP_*, FILE_INVALID. */
  connect(request: ConnectionRequest, options: { readonly willChange: boolean }): Promise<Connection>;
  /** The journals of a folder; undefined: those of the user. */
  journals(folder: string | undefined): JournalShelf;
  /** The words of the command, for a recording. */
  readonly words: readonly string[];
  /** Writes down what goes over the wire; undefined if it was not requested. */
  recorder: Recorder | undefined;
  /** Why the recording is not whole; undefined if it is, or none is made. */
  recordingProblem: string | undefined;
  /** How to release the port in a hurry; undefined once it is closed. */
  set leaving(close: (() => Promise<void>) | undefined);
  /** The caller uses the device between jobs too, and does not know of simulated time. */
  readonly usesDeviceBetweenJobs?: boolean | undefined;
  /** Called before the first operation that changes the chip. */
  chipMayChange(): void;
  /** Loads what keeps bytes whose only copy is in memory, so that nothing has to be loaded once they are in danger. */
  loadRescue(): Promise<Rescue>;
}

/**
 * Keeps bytes that could not be restored on the chip. Returns sentences that report where they are and how to restore them.
 * `connectionWords`: how the chip was reached. Never throws.
 */
export type Rescue = (pieces: readonly KeptPiece[], connectionWords: readonly string[]) => string;
