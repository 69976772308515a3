/**
 * A chip that a program has opened: jobs, one after the other, each with what the command line has for it. Nothing here needs
 * Node.js.
 */
import type { ProtectionState } from "../../drivers/chip-driver.ts";
import type { ByteRange, FlashGeometry } from "../../drivers/geometry.ts";
import type { Bridge } from "../bridge/bridge.ts";
import { checkFlag, ifGiven, notValid } from "../checks.ts";
import type { Clock } from "../clock.ts";
import type { ImageSource } from "../files/image-source.ts";
import type { FlashDevice, FlashIdentity } from "../flash/flash-device.ts";
import { blankCheck, type BlankReport } from "../jobs/blank-check.ts";
import { type Difference, diffImage } from "../jobs/diff-image.ts";
import type { JobContext } from "../jobs/job-event.ts";
import { readFlash } from "../jobs/read-flash.ts";
import type { KeptPiece } from "../jobs/run-job.ts";
import { verifyImage, type VerifyReport } from "../jobs/verify-image.ts";
import type { WritePlan } from "../jobs/write/plan.ts";
import { planImage } from "../jobs/write/write-image.ts";
import { runErase, runWrite, type Watch } from "../runner/change-jobs.ts";
import type {
  CallOptions,
  ChipCompareOptions,
  ChipEraseReport,
  ChipWriteOptions,
  ChipWriteReport,
  ReadOptions,
} from "./chip-options.ts";
import type { ChipSession } from "./chip-session.ts";
import { changeProtection } from "./change-protection.ts";
import { checkImageOptions, checkWriteOptions, type ImageInput } from "./image-input.ts";
import {
  checkJobOptions,
  resumeOn,
  type ResumeOptions,
  type ResumeReport,
  undoOn,
  type UndoOptions,
  type UndoReport,
} from "./resume-on-chip.ts";
import type { ChipNote } from "./program-host.ts";

/**
 * An open chip. Calls may overlap in time: each waits for those before it. A call whose signal aborts while it waits ends at
 * once, by ECANCELED. If the bridge is lost in the middle of a call, and comes back, the call continues on a new connection (at
 * most three times).
 */
export class ChipBase {
  /** @internal */
  protected readonly session: ChipSession;

  /** What the opening noted: doubts about the part, a slower SPI clock, an unchecked link. Empty if there is nothing to note. */
  readonly notes: readonly ChipNote[];

  /** @internal Programs use `openChip`, or `openChipOn` in a browser. */
  constructor(session: ChipSession, notes: readonly ChipNote[]) {
    this.session = session;
    this.notes = notes;
  }

  /** Name, vendor and JEDEC ID of the chip. */
  get identity(): FlashIdentity {
    return this.device.identity;
  }

  /** Size, pages and erase blocks of the chip. */
  get geometry(): FlashGeometry {
    return this.device.geometry;
  }

  /** The device for all other functions: storage formats, streams, regions. After a lost bridge it is another one. */
  get device(): FlashDevice {
    return this.session.link.connection.device;
  }

  /** The bridge; undefined for a dump. */
  get bridge(): Bridge | undefined {
    return this.session.link.connection.bridge;
  }

  /** The time that the chip lives in: simulated for a simulated port and a recording, else real. */
  get clock(): Clock {
    return this.device.clock ?? this.session.link.connection.clock;
  }

  /** SPI clock in use, Hz; undefined if the bridge does not report it. */
  get spiClockHz(): number | undefined {
    const { spiClockHz } = this.session.link.connection;
    return spiClockHz === 0 ? undefined : spiClockHz;
  }

  /**
   * Bytes that were erased around a range and not restored by the call that failed last: the only copy, unless a journal holds
   * them. Empty otherwise.
   */
  get unrestored(): readonly KeptPiece[] {
    return this.session.host.unrestored;
  }

  /**
   * Reads a range, by default the whole chip.
   *
   * @throws NorbridgeError EINVAL, ERANGE; EIO, also if repeated reads differ; EBUSY, ECANCELED, link errors.
   */
  async read(range?: ByteRange, options: ReadOptions = {}): Promise<Uint8Array> {
    const fast = this.isFast(options);
    const whole = this.session.range(range, "read");
    return this.session.run("read", options, { willChange: false, mayReconnect: true }, async ({ device, clock }) => {
      const bytes = new Uint8Array(whole.lengthBytes);
      const sink = (address: number, data: Uint8Array): void => bytes.set(data, address - whole.address);
      await readFlash(device, whole, sink, { clock, signal: options.signal, onEvent: options.onEvent }, { fast });
      return bytes;
    });
  }

