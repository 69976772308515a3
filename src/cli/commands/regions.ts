/** `norbridge regions`: the words. */
import type { Command } from "../command.ts";
import { readConnection } from "../connection-request.ts";
import { eraseValueOption, withImpliedShape } from "../layout-options.ts";
import { rangeOptions, readClosedRange } from "../range-options.ts";

export const regionsCommand: Command = {
  name: "regions",
  summary: "List the logs, stores, file systems and images on the chip, and where they are",
  positionals: [],
  examples: ["norbridge regions", "norbridge regions -p image:dump.bin --json"],
  options: [...rangeOptions, eraseValueOption],
  connects: true,
  prepare(args) {
    const shape = { erasedByte: args.value(eraseValueOption) };
    const request = { connection: withImpliedShape(readConnection(args), shape), range: readClosedRange(args) };
    return async (session) => (await import("../actions/regions.ts")).regions(request, session);
  },
};
