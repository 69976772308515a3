/** The journal of a command that changes the chip: begun before it, removed when it is done, left where it was killed. */
import type { ByteRange, FlashGeometry } from "../../drivers/geometry.ts";
import type { LiftedProtection } from "../jobs/lift-protection.ts";
import { advice, type Advice, type Remedy } from "../advice.ts";
import { printable } from "../bytes.ts";
import { type Clock, wallClockMs } from "../clock.ts";
import { type FileLock, heldOrBusy, tryLockFile } from "../disk/file-lock.ts";
import { systemReason } from "../disk/file-problem.ts";
import { removeFile } from "../disk/folder.ts";
import { NorbridgeError } from "../errors.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import { chipOf, digestsBeside, digestsOf, fitsBeside } from "../journal/chip-proof.ts";
import { createJournal, type JournalHead } from "../journal/journal-file.ts";
import {
  journalFolder,
  journalFolders,
  leftHeads,
  type LeftJob,
  newJournalPath,
  nextJobNumber,
  pruneDoneJobs,
} from "../journal/journal-folder.ts";
import type { JobRecord, RangeDigest } from "../journal/journal-line.ts";
import { Journal } from "../journal/journal.ts";
import { ownMark } from "../disk/process-mark.ts";
import { quietly } from "../disk/quietly.ts";
import type { Connected } from "./with-chip.ts";
import type { ConnectionRequest } from "./connection-request.ts";
import type { JournalRequest } from "./journal-request.ts";
import { count } from "./quantities.ts";
import type { RunHost } from "./run-host.ts";

/** What the journal says of a job beside what the connection says. */
export type JournalSubject = Pick<JobRecord, "command" | "image" | "stream" | "address" | "lengthBytes">;

/** A job before it begins: what its journal says, and which ranges it may change. */
export interface JournalPlan {
  readonly subject: JournalSubject;
  readonly touched: readonly ByteRange[];
}

/** Where a job is, before it begins. */
export type JournalDevice = Pick<Connected, "device" | "clock">;

/** Who says which file a job's journal is. */
export interface JournalSource {
  /** The folder it lies in. */
  readonly folder: string;
  /** Called once, before anything is opened: what may wait for a disk is done here. Throws ECANCELED. */
  prepare(): Promise<void>;
  /**
   * Called once, on the first connection; an undefined path keeps it in memory only. `lifted`: what protected the chip before
   * this command.
   */
  begin(connected: JournalDevice, lifted: LiftedProtection | undefined): Promise<BegunJournal>;
  /** Called at the end, on every way out. */
  release(): void;
}

/** A journal that is written; an undefined path: in memory only. */
export interface BegunJournal {
  readonly journal: Journal;
  readonly path: string | undefined;
}

/** Journal of one command, over as many connections as the job takes. */
export class JobJournal {
  readonly #source: JournalSource;
  readonly #host: RunHost;
  #open: (BegunJournal & { readonly chip: JobRecord["chip"] }) | undefined;

  #isDone = false;
  #keptPath: string | undefined;

  constructor(source: JournalSource, host: RunHost) {
    this.#source = source;
    this.#host = host;
  }

  /** Whether what the job holds outlives this program. */
  get isKept(): boolean {
    return this.#open?.path !== undefined;
  }

  /** Before anything is opened. Throws ECANCELED. */
  async prepare(): Promise<void> {
    await this.#source.prepare();
  }