  /** @internal */
  protected isFast({ fast }: Pick<ReadOptions, "fast">): boolean {
    ifGiven(fast, (value) => checkFlag(value, "options.fast", "read"));
    return fast ?? this.session.setup.request.care === "fast";
  }

  /**
   * Makes the chip hold an image, keeps every other byte, and verifies. Sectors that hold the right bytes are skipped.
   *
   * @throws NorbridgeError EINVAL, ERANGE; FILE_INVALID if the image is wrong or does not fit; EROFS if the chip is protected or
   * opened for reading; EIO, EBUSY; ECANCELED and link errors before any change, INTERRUPTED after one; INTERRUPTED_FINAL if
   * bytes around the image were erased, not restored, and are in no journal (see `unrestored`).
   */
  async write(image: ImageInput, options: ChipWriteOptions = {}): Promise<ChipWriteReport> {
    this.session.checkWritable("write");
    checkWriteOptions(options, "write");
    const { offset, verify, assumeBlank, retries } = options;
    const checkUntouched = this.session.setup.request.care === "paranoid";
    return this.session.inTurn("write", options, () =>
      this.session.withImage(image, options, "write", async ({ image: opened, named }) => {
        const request = { offset, verify, assumeBlank, retries, checkUntouched };
        // A program that made the bytes itself, or said where they go, has decided how they lie on the chip.
        const isPlaced = offset !== undefined || !(typeof image === "string" || image instanceof URL);
        const job = { image: opened, named, isPlaced, request, journal: this.session.setup.journal };
        return runWrite(this.session.access(), job, this.session.host, watchBy(options));
      }),
    );
  }

