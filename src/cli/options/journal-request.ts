/** What the options of the journal specify, checked. */
import type { JournalRequest } from "../../runner/journal-request.ts";
import { type Arguments, usageError } from "../arguments/option.ts";
import { journalOption, keepOldFlag, noJournalFlag } from "./options.ts";

export const journalOptions = [journalOption, noJournalFlag, keepOldFlag] as const;

/** A stream keeps its progress, and nothing of what it replaces. */
export const streamJournalOptions = [journalOption, noJournalFlag] as const;

/** Reads the options; throws USAGE. */
export function readJournalRequest(args: Arguments): JournalRequest {
  const folder = args.value(journalOption);
  const isOff = args.flag(noJournalFlag);
  if (isOff && folder !== undefined) throw usageError("--journal and --no-journal cannot be used together");
  const keepsOld = args.flag(keepOldFlag);
  if (isOff && keepsOld) throw usageError("--keep-old and --no-journal cannot be used together");
  return { folder, isOff, keepsOld };
}
