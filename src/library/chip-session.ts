/** What all calls of an open chip share: one after the other, on the connection as it is now. */
import { type ByteRange, wholeChip } from "../../drivers/geometry.ts";
import { checkByteRange, checkCallback, checkObject, checkSignal } from "../checks.ts";
import { NorbridgeError } from "../errors.ts";
import type { LiftedProtection } from "../jobs/lift-protection.ts";
import { checkInChip } from "../jobs/target.ts";
import type { ChipAccess } from "../runner/change-chip.ts";
import type { ConnectionRequest } from "../runner/connection-request.ts";
import type { JournalRequest } from "../runner/journal-request.ts";
import { type ChipLink, type Connected, type ConnectOptions, liftFor } from "../runner/with-chip.ts";
import { Turns } from "../turns.ts";
import type { CallOptions } from "./chip-options.ts";
import { type ImageInput, type ImageOptions, type OpenedInput, openInput } from "./image-input.ts";
import type { ProgramHost } from "./program-host.ts";

/** How a chip works, decided by `openChip`. */
export interface ChipSetup {
  readonly request: ConnectionRequest;
  readonly isReadOnly: boolean;
  readonly journal: JournalRequest;
}

export class ChipSession {
  readonly link: ChipLink;
  readonly host: ProgramHost;
  readonly setup: ChipSetup;
  readonly #turns = new Turns();
  #closing: Promise<void> | undefined;

  constructor(link: ChipLink, host: ProgramHost, setup: ChipSetup) {
    this.link = link;
    this.host = host;
    this.setup = setup;
  }

  /** One call at a time. */
  async inTurn<T>(operation: string, options: CallOptions, call: () => Promise<T>): Promise<T> {
    checkObject(options, "options", operation);
    const { signal, onEvent } = options;
    checkSignal(signal, "signal", operation);
    checkCallback(onEvent, "onEvent", operation);
    if (this.#closing !== undefined) {
      throw new NorbridgeError("ESHUTDOWN", `${operation}: the chip is closed`, { operation });
    }
    const turn = await this.#turns.take(signal);
    if (turn === undefined) {
      const message = `${operation}: cancelled before anything was changed`;
      throw new NorbridgeError("ECANCELED", message, { operation, cause: signal?.reason });
    }
    try {
      this.host.signal = signal ?? new AbortController().signal;
      return await call();
    } finally {
      turn.end();
    }
  }

  /** A job in its turn. */
  run<T>(
    operation: string,
    options: CallOptions,
    how: ConnectOptions,
    job: (connected: Connected) => Promise<T>,
  ): Promise<T> {
    return this.inTurn(operation, options, () => this.link.runJob(how, undefined, job));
  }

  /** A job with an image, which is closed on every way out. To be called in its turn. */
  async withImage<T>(
    input: ImageInput,
    options: ImageOptions,
    operation: string,
    job: (opened: OpenedInput) => Promise<T>,
  ): Promise<T> {
    const opened = await openInput(input, options, this.host, operation);
    for (const note of opened.image.notes ?? []) this.host.report.note(note);
    try {
      return await job(opened);
    } finally {
      await opened.close();
    }
  }

  /** How jobs with a journal run on this chip. `before`: what protected it before an earlier run of the job lifted that. */
  access(before?: LiftedProtection): ChipAccess {
    const { request } = this.setup;
    return {
      connection: request,
      run: async (options, job) => {
        const isLifted = request.unprotect || before !== undefined;
        const lift = isLifted ? await liftFor(this.host, before) : undefined;
        try {
          return await this.link.runJob(options, lift, job);
        } finally {
          lift?.end();
        }
      },
    };
  }

  /** The range, or the whole chip. Throws EINVAL and ERANGE. */
  range(range: ByteRange | undefined, operation: string): ByteRange {
    const { geometry } = this.link.connection.device;
    const whole = range ?? wholeChip(geometry);
    checkInChip(whole, geometry, operation);
    return whole;
  }

  /** A missing range is an error: a change of the whole chip must be requested by name. */
  rangeOrAll(range: unknown, operation: string): ByteRange {
    if (range === "all") return this.range(undefined, operation);
    const checked = checkByteRange(range, 'range (or "all")', operation);
    return this.range(checked, operation);
  }

  /** Throws EROFS. */
  checkWritable(operation: string): void {
    if (!this.setup.isReadOnly) return;
    throw new NorbridgeError("EROFS", `${operation}: the chip was opened with readOnly`, {
      operation,
      hint: "Nothing was changed. Open it without readOnly.",
    });
  }

  /** After all calls before it. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#turns.run(() => this.#close());
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      await this.link.close();
    } finally {
      this.link.reportViolations({});
      this.host.recorder?.end(0, "");
    }
    const { recordingProblem } = this.host;
    if (recordingProblem === undefined) return;
    throw new NorbridgeError("FILE_EXISTS", recordingProblem, { operation: "record" });
  }
}
