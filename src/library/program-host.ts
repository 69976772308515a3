/** What jobs are given when a program runs them by the library, in Node.js or in a browser. */
import type { Remedy } from "../advice.ts";
import { formatRange } from "../bytes.ts";
import { type Clock, machineRandom, realClock } from "../clock.ts";
import type { KeptPiece } from "../jobs/run-job.ts";
import type { JournalShelf } from "../journal/journal-shelf.ts";
import type { Recorder } from "../recording/recorder.ts";
import type { ConnectionRequest } from "../runner/connection-request.ts";
import type { Connection } from "../runner/connections/connection.ts";
import type { Rescue, RunHost, RunReport } from "../runner/run-host.ts";
import type { ImageFiles, ImageOpener } from "./image-input.ts";

/** Something that a chip, its bridge or a job has to report while the program continues. */
export interface ChipNote {
  /** "detail" only explains, "note" is worth a look, "warning" means that something is not as it should be. */
  readonly level: "detail" | "note" | "warning";
  /** A sentence without a full stop, printable. */
  readonly message: string;
  /** What a person can do about it; empty if there is nothing to do. */
  readonly remedies: readonly Remedy[];
}

/** What a program may give instead of the machine's own time and chance, and who hears what there is to report. */
export interface HostOptions {
  /** Called for each note. What it throws is ignored: a job on a chip does not end by it. */
  readonly onNote?: ((note: ChipNote) => void) | undefined;
  /** Time; default: the machine's. A simulated port has its own. */
  readonly clock?: Clock | undefined;
  /** Returns 32 random bits; default: the machine's random generator. */
  readonly random?: (() => number) | undefined;
}

/** Everything but the ways to a chip, its journals and image files: those are where the program runs. */
export abstract class ProgramHost implements RunHost, ImageOpener {
  readonly clock: Clock;
  readonly random: () => number;
  readonly newHash: RunHost["newHash"];
  readonly report: RunReport;
  readonly usesDeviceBetweenJobs = true;
  /** A program has no words that could be run again. */
  readonly words: readonly string[] = [];
  recorder: Recorder | undefined;
  recordingProblem: string | undefined;
  leaving: (() => Promise<void>) | undefined;
  /** Of the call in progress. */
  signal: AbortSignal = new AbortController().signal;
  #unrestored: readonly KeptPiece[] = [];

  abstract readonly env: RunHost["env"];
  abstract readonly files: ImageFiles | undefined;
  abstract connect(request: ConnectionRequest, options: { readonly willChange: boolean }): Promise<Connection>;
  abstract journals(folder: string | undefined): JournalShelf;

  constructor({ onNote, clock, random }: HostOptions) {
    this.clock = clock ?? realClock;
    this.random = random ?? machineRandom;
    const tell =
      (level: ChipNote["level"]) =>
      (message: string, remedies: readonly Remedy[] = []): void => {
        try {
          onNote?.({ level, message, remedies });
        } catch {
          // The listener's own matter.
        }
      };
    const nothing = (): void => undefined;
    const report = { note: tell("note"), warn: tell("warning"), detail: tell("detail") };
    this.report = { ...report, record: nothing, waitsFor: nothing, endProgress: nothing };
  }

  /** Releases the port in a hurry. */
  async leave(): Promise<void> {
    await this.leaving?.();
  }

  chipMayChange(): void {
    // A program knows what it asked for.
  }

  /** Bytes whose only copy is in memory: the last job that failed could not restore them. */
  get unrestored(): readonly KeptPiece[] {
    return this.#unrestored;
  }

  loadRescue(): Promise<Rescue> {
    this.#unrestored = [];
    return Promise.resolve((pieces) => {
      this.#unrestored = pieces;
      const places = pieces.map(({ address, data }) => formatRange({ address, lengthBytes: data.length }));
      return `The only copy of ${places.join(", ")} is in \`unrestored\` of the chip: save it, and write it back.`;
    });
  }
}