  /**
   * What `write` would do now; changes nothing.
   *
   * @throws NorbridgeError EINVAL, ERANGE; FILE_INVALID; EIO, EBUSY, ECANCELED, link errors.
   */
  async plan(image: ImageInput, options: ChipWriteOptions = {}): Promise<WritePlan> {
    checkWriteOptions(options, "plan");
    const { offset, assumeBlank } = options;
    return this.#compare("plan", image, options, (device, opened, context) =>
      planImage(device, opened, { offset, assumeBlank }, context),
    );
  }

  /**
   * Whether the chip holds the image, by comparing checksums.
   *
   * @throws NorbridgeError EINVAL, ERANGE; FILE_INVALID; EIO, EBUSY, ECANCELED, link errors.
   */
  async verify(image: ImageInput, options: ChipCompareOptions = {}): Promise<VerifyReport> {
    return this.#compare("verify", image, options, (device, opened, context) =>
      verifyImage(device, opened, { offset: options.offset }, context),
    );
  }

  /**
   * All differences between chip and image, in order of address. A difference is at most 4,096 bytes long; a longer one comes as
   * several. `diffImage` gives them one by one.
   *
   * @throws NorbridgeError EINVAL, ERANGE; FILE_INVALID; EIO, EBUSY, ECANCELED, link errors.
   */
  async diff(image: ImageInput, options: ChipCompareOptions = {}): Promise<readonly Difference[]> {
    return this.#compare("diff", image, options, async (device, opened, context) => {
      const differences: Difference[] = [];
      for await (const one of diffImage(device, opened, { offset: options.offset }, context)) differences.push(one);
      return differences;
    });
  }

  /**
   * Erases a range, or "all" of the chip, and keeps every other byte.
   *
   * @throws NorbridgeError as `write`; EINVAL if no range is given.
   */
  async erase(range: ByteRange | "all", options: CallOptions = {}): Promise<ChipEraseReport> {
    this.session.checkWritable("erase");
    const whole = this.session.rangeOrAll(range, "erase");
    return this.session.inTurn("erase", options, async () => {
      const { journal } = this.session.setup;
      return runErase(this.session.access(), () => whole, journal, this.session.host, watchBy(options));
    });
  }

  /**
   * Whether a range is blank, by default the whole chip.
   *
   * @throws NorbridgeError EINVAL, ERANGE; EIO, EBUSY, ECANCELED, link errors.
   */
  async blankCheck(range?: ByteRange, options: CallOptions = {}): Promise<BlankReport> {
    const whole = this.session.range(range, "blank check");
    return this.session.run("blank check", options, { willChange: false, mayReconnect: true }, ({ device, clock }) =>
      blankCheck(device, whole, { clock, ...options }),
    );
  }

  /**
   * Completes a job that was interrupted on this chip, by this library or the command line: writes what is left, and restores the
   * bytes around it. An interrupted undo is completed as an undo. The chip must be the same, and the image too.
   *
   * @param jobId see `listJobs`; left out: the only interrupted job.
   * @throws NorbridgeError as `write`; CHECK_FAILED if there is no such job; USAGE if several could be meant; EBUSY if a process
   * works on it; CHIP_CHANGED for another chip or changed content; FILE_INVALID for another image or a damaged journal.
   */
  async resume(jobId?: string, options: ResumeOptions = {}): Promise<ResumeReport> {
    checkJobOptions(jobId, options, "resume");
    this.session.checkWritable("resume");
    return this.session.inTurn("resume", options, () => resumeOn(this.session, jobId, options));
  }

  /**
   * Restores the bytes that a job replaced, finished or interrupted, if it ran with `keepOld`.
   *
   * @param jobId see `listJobs`; left out: the only job that can be undone.
   * @throws NorbridgeError as `resume`; CHECK_FAILED also if the job did not keep the old bytes.
   */
  async undo(jobId?: string, options: UndoOptions = {}): Promise<UndoReport> {
    checkJobOptions(jobId, options, "undo");
    this.session.checkWritable("undo");
    return this.session.inTurn("undo", options, () => undoOn(this.session, jobId, options));
  }

  /**
   * What is protected now, and by which bits.
   *
   * @throws NorbridgeError EINVAL if there is no chip (a dump); EIO, link errors.
   */
  async protection(options: CallOptions = {}): Promise<ProtectionState> {
    return this.session.run("read protection", options, { willChange: false, mayReconnect: true }, ({ device }) =>
      changeProtection(device, "read"),
    );
  }

  /**
   * Protects exactly this range, or "all" of the chip, as lasting as the chip can. Returns what is protected then.
   *
   * @throws NorbridgeError EINVAL; ERANGE, with the possible ranges, if the chip cannot protect just that; EROFS if the chip does
   * not let its protection be changed.
   */
  async protect(range: ByteRange | "all", options: CallOptions = {}): Promise<ProtectionState> {
    this.session.checkWritable("protect");
    const whole = this.session.rangeOrAll(range, "protect");
    return this.session.run("protect", options, { willChange: true }, ({ device }) => changeProtection(device, whole));
  }

  /**
   * Lifts all protection, as lasting as the chip can. For one write, the option `unprotect` of `openChip` is better: it puts the
   * protection back.
   *
   * @throws NorbridgeError EINVAL if there is no chip (a dump); EROFS if the chip does not let its protection be changed.
   */
  async unprotect(options: CallOptions = {}): Promise<ProtectionState> {
    this.session.checkWritable("unprotect");
    return this.session.run("unprotect", options, { willChange: true }, ({ device }) =>
      changeProtection(device, "lift"),
    );
  }

  /**
   * Runs a job of your own after all calls before it; no other call runs meanwhile. On a simulated port simulated time passes
   * while the job waits, so it must not wait for a disk or a network.
   */
  async run<T>(job: (device: FlashDevice) => Promise<T>, options: CallOptions = {}): Promise<T> {
    if (typeof job !== "function") throw notValid("run", "job", "a function", job);
    return this.session.run("run", options, { willChange: !this.session.setup.isReadOnly }, ({ device }) =>
      job(device),
    );
  }

  /**
   * Closes chip, bridge and port when all calls before it have ended, and saves the chip of a simulated port that has a file.
   * Idempotent.
   *
   * @throws NorbridgeError FILE_EXISTS if that file, or the recording, could not be written.
   */
  close(): Promise<void> {
    return this.session.close();
  }

  /** For `await using`; the same as `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #compare<T>(
    operation: string,
    input: ImageInput,
    options: ChipCompareOptions,
    job: (device: FlashDevice, image: ImageSource, context: JobContext) => Promise<T>,
  ): Promise<T> {
    return this.session.inTurn(operation, options, async () => {
      checkImageOptions(options, operation);
      return this.session.withImage(input, options, operation, ({ image }) =>
        this.session.link.runJob({ willChange: false, mayReconnect: true }, undefined, ({ device, clock }) =>
          job(device, image, { clock, signal: options.signal, onEvent: options.onEvent }),
        ),
      );
    });
  }
}

function watchBy({ onEvent }: CallOptions): Watch {
  return () => (event) => onEvent?.(event);
}
