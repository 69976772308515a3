/** `norbridge erase`: the words. */
import type { Command } from "../command.ts";
import { readConnection } from "../connection-request.ts";
import { journalOptions, readJournalRequest } from "../journal-request.ts";
import { usageError } from "../option.ts";
import { flagOption, rangeOption, unprotectFlag } from "../options.ts";

const allFlag = flagOption("all", "The whole chip");

export const eraseCommand: Command = {
  name: "erase",
  summary: "Erase a range, or the whole chip; bytes outside of the range are kept",
  positionals: [],
  examples: ["norbridge erase --range 0x1000,64k", "norbridge erase --all"],
  options: [rangeOption, allFlag, unprotectFlag, ...journalOptions],
  connects: true,
  prepare(args) {
    const range = args.value(rangeOption);
    const isAll = args.flag(allFlag);
    if (range === undefined && !isAll) {
      throw usageError("erase needs --range START,LENGTH or --all", "There is no default for what to erase.");
    }
    if (range !== undefined && isAll) throw usageError("--range and --all do not go together");
    const request = { connection: readConnection(args), range, journal: readJournalRequest(args) };
    return async (session) => (await import("../actions/erase.ts")).erase(request, session);
  },
};
