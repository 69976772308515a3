/** `norbridge blank-check`: the words. */
import type { Command } from "../command.ts";
import { readConnection } from "../connection-request.ts";
import { rangeOption } from "../options.ts";

export const blankCheckCommand: Command = {
  name: "blank-check",
  summary: "Check that the chip, or a range of it, is erased; exit 1 if it is not",
  positionals: [],
  examples: ["norbridge blank-check", "norbridge blank-check --range 64k,4k"],
  options: [rangeOption],
  connects: true,
  prepare(args) {
    const request = { connection: readConnection(args), range: args.value(rangeOption) };
    return async (session) => (await import("../actions/blank-check.ts")).blankCheckAction(request, session);
  },
};