  /**
   * Begins the journal, before the first change to the chip; over another connection the job goes on with the same one.
   * Throws FILE_EXISTS where it cannot be kept, CHIP_CHANGED if another chip is connected than before.
   */
  async begin(connected: JournalDevice, lifted: LiftedProtection | undefined): Promise<void> {
    const chip = await chipOf(connected.device);
    if (this.#open === undefined) {
      this.#open = { ...(await this.#source.begin(connected, lifted)), chip };
    } else if (JSON.stringify(chip) !== JSON.stringify(this.#open.chip)) {
      throw new NorbridgeError("CHIP_CHANGED", "another chip is connected than before", {
        operation: "reconnect",
      });
    }
  }

  /** Throws BUG before `begin`. */
  get journal(): Journal {
    if (this.#open === undefined) throw new NorbridgeError("BUG", "no journal was begun", { operation: "journal" });
    return this.#open.journal;
  }

  /** The job ended well: the file goes, or stays for an undo. Throws FILE_EXISTS where the disk does neither. */
  async succeed(device: FlashDevice): Promise<void> {
    const { journal, path } = this.#open ?? {};
    if (journal === undefined || path === undefined) return;
    if (!journal.keepsOld || !journal.isOfUse || journal.isUndoing) {
      this.#isDone = true;
      this.#afterTheJob("cannot be removed", "It is no longer needed. Remove it by hand.", () => {
        removeFile(path);
      });
      return;
    }
    const digests = await digestsOf(device, journal.oldRanges);
    this.#isDone = true;
    const undo: Remedy = { kind: "undo-job", job: idOf(path) };
    const hint = advice("Free space on its disk. The old content can still be restored.", undo);
    this.#afterTheJob("could not be completed", hint, () => {
      journal.done(digests);
    });
    this.#keptPath = path;
    this.#host.report.note("the old content is kept", [undo]);
  }

  /** Behind everything, where a disk may be waited for: older journals make room for the one that stays. Never throws. */
  async prune(): Promise<void> {
    const { report, signal } = this.#host;
    if (this.#keptPath === undefined || signal.aborted) return;
    report.waitsFor("the folder of the journals");
    try {
      await pruneDoneJobs(this.#source.folder, this.#keptPath, signal);
    } catch (error) {
      // They stay until the next job.
      if (!(error instanceof NorbridgeError)) throw error;
      report.detail(`older journals were not removed: ${error.message}`);
    }
  }

  /** The job failed for good. Returns what can be done with its journal; undefined if it is empty. Never throws. */
  fail(): readonly Remedy[] | undefined {
    const { journal, path } = this.#open ?? {};
    if (this.#isDone || journal === undefined || path === undefined) return undefined;
    if (!journal.isOfUse) {
      try {
        removeFile(path);
      } catch (error) {
        const why = systemReason(error);
        this.#host.report.warn(`the empty journal ${printable(path)} cannot be removed: ${why}`);
      }
      return undefined;
    }
    const job = idOf(path);
    return [
      { kind: "continue-job", job },
      ...(journal.keepsOld && !journal.isUndoing ? [{ kind: "undo-job", job } as const] : []),
    ];
  }

  /**
   * Lets go of the journal, on every way out. Throws FILE_EXISTS where the system says that what was written last is not on the
   * disk and somebody counts on it: a file that was removed is nobody's any more.
   */
  close(): void {
    try {
      const { journal } = this.#open ?? {};
      const hint = advice("Check its disk, and whether the job can still be undone.", "list-jobs");
      const what = this.#isDone ? "could not be closed" : "could not be closed, and may be incomplete";
      if (this.#isDone && this.#keptPath === undefined) quietly(() => journal?.close());
      else this.#afterTheJob(what, hint, () => journal?.close());
    } finally {
      this.#source.release();
    }
  }

  /** Throws FILE_EXISTS, "the job was done, but", for what the disk says when the chip holds already what it should. */
  #afterTheJob(what: string, hint: string | Advice, act: () => void): void {
    try {
      act();
    } catch (error) {
      const { cause } = error instanceof NorbridgeError ? error : { cause: error };
      const begin = this.#isDone ? "the job was done, but its journal" : "the journal";
      const path = printable(this.#open?.path ?? "");
      throw new NorbridgeError("FILE_EXISTS", `${begin} ${path} ${what}: ${systemReason(cause ?? error)}`, {
        operation: "write journal",
        hint,
        cause: error,
      });
    }
  }
}

/**
 * A journal for a new job. `plan` says what it is and what it may change, on a chip of this shape and in the time that the chip
 * lives in; it throws where that cannot be. A simulated chip and a dump get a file only where one is asked for: they live and
 * die with this program.
 */
export function newJournal(
  connection: Pick<ConnectionRequest, "port" | "words">,
  request: JournalRequest,
  host: RunHost,
  plan: (geometry: FlashGeometry, clock: Clock) => JournalPlan | Promise<JournalPlan>,
): JournalSource {
  const { isOff, keepsOld } = request;
  const folder = request.folder ?? journalFolder(host.env);
  const { port, words } = connection;
  const isReal = port?.kind !== "sim" && port?.kind !== "image" && port?.kind !== "replay";
  const isWanted = !isOff && (request.folder !== undefined || isReal || keepsOld);
  let left: readonly LeftJob<JournalHead>[] = [];
  let lock: FileLock | undefined;
  return {
    folder,
    async prepare() {
      if (!isWanted) return;
      host.report.waitsFor("the folder of the journals");
      left = await headsIfReadable(request.folder ?? journalFolders(host.env), host);
    },
    release: () => lock?.release(),
    async begin({ device, clock }, lifted) {
      const { subject, touched } = await plan(device.geometry, clock);
      const chip = await chipOf(device);
      // Also where no file is kept: the same is sent then, and a recording of one fits the other.
      const beside = chip.uniqueId === "" ? await digestsBeside(device, touched) : [];
      if (!isWanted) return { journal: Journal.inMemory(), path: undefined };
      await noteLeftJobs(left, { device, chip, beside }, host);
      const path = newJournalPath(folder, host.random);
      // Nobody else has this name: one try is enough, and nothing may wait here.
      lock = heldOrBusy(tryLockFile(path), "the journal");
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
      const record = { ...job, connection: words, process: ownMark() };
      return { journal: createJournal(path, record), path };
    },
  };
}

/** A folder that takes files and shows none is no reason against a job; one that takes none says so when the journal is made. */
async function headsIfReadable(
  folder: string | readonly string[],
  { signal }: RunHost,
): Promise<readonly LeftJob<JournalHead>[]> {
  try {
    return await leftHeads(folder, signal);
  } catch (error) {
    if (error instanceof NorbridgeError && error.code === "FILE_INVALID") return [];
    throw error;
  }
}

/** The name of a journal without folder and ending. */
function idOf(path: string): string {
  return /([0-9a-f]+)\.journal$/.exec(path)?.[1] ?? "";
}

/** So many jobs that were left behind are named; the rest is counted. */
const MOST_NAMED = 5;
/** So many of the newest are compared with a chip that has no number of its own. */
const MOST_COMPARED = 32;

interface PresentChip {
  readonly device: FlashDevice;
  readonly chip: JobRecord["chip"];
  /** What it holds in some places, as far as that is known. */
  readonly beside: readonly RangeDigest[];
}

/** Names the interrupted jobs of this chip. Of a chip without a unique ID only those are named whose checksums it fits. */
async function noteLeftJobs(
  left: readonly LeftJob<JournalHead>[],
  present: PresentChip,
  { report, recorder }: RunHost,
): Promise<void> {
  const { chip, device, beside } = present;
  const ofChip: string[] = [];
  for (const { id, journal } of leftOnKind(left, chip).slice(-MOST_COMPARED)) {
    // A recording holds the traffic of this job, whatever lies in the folder.
    const mayRead = recorder === undefined;
    const fit = chip.uniqueId === "" ? await fitsBeside(device, journal.beside, beside, mayRead) : "fits";
    if (fit === "fits") ofChip.push(id);
    else if (fit === "unknown") report.detail(`job ${printable(id)} may belong to this chip`);
  }
  for (const id of ofChip.slice(-MOST_NAMED)) {
    report.warn(`an earlier job on this ${printable(chip.name)} was interrupted`, [
      { kind: "continue-job", job: printable(id) },
    ]);
  }
  const others = ofChip.length - MOST_NAMED;
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
