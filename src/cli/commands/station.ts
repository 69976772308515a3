/** `norbridge station ...`: the words. */
import type { Command } from "../arguments/command.ts";
import { choiceOption, fileOption, textOption } from "../options/options.ts";
import { readUnitValues, unitOption, unitValueOption } from "../options/unit-options.ts";

const outputOption = fileOption(
  "output",
  "File for the image; its name selects the format",
  "output",
  "the name of a file",
  {
    alias: "o",
  },
);
const formatOption = choiceOption("format", "Format of the image", ["bin", "hex", "srec"] as const, {
  byDefault: "by the name of the file",
});
const byOption = textOption("by", "Name of the person who approves", "a name");
const shared = { positionals: ["RECIPE"], file: "input", connects: false } as const;

export const stationCommands: readonly Command[] = [
  {
    ...shared,
    name: "station check",
    summary: "Check a recipe and all its files; every error has file, line and column",
    examples: ["norbridge station check logger.yaml"],
    options: [],
    prepare(args) {
      const request = { recipe: args.positional(0) };
      return async (session) => (await import("../actions/station.ts")).stationCheck(request, session);
    },
  },
  {
    ...shared,
    name: "station compose",
    summary: "Make the image of one unit: the same bytes each time",
    examples: [
      "norbridge station compose logger.yaml --unit MK3-2648-00017X --value mac=70-B3-D5-12-30-01 -o unit.hex",
    ],
    options: [unitOption, unitValueOption, outputOption, formatOption],
    prepare(args) {
      const request = {
        recipe: args.positional(0),
        serial: args.required(unitOption),
        values: readUnitValues(args),
        file: args.required(outputOption),
        format: args.value(formatOption),
      };
      return async (session) => (await import("../actions/station.ts")).stationCompose(request, session);
    },
  },
  {
    ...shared,
    name: "station approve",
    summary: "Record who approves a recipe, with the SHA-256 of all its files",
    examples: ['norbridge station approve logger.yaml --by "A. Smith"'],
    options: [byOption],
    prepare(args) {
      const request = { recipe: args.positional(0), by: args.required(byOption) };
      return async (session) => (await import("../actions/station.ts")).stationApprove(request, session);
    },
  },
];
