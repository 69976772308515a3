/** Ends a unfinished job, or takes it back: the frame that command line and library share. */
import { advice } from "../advice.ts";
import { printable } from "../bytes.ts";
import { fileInvalid } from "../disk/file-problem.ts";
import { NorbridgeError } from "../errors.ts";
import { imageSha256 } from "../files/image-hash.ts";
import type { ImageSource } from "../files/image-source.ts";
import { firstEndingBehind } from "../../drivers/byte-ranges.ts";
import { carryOnErase, carryOnWrite } from "../jobs/carry-on.ts";
import type { JobContext } from "../jobs/job-event.ts";
import type { LiftedProtection } from "../jobs/lift-protection.ts";
import type { StreamReport, StreamSource } from "../jobs/stream-image.ts";
import { checkSameChip } from "../journal/chip-proof.ts";
import type { JobRecord } from "../journal/journal-line.ts";
import type { JournalPlace, JournalShelf } from "../journal/journal-shelf.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalHead, LeftJob } from "../journal/left-job.ts";
import type { ReadJournal } from "../journal/read-journal.ts";
import { takeBack } from "../journal/take-back.ts";
import { type ChangeTools, type ChipAccess, changeOn } from "./change-chip.ts";
import type { Watch } from "./change-jobs.ts";
import type { JournalSource } from "./job-journal.ts";
import { pickJob } from "./left-job.ts";
import type { RunHost } from "./run-host.ts";
import type * as StreamJob from "./stream-job.ts";
import type { Connected } from "./with-chip.ts";

/** Which job is meant. */
export interface LeftJobRequest {
  /** "": the only one there is. */
  readonly id: string;
  /** Where its journal is; undefined: where those of the user are. */
  readonly folder: string | undefined;
}

/** The job that was found, before anything is opened. */
export interface FoundJob {
  readonly left: Pick<LeftJob, "id" | "path">;
  readonly operation: "resume" | "undo";
  readonly job: JobRecord;
  /** What protected the chip before the job lifted it: it is lifted again, and restored at the end. */
  readonly protection: LiftedProtection | undefined;
}

/** What the caller knows of chip and image. */
export interface LeftJobTools {
  /** The chip that the job was on. */
  chipOf(found: FoundJob): ChipAccess;
  /** Opens the image of the job. Throws if it is not the one. */
  openImage(job: JobRecord, image: NonNullable<JobRecord["image"]>): Promise<ImageSource>;
  readonly watch: Watch;
}

/** How a job ended at last. */
export interface EndedJob {
  readonly id: string;
  readonly job: JobRecord;
  readonly end:
    | { readonly kind: "resumed"; readonly redoneUnits: number; readonly restoredBytes: number }
    | { readonly kind: "streamed"; readonly source: NamedSource; readonly report: StreamReport }
    | { readonly kind: "undone"; readonly restoredBytes: number };
}

type NamedSource = StreamSource & { readonly name: string };

/**
 * Completes a job; one whose undo was cut off is undone. Throws CHECK_FAILED if there is no such job, USAGE if several could be
 * meant, EBUSY if another process works on it, FILE_INVALID for a journal or an image that cannot be used, CHIP_CHANGED for
 * another chip, and what the job throws.
 */
export async function resumeLeftJob(request: LeftJobRequest, host: RunHost, tools: LeftJobTools): Promise<EndedJob> {
  const shelf = host.journals(request.folder);
  const left = pickJob(
    (await headsOf(shelf, host)).filter(({ journal }) => journal instanceof NorbridgeError || !journal.isDone),
    request.id,
    "resume",
  );
  return withJournal({ left, shelf }, "resume", host, async (held) => {
    const read = await held.place.read("units", host.signal);
    // What an undo restores is read only if one was begun: it may be the whole chip.
    if (read.state === "undoing") return undoIt(held, host, tools);
    const chip = tools.chipOf(foundJob(left, "resume", read));
    const { job } = read;
    // Not within the job: in simulated time nothing may be imported.
    const streams = job.stream === undefined ? undefined : await import("./stream-job.ts");
    const image = job.image === undefined ? undefined : await tools.openImage(job, job.image);
    try {
      checkApart(left, read, image);
      const source = leftJournal(held, read, image);
      return await changeOn(chip, host, source, async (connected, change) => {
        const end = await complete(job, image, connected, change, { host, watch: tools.watch, streams });
        return { id: left.id, job, end };
      });
    } finally {
      await image?.close();
    }
  });
}

/** Puts back what a job replaced. Throws as `resumeLeftJob`; CHECK_FAILED also if the job did not keep it. */
export async function undoLeftJob(request: LeftJobRequest, host: RunHost, tools: LeftJobTools): Promise<EndedJob> {
  const shelf = host.journals(request.folder);
  const all = await headsOf(shelf, host);
  const able = all.filter(({ journal }) => !(journal instanceof NorbridgeError) && journal.job.keepsOld);
  const left = pickJob(request.id === "" ? able : all, request.id, "undo");
  return withJournal({ left, shelf }, "undo", host, (held) => undoIt(held, host, tools));
}

/** Whether an image is the one that the job began with. Throws FILE_INVALID for a file that changes, ECANCELED. */
export async function isImageOfJob(job: JobRecord, image: ImageSource, host: RunHost): Promise<boolean> {
  // A journal may name any file: one of another length is not read.
  const isLength =
    job.command === "stream" ? image.totalBytes <= job.lengthBytes : image.totalBytes === job.lengthBytes;
  return isLength && (await imageSha256(image, host)) === job.image?.sha256;
}

