/** `norbridge erase`: the words. */
import type { Command } from "../arguments/command.ts";
import { readConnection } from "../options/connection-request.ts";
import { journalOptions, readJournalRequest } from "../options/journal-request.ts";
import { usageError } from "../arguments/option.ts";
import { flagOption, unprotectFlag } from "../options/options.ts";
import { rangeOptions, readClosedRange } from "../options/range-options.ts";
import { readRegionRequest, regionOptions } from "../options/region-options.ts";

const allFlag = flagOption("all", "The whole chip");

export const eraseCommand: Command = {
  name: "erase",
  summary: "Erase a range or the whole chip. Bytes outside the range are preserved",
  positionals: [],
  examples: [
    "norbridge erase --range 0x1000,64k",
    "norbridge erase --all",
    "norbridge erase --layout partitions.csv --region nvs",
  ],
  options: [...rangeOptions, ...regionOptions, allFlag, unprotectFlag, ...journalOptions],
  connects: true,
  prepare(args) {
    const range = readClosedRange(args);
    const isAll = args.flag(allFlag);
    const regions = readRegionRequest(args, [...rangeOptions, allFlag]);
    if (range === undefined && regions === undefined && !isAll) {
      throw usageError(
        "erase needs --range START,LENGTH or --all",
        "erase has no default range. --offset and --length work as well.",
      );
    }
    if (range !== undefined && isAll) throw usageError("a range and --all cannot be used together");
    const request = { connection: readConnection(args), range, regions, journal: readJournalRequest(args) };
    return async (session) => (await import("../actions/erase.ts")).erase(request, session);
  },
};
