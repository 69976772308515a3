/** `norbridge read FILE`: the words. */
import type { Command } from "../arguments/command.ts";
import { readConnection } from "../options/connection-request.ts";
import { usageError } from "../arguments/option.ts";
import { baseOption, familyOption, fillOption, flagOption, jsonFlag, outputFormatOption } from "../options/options.ts";
import { rangeOptions, readOpenRange } from "../options/range-options.ts";
import { readRegionRequest, regionOptions } from "../options/region-options.ts";

const fillRegionsOption = {
  ...fillOption,
  describe: "Value of the bytes between regions in the file, such as 0xff",
  byDefault: "gaps, which raw files cannot have",
};
const skipBlankFlag = flagOption("skip-blank", "Leave out blank stretches: the file has gaps there. Not for raw files");

export const readCommand: Command = {
  name: "read",
  summary: "Read the chip, or a range of it, into a file (- is stdout)",
  positionals: ["FILE"],
  file: "output",
  examples: [
    "norbridge read backup.bin",
    "norbridge read - --range 64k,4k | xxd",
    "norbridge read bios.bin --layout ifd --region bios",
    "norbridge read backup.hex --skip-blank",
  ],
  options: [
    ...rangeOptions,
    ...regionOptions,
    outputFormatOption,
    baseOption,
    familyOption,
    fillRegionsOption,
    skipBlankFlag,
  ],
  connects: true,
  prepare(args) {
    const file = args.positional(0);
    if (file === "-" && args.flag(jsonFlag)) {
      throw usageError("stdout cannot carry both the file and --json", "Specify a file instead of -.");
    }
    const request = {
      connection: readConnection(args),
      file,
      ...readOpenRange(args),
      regions: readRegionRequest(args, rangeOptions),
      format: args.value(outputFormatOption),
      base: args.value(baseOption) ?? 0,
      familyId: args.value(familyOption),
      fillByte: args.value(fillRegionsOption),
      skipsBlank: args.flag(skipBlankFlag),
    };
    return async (session) => (await import("../actions/read.ts")).read(request, session);
  },
};