function headsOf(shelf: JournalShelf, { report, signal }: RunHost): Promise<readonly LeftHead[]> {
  report.waitsFor("the folder of the journals");
  return shelf.heads(signal);
}

type LeftHead = LeftJob<JournalHead>;

/** The journal of a job that is ours. */
interface HeldJournal {
  readonly left: LeftHead;
  readonly shelf: JournalShelf;
  readonly place: JournalPlace;
}

/** Runs with the journal locked. Throws why it cannot be used, EBUSY if another process works on it. */
async function withJournal<T>(
  { left, shelf }: Omit<HeldJournal, "place">,
  operation: string,
  { report }: RunHost,
  work: (held: HeldJournal) => Promise<T>,
): Promise<T> {
  if (left.journal instanceof NorbridgeError) throw left.journal;
  const place = await shelf.hold(left, operation);
  try {
    report.waitsFor("the journal");
    return await work({ left, shelf, place });
  } finally {
    place.release();
  }
}

function foundJob(left: LeftHead, operation: FoundJob["operation"], { job, state }: ReadJournal): FoundJob {
  // Who lifted the protection for a job meant it for all of it; what it was then is restored, unless that was done already.
  return { left, operation, job, protection: state === "done" ? undefined : job.protection };
}

function keptBytes(held: ReadJournal["held"]): number {
  return held.flatMap(({ pieces }) => pieces).reduce((sum, { data }) => sum + data.length, 0);
}

/** The journal of a unfinished job; the chip is looked at before anything is done to it. */
function leftJournal(
  { shelf, place }: HeldJournal,
  read: ReadJournal,
  image: ImageSource | undefined,
  begin: (journal: Journal) => void = () => undefined,
): JournalSource {
  return {
    shelf,
    // It is held already, and released by who holds it.
    prepare: () => Promise.resolve(),
    release: () => undefined,
    async begin({ device }) {
      await checkSameChip(device, read, image);
      const journal = place.reopen(read);
      begin(journal);
      return { journal, place };
    },
  };
}

interface CompleteTools {
  readonly host: RunHost;
  readonly watch: Watch;
  /** The code of streams, for a job that is one. */
  readonly streams: typeof StreamJob | undefined;
}

async function complete(
  job: JobRecord,
  image: ImageSource | undefined,
  connected: Connected,
  { journal, onUnrestored }: ChangeTools,
  { host, watch, streams }: CompleteTools,
): Promise<EndedJob["end"]> {
  const { held } = journal;
  const { signal } = host;
  if (image !== undefined && job.stream !== undefined && streams !== undefined) {
    const { address, lengthBytes, stream } = job;
    const work = {
      range: { address, lengthBytes },
      ...stream,
      settings: undefined,
      progress: undefined,
      isBegun: true,
    };
    const source = { name: image.name, ...streams.streamSource(image, job.image?.sha256 ?? "") };
    const tools = { journal, isKept: true };
    const report = await streams.runStream(connected, { ...work, isRestart: false }, source, tools, { signal, watch });
    return { kind: "streamed", source, report };
  }
  const context = contextOf(connected, host, watch);
  const safe = { safe: journal, onUnrestored };
  if (image === undefined) {
    await carryOnErase(connected.device, job, held, safe, context);
  } else {
    const request = { offset: job.address, ...safe };
    await carryOnWrite(connected.device, image, held, request, context);
  }
  return { kind: "resumed", redoneUnits: held.length, restoredBytes: keptBytes(held) };
}

/** Makes the chip hold again what the job found. Cut off, it continues with `resume` or `undo` alike. */
async function undoIt(held: HeldJournal, host: RunHost, tools: LeftJobTools): Promise<EndedJob> {
  const { left, place } = held;
  const read = await place.read("all", host.signal);
  if (!read.job.keepsOld) {
    throw new NorbridgeError("CHECK_FAILED", `the job ${printable(left.id)} did not keep the old content`, {
      operation: "undo",
      hint: advice("Only a job that keeps the old bytes can be undone.", "resume-job"),
    });
  }
  const chip = tools.chipOf(foundJob(left, "undo", read));
  const source = leftJournal(held, read, undefined, (journal) => journal.beginUndo());
  return changeOn(chip, host, source, async (connected, { journal, onUnrestored }) => {
    const write = { safe: journal, onUnrestored };
    const context = contextOf(connected, host, tools.watch);
    const restoredBytes = await takeBack(connected.device, read.old, journal.held, write, context);
    return { id: left.id, job: read.job, end: { kind: "undone", restoredBytes } };
  });
}

function contextOf({ device, clock }: Connected, { signal }: RunHost, watch: Watch): JobContext {
  return { clock, signal, onEvent: watch(device.geometry, clock) };
}

/** What lies around the target is not a part of it. Throws FILE_INVALID for a journal that says so. */
function checkApart({ path }: LeftHead, { job, held }: ReadJournal, image: ImageSource | undefined): void {
  const { address, lengthBytes } = job;
  const target = image?.segments.map((part) => ({ ...part, address: part.address + address })) ?? [
    { address, lengthBytes },
  ];
  for (const piece of held.flatMap(({ pieces }) => pieces)) {
    const part = target[firstEndingBehind(target, piece.address)];
    if (part === undefined || part.address >= piece.address + piece.data.length) continue;
    throw fileInvalid(path, "cannot be used: its preserved bytes overlap the target", {
      hint: "Nothing was changed. The preserved bytes are in its lines, as base64.",
    });
  }
}
