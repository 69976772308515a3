/** Unfinished jobs in a store of journals: the list, and the end of one. */
import { checkMethods, checkText } from "../checks.ts";
import { discardStored, type JournalStore, storedJobs } from "../journal/store-shelf.ts";
import { infoOf, type LeftJobInfo } from "./left-job-info.ts";

/**
 * All unfinished jobs of a store, the oldest first.
 *
 * @throws NorbridgeError EINVAL for what is no store; FILE_INVALID if it cannot be read.
 */
export async function listStoredJobs(store: JournalStore): Promise<readonly LeftJobInfo[]> {
  checkMethods(store, "store", "list jobs", ["list", "open"]);
  return (await storedJobs(store)).map(infoOf);
}

/**
 * Removes the journal of a job, and the bytes saved in it.
 *
 * @throws NorbridgeError EINVAL; EBUSY if another program works on it; FILE_EXISTS if it cannot be opened.
 */
export async function discardStoredJob(store: JournalStore, jobId: string): Promise<void> {
  checkMethods(store, "store", "discard job", ["list", "open"]);
  await discardStored(store, checkText(jobId, "jobId", "discard job", 1));
}
