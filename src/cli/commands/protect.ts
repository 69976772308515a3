/** `norbridge protect ...`: the words. */
import type { Command } from "../arguments/command.ts";
import { readConnection } from "../options/connection-request.ts";
import type { Arguments } from "../arguments/option.ts";
import { flagOption } from "../options/options.ts";
import { rangeOptions, readClosedRange } from "../options/range-options.ts";
import { readRegionRequest, regionOptions } from "../options/region-options.ts";

const volatileFlag = flagOption(
  "until-power-off",
  "Change the protection only until the chip loses power, if the chip supports that",
);

function term(args: Arguments): "until-power-off" | undefined {
  return args.flag(volatileFlag) ? "until-power-off" : undefined;
}

export const protectCommands: readonly Command[] = [
  {
    name: "protect status",
    summary: "Show which parts of the chip are protected, by what, and how that can change",
    positionals: [],
    examples: ["norbridge protect status"],
    options: [],
    connects: true,
    prepare(args) {
      const request = { connection: readConnection(args) };
      return async (session) => (await import("../actions/protect.ts")).protectStatus(request, session);
    },
  },
  {
    name: "protect on",
    summary: "Protect the whole chip, or exactly a range, against program and erase",
    positionals: [],
    examples: [
      "norbridge protect on",
      "norbridge protect on --range 0,64k --until-power-off",
      "norbridge protect on --layout board.layout --region boot",
    ],
    options: [...rangeOptions, ...regionOptions, volatileFlag],
    connects: true,
    prepare(args) {
      const regions = readRegionRequest(args, rangeOptions);
      const request = { connection: readConnection(args), range: readClosedRange(args), regions, term: term(args) };
      return async (session) => (await import("../actions/protect.ts")).protectOn(request, session);
    },
  },
  {
    name: "protect off",
    summary: "Remove all write protection from the chip",
    positionals: [],
    examples: ["norbridge protect off"],
    options: [volatileFlag],
    connects: true,
    prepare(args) {
      const request = { connection: readConnection(args), term: term(args) };
      return async (session) => (await import("../actions/protect.ts")).protectOff(request, session);
    },
  },
];
