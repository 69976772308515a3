/** `norbridge read FILE`: the words. */
import type { Command } from "../command.ts";
import { readConnection } from "../connection-request.ts";
import { usageError } from "../option.ts";
import { baseOption, jsonFlag, lengthOption, offsetOption, outputFormatOption } from "../options.ts";

export const readCommand: Command = {
  name: "read",
  summary: "Read the chip, or a part of it, into a file (- is stdout)",
  positionals: ["FILE"],
  file: "output",
  examples: ["norbridge read backup.bin", "norbridge read - --offset 64k --length 4k | xxd"],
  options: [offsetOption, lengthOption, outputFormatOption, baseOption],
  connects: true,
  prepare(args) {
    const file = args.positional(0);
    if (file === "-" && args.flag(jsonFlag)) {
      throw usageError("stdout cannot carry both the file and --json", "Name a file instead of -.");
    }
    const request = {
      connection: readConnection(args),
      file,
      offset: args.value(offsetOption) ?? 0,
      lengthBytes: args.value(lengthOption),
      format: args.value(outputFormatOption),
      base: args.value(baseOption) ?? 0,
    };
    return async (session) => (await import("../actions/read.ts")).read(request, session);
  },
};
