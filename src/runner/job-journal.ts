/** The journal of a command that changes the chip: started before it, removed when it is done, kept if it was killed. */
import type { ByteRange, FlashGeometry } from "../../drivers/geometry.ts";
import type { LiftedProtection } from "../jobs/lift-protection.ts";
import { advice, type Advice, type Remedy } from "../advice.ts";
import { printable } from "../bytes.ts";
import { type Clock, wallClockMs } from "../clock.ts";
import { systemReason } from "../disk/file-problem.ts";
import { NorbridgeError } from "../errors.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import { chipOf, digestsBeside, digestsOf, fitsBeside } from "../journal/chip-proof.ts";
import type { JobRecord, RangeDigest } from "../journal/journal-line.ts";
import type { JournalPlace, JournalShelf } from "../journal/journal-shelf.ts";
import { Journal } from "../journal/journal.ts";
import { type JournalHead, type LeftJob, nextJobNumber } from "../journal/left-job.ts";
import { quietly } from "../disk/quietly.ts";
import type { Connected } from "./with-chip.ts";
import type { ConnectionRequest } from "./connection-request.ts";
import type { JournalRequest } from "./journal-request.ts";
import { count } from "./quantities.ts";
import type { RunHost } from "./run-host.ts";

/** The facts of a job in its journal, without those of the connection. */
export type JournalSubject = Pick<JobRecord, "command" | "image" | "stream" | "address" | "lengthBytes">;

/** A job before it starts: the facts for its journal, and the ranges that it may change. */
export interface JournalPlan {
  readonly subject: JournalSubject;
  readonly touched: readonly ByteRange[];
}

/** The place of a job's journal, before it starts. */
export type JournalDevice = Pick<Connected, "device" | "clock">;

/** Decides where the journal of a job is. */
export interface JournalSource {
  /** The shelf of the journal. */
  readonly shelf: JournalShelf;
  /** Called once, before anything is opened: work that may wait for a disk is done here. Throws ECANCELED. */
  prepare(): Promise<void>;
  /**
   * Called once, on the first connection; without a place the journal is only in memory. `lifted`: the protection of
   * the chip before this command.
   */
  begin(connected: JournalDevice, lifted: LiftedProtection | undefined): Promise<BegunJournal>;
  /** Called at the end, on every way out. */
  release(): void;
}

/** An open journal; without a place it is only in memory. */
export interface BegunJournal {
  readonly journal: Journal;
  readonly place: JournalPlace | undefined;
}

/** Journal of one command, over all connections of the job. */
export class JobJournal {
  readonly #source: JournalSource;
  readonly #host: RunHost;
  #open: (BegunJournal & { readonly chip: JobRecord["chip"] }) | undefined;

  #isDone = false;
  #kept: JournalPlace | undefined;

  constructor(source: JournalSource, host: RunHost) {
    this.#source = source;
    this.#host = host;
  }

  /** Whether the preserved bytes of the job survive the end of this program. */
  get isKept(): boolean {
    return this.#open?.place !== undefined;
  }

  /** Before anything is opened. Throws ECANCELED. */
  async prepare(): Promise<void> {
    await this.#source.prepare();
  }

