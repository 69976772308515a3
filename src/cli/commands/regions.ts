/** `norbridge regions`: the words. */
import type { Command } from "../arguments/command.ts";
import { readConnection } from "../options/connection-request.ts";
import { eraseValueOption, withImpliedShape } from "../options/layout-options.ts";
import { usageError } from "../arguments/option.ts";
import { rangeOptions, readClosedRange } from "../options/range-options.ts";
import { layoutSourceOption, readLayoutSource } from "../options/region-options.ts";

export const regionsCommand: Command = {
  name: "regions",
  summary: "List the logs, stores, file systems and images on the chip, and where they are",
  positionals: [],
  examples: ["norbridge regions", "norbridge regions -p image:dump.bin --json", "norbridge regions --layout fmap"],
  options: [...rangeOptions, layoutSourceOption, eraseValueOption],
  connects: true,
  prepare(args) {
    const shape = { erasedByte: args.value(eraseValueOption) };
    const layout = readLayoutSource(args);
    const range = readClosedRange(args);
    if (layout !== undefined && range !== undefined) throw usageError("a range and --layout cannot be used together");
    const request = { connection: withImpliedShape(readConnection(args), shape), range, layout };
    return async (session) => (await import("../actions/regions.ts")).regions(request, session);
  },
};
