/** What a list of jobs shows of a journal: nothing of the bytes that it keeps, only how many there are. */
import type { JobRecord } from "./journal-line.ts";
import type { ReadJournal } from "./read-journal.ts";

/** A job as far as lists show it and compare it, with texts of bounded length: there may be ten thousand. */
export type ListedJob = Pick<
  JobRecord,
  "number" | "startedAtMs" | "command" | "address" | "lengthBytes" | "chip" | "keepsOld" | "process"
> & {
  readonly imageFile?: string | undefined;
  /** Further files of the image; left out for none. */
  readonly moreFiles?: number | undefined;
};

export interface JournalSummary {
  readonly job: ListedJob;
  readonly state: ReadJournal["state"];
  /** Bytes that an undo would put back, or else a resume. */
  readonly heldBytes: number;
}

const MAX_CHARACTERS = 1000;

/** What lists need of a job. */
export function listedJob(job: JobRecord): ListedJob {
  const { number, startedAtMs, command, image, address, lengthBytes, chip, keepsOld, process } = job;
  return {
    startedAtMs,
    number,
    command,
    address,
    lengthBytes,
    keepsOld,
    imageFile: image === undefined ? undefined : shortened(image.file),
    moreFiles: image?.more === undefined ? undefined : image.more.length,
    chip: { ...chip, name: shortened(chip.name), jedecId: shortened(chip.jedecId), uniqueId: shortened(chip.uniqueId) },
    process: { pid: process.pid, started: shortened(process.started) },
  };
}

/** A copy: a piece of a text keeps all of it. */
function shortened(text: string): string {
  const copy = new TextDecoder("utf-8", { ignoreBOM: true }).decode(
    new TextEncoder().encode(text.slice(0, MAX_CHARACTERS)),
  );
  return text.length > MAX_CHARACTERS ? `${copy}...` : copy;
}
