/** `norbridge blank-check`: the words. */
import type { Command } from "../arguments/command.ts";
import { readConnection } from "../options/connection-request.ts";
import { usageError } from "../arguments/option.ts";
import { flagOption } from "../options/options.ts";
import { rangeOptions, readClosedRange } from "../options/range-options.ts";
import { readRegionRequest, regionOptions } from "../options/region-options.ts";

const allFlag = flagOption("all", "The whole chip, which is also the default");

export const blankCheckCommand: Command = {
  name: "blank-check",
  summary: "Check that the chip, or a range of it, is blank; exit 1 if it is not",
  positionals: [],
  examples: [
    "norbridge blank-check",
    "norbridge blank-check --range 64k,4k",
    "norbridge blank-check --layout board.layout --region app",
  ],
  options: [...rangeOptions, ...regionOptions, allFlag],
  connects: true,
  prepare(args) {
    const range = readClosedRange(args);
    if (range !== undefined && args.flag(allFlag)) throw usageError("a range and --all cannot be used together");
    const regions = readRegionRequest(args, [...rangeOptions, allFlag]);
    const request = { connection: readConnection(args), range, regions };
    return async (session) => (await import("../actions/blank-check.ts")).blankCheckAction(request, session);
  },
};