  /**
   * Starts the journal, before the first change to the chip; over another connection the job continues with the same one.
   * Throws FILE_EXISTS if it cannot be written, CHIP_CHANGED if the connected chip is not the one of this job.
   */
  async begin(connected: JournalDevice, lifted: LiftedProtection | undefined): Promise<void> {
    const chip = await chipOf(connected.device);
    if (this.#open === undefined) {
      this.#open = { ...(await this.#source.begin(connected, lifted)), chip };
    } else if (JSON.stringify(chip) !== JSON.stringify(this.#open.chip)) {
      throw new NorbridgeError("CHIP_CHANGED", "the connected chip is not the one of this job", {
        operation: "reconnect",
      });
    }
  }

  /** Throws BUG before `begin`. */
  get journal(): Journal {
    if (this.#open === undefined) throw new NorbridgeError("BUG", "no journal was begun", { operation: "journal" });
    return this.#open.journal;
  }

  /** The job succeeded: the file is removed, or kept for an undo. Throws FILE_EXISTS if neither works. */
  async succeed(device: FlashDevice): Promise<void> {
    const { journal, place } = this.#open ?? {};
    if (journal === undefined || place === undefined) return;
    if (!journal.keepsOld || !journal.isOfUse || journal.isUndoing) {
      this.#isDone = true;
      this.#afterTheJob("cannot be removed", "It is no longer needed. Remove it by hand.", () => {
        place.remove();
      });
      return;
    }
    const digests = await digestsOf(device, journal.oldRanges);
    this.#isDone = true;
    const undo: Remedy = { kind: "undo-job", job: place.id };
    const hint = advice("Free space on its disk. The old content can still be restored.", undo);
    this.#afterTheJob("could not be completed", hint, () => {
      journal.done(digests);
    });
    this.#kept = place;
    this.#host.report.note("the old content is kept", [undo]);
  }

  /** After all other work, since it may wait for a disk: removes older journals beyond the limit. Never throws. */
  async prune(): Promise<void> {
    const { report, signal } = this.#host;
    if (this.#kept === undefined || signal.aborted) return;
    report.waitsFor("the folder of the journals");
    try {
      await this.#source.shelf.prune(this.#kept, signal);
    } catch (error) {
      // They stay until the next job.
      if (!(error instanceof NorbridgeError)) throw error;
      report.detail(`older journals were not removed: ${error.message}`);
    }
  }

  /** The job failed finally. Returns what can be done with its journal; undefined if it is empty. Never throws. */
  fail(): readonly Remedy[] | undefined {
    const { journal, place } = this.#open ?? {};
    if (this.#isDone || journal === undefined || place === undefined) return undefined;
    if (!journal.isOfUse) {
      try {
        place.remove();
      } catch (error) {
        const why = systemReason(error);
        this.#host.report.warn(`the empty journal ${printable(place.path)} cannot be removed: ${why}`);
      }
      return undefined;
    }
    const job = place.id;
    return [
      { kind: "continue-job", job },
      ...(journal.keepsOld && !journal.isUndoing ? [{ kind: "undo-job", job } as const] : []),
    ];
  }

  /**
   * Closes the journal, on every exit path. Throws FILE_EXISTS if the last write did not reach the disk and the file is
   * still needed; a removed file is not.
   */
  close(): void {
    try {
      const { journal } = this.#open ?? {};
      const hint = advice("Check its disk, and whether the job can still be undone.", "list-jobs");
      const what = this.#isDone ? "could not be closed" : "could not be closed, and may be incomplete";
      if (this.#isDone && this.#kept === undefined) quietly(() => journal?.close());
      else this.#afterTheJob(what, hint, () => journal?.close());
    } finally {
      this.#source.release();
    }
  }

  /** Throws FILE_EXISTS, "the job was done, but", for a disk error after the chip already has the right content. */
  #afterTheJob(what: string, hint: string | Advice, act: () => void): void {
    try {
      act();
    } catch (error) {
      const { cause } = error instanceof NorbridgeError ? error : { cause: error };
      const begin = this.#isDone ? "the job was done, but its journal" : "the journal";
      const path = printable(this.#open?.place?.path ?? "");
      throw new NorbridgeError("FILE_EXISTS", `${begin} ${path} ${what}: ${systemReason(cause ?? error)}`, {
        operation: "write journal",
        hint,
        cause: error,
      });
    }
  }
}

/**
 * A journal for a new job. `plan` returns the facts of the job and the ranges that it may change, for a chip of this geometry
 * and with the clock of the chip; it throws if the job is not possible. A simulated chip and a dump get a file only on
 * request: they do not outlive this program.
 */
export function newJournal(
  connection: Pick<ConnectionRequest, "port" | "words">,
  request: JournalRequest,
  host: RunHost,
  plan: (geometry: FlashGeometry, clock: Clock) => JournalPlan | Promise<JournalPlan>,
): JournalSource {
  const { isOff, keepsOld } = request;
  const shelf = host.journals(request.folder);
  const { port, words } = connection;
  const isReal = port?.kind !== "sim" && port?.kind !== "image" && port?.kind !== "replay";
  const isWanted = !isOff && (request.folder !== undefined || isReal || keepsOld);
  let left: readonly LeftJob<JournalHead>[] = [];
  let place: JournalPlace | undefined;
  return {
    shelf,
    async prepare() {
      if (!isWanted) return;
      host.report.waitsFor("the folder of the journals");
      left = await headsIfReadable(shelf, host);
      place = await shelf.reserve();
    },
    release: () => place?.release(),
    async begin({ device, clock }, lifted) {
      const { subject, touched } = await plan(device.geometry, clock);
      const chip = await chipOf(device);
      // Also without a file: the same commands are sent then, and a recording of one fits the other.
      const beside = chip.uniqueId === "" ? await digestsBeside(device, touched) : [];
      if (place === undefined) return { journal: Journal.inMemory(), place: undefined };
      await noteLeftJobs(left, { device, chip, beside }, host);
      const protection = lifted === undefined ? {} : { protection: lifted };
      const job = {
        v: 1 as const,
        number: nextJobNumber(left),
        startedAtMs: wallClockMs(),
        ...subject,
        chip,
        beside,
        keepsOld,
        ...protection,
      };
      const record = { ...job, connection: words, process: shelf.mark() };
      return { journal: place.create(record), place };
    },
  };
}

/** A folder that cannot be listed does not stop a job; one that cannot be written fails when the journal is created. */
async function headsIfReadable(shelf: JournalShelf, { signal }: RunHost): Promise<readonly LeftJob<JournalHead>[]> {
  try {
    return await shelf.heads(signal);
  } catch (error) {
    if (error instanceof NorbridgeError && error.code === "FILE_INVALID") return [];
    throw error;
  }
}

/** At most this many interrupted jobs are named; the others are counted. */
const MAX_NAMED = 5;
/** At most this many of the newest jobs are compared with a chip that has no unique ID. */
const MAX_COMPARED = 32;

interface PresentChip {
  readonly device: FlashDevice;
  readonly chip: JobRecord["chip"];
  /** Its content at some places, if known. */
  readonly beside: readonly RangeDigest[];
}

/** Reports the interrupted jobs of this chip. Without a unique ID, only those are named whose checksums match the chip. */
async function noteLeftJobs(
  left: readonly LeftJob<JournalHead>[],
  present: PresentChip,
  { report, recorder }: RunHost,
): Promise<void> {
  const { chip, device, beside } = present;
  const ofChip: string[] = [];
  for (const { id, journal } of leftOnKind(left, chip).slice(-MAX_COMPARED)) {
    // A recording contains only the traffic of this job, whatever is in the folder.
    const mayRead = recorder === undefined;
    const fit = chip.uniqueId === "" ? await fitsBeside(device, journal.beside, beside, mayRead) : "fits";
    if (fit === "fits") ofChip.push(id);
    else if (fit === "unknown") report.detail(`job ${printable(id)} may belong to this chip`);
  }
  for (const id of ofChip.slice(-MAX_NAMED)) {
    report.warn(`an earlier job on this ${printable(chip.name)} was interrupted`, [
      { kind: "continue-job", job: printable(id) },
    ]);
  }
  const others = ofChip.length - MAX_NAMED;
  if (others > 0)
    report.warn(`${count(others, "other job")} on this chip ${others === 1 ? "was" : "were"} interrupted`, [
      "list-jobs",
    ]);
}

/** Interrupted jobs on chips with this ID and number. */
function leftOnKind(
  left: readonly LeftJob<JournalHead>[],
  chip: JobRecord["chip"],
): { id: string; journal: JournalHead }[] {
  return left.flatMap(({ id, journal, runner }) => {
    if (journal instanceof NorbridgeError || runner !== undefined || journal.isDone) return [];
    const { chip: other } = journal.job;
    return other.jedecId === chip.jedecId && other.uniqueId === chip.uniqueId ? [{ id, journal }] : [];
  });
}
