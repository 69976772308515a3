/** `norbridge blank-check`: the words. */
import type { Command } from "../command.ts";
import { readConnection } from "../connection-request.ts";
import { usageError } from "../option.ts";
import { flagOption } from "../options.ts";
import { rangeOptions, readClosedRange } from "../range-options.ts";

const allFlag = flagOption("all", "The whole chip, which is also the default");

export const blankCheckCommand: Command = {
  name: "blank-check",
  summary: "Check that the chip, or a range of it, is blank; exit 1 if it is not",
  positionals: [],
  examples: ["norbridge blank-check", "norbridge blank-check --range 64k,4k"],
  options: [...rangeOptions, allFlag],
  connects: true,
  prepare(args) {
    const range = readClosedRange(args);
    if (range !== undefined && args.flag(allFlag)) throw usageError("a range and --all cannot be used together");
    const request = { connection: readConnection(args), range };
    return async (session) => (await import("../actions/blank-check.ts")).blankCheckAction(request, session);
  },
};
