/** Unfinished jobs, for programs: the list, and the end of one. */
import { checkText } from "../checks.ts";
import { discardJournal } from "../journal/folder-shelf.ts";
import { journalFolders, leftHeads, leftJobs } from "../journal/journal-folder.ts";
import { pickJob } from "../runner/left-job.ts";
import { infoOf, type LeftJobInfo } from "./left-job-info.ts";
import { checkFolderOptions, type JobFolderOptions } from "./resume-on-chip.ts";

/**
 * All unfinished jobs, by library and command line alike, the oldest first.
 *
 * @throws NorbridgeError EINVAL for an option; FILE_INVALID for a folder that cannot be read; ECANCELED.
 */
export async function listJobs(options: JobFolderOptions = {}): Promise<readonly LeftJobInfo[]> {
  checkFolderOptions(options, "list jobs");
  return (await leftJobs(options.folder ?? journalFolders(process.env), options.signal)).map(infoOf);
}

/**
 * Removes the journal of a job, and the bytes saved in it.
 *
 * @throws NorbridgeError EINVAL for an option; CHECK_FAILED if there is no such job; EBUSY if a process works on it; FILE_EXISTS
 * if it cannot be removed; FILE_INVALID if it is not a file, or for a folder that cannot be read; ECANCELED.
 */
export async function discardJob(jobId: string, options: JobFolderOptions = {}): Promise<void> {
  checkText(jobId, "jobId", "discard job", 1);
  checkFolderOptions(options, "discard job");
  const all = await leftHeads(options.folder ?? journalFolders(process.env), options.signal);
  await discardJournal(pickJob(all, jobId, "discard"));
}
