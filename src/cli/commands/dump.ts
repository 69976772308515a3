/** `norbridge dump`: the words. */
import type { Command } from "../arguments/command.ts";
import { readConnection } from "../options/connection-request.ts";
import { rangeOptions, readOpenRange } from "../options/range-options.ts";
import { readRegionRequest, regionOptions } from "../options/region-options.ts";

export const dumpCommand: Command = {
  name: "dump",
  summary: "Print the chip as a hex dump in the format of xxd",
  positionals: [],
  examples: ["norbridge dump --range 0x1000,256", "norbridge dump --layout fmap --region RO_FRID"],
  options: [...rangeOptions, ...regionOptions],
  connects: true,
  prepare(args) {
    const request = {
      connection: readConnection(args),
      ...readOpenRange(args),
      regions: readRegionRequest(args, rangeOptions),
    };
    return async (session) => (await import("../actions/dump.ts")).dump(request, session);
  },
};
