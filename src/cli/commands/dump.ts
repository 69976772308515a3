/** `norbridge dump`: the words. */
import type { Command } from "../command.ts";
import { readConnection } from "../connection-request.ts";
import { lengthOption, offsetOption } from "../options.ts";

export const dumpCommand: Command = {
  name: "dump",
  summary: "Show the chip as a hex dump in the form of xxd",
  positionals: [],
  examples: ["norbridge dump --offset 0x1000 --length 256"],
  options: [offsetOption, lengthOption],
  connects: true,
  prepare(args) {
    const request = {
      connection: readConnection(args),
      offset: args.value(offsetOption) ?? 0,
      lengthBytes: args.value(lengthOption),
    };
    return async (session) => (await import("../actions/dump.ts")).dump(request, session);
  },
};
