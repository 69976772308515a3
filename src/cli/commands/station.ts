/** `norbridge station ...`: the words. */
import type { Command } from "../arguments/command.ts";
import type { ValueOption } from "../arguments/option.ts";
import { choiceOption, fileOption, flagOption, textOption } from "../options/options.ts";
import { readListenAddress } from "../options/options.ts";
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
const slotsOption: ValueOption<readonly string[]> = {
  kind: "value",
  name: "slots",
  placeholder: "PORTS",
  describe:
    "Ports of the slots, with commas between them. usb-path:3-1.4 is a place on the USB tree; 3*sim:CHIP?units=7 are three simulated slots",
  accepts: "ports, with commas between them",
  read: (text) => {
    const ports = text.split(",").flatMap((one) => {
      const [, times = "1", port = one] = /^([1-9][0-9]?)\*(sim:.*)$/.exec(one) ?? [];
      return Array.from({ length: Number(times) }, () => port);
    });
    return ports.every((port) => port !== "") && ports.length <= 64 ? ports : undefined;
  },
};
const unitsOption: ValueOption<number> = {
  kind: "value",
  name: "units",
  placeholder: "NUMBER",
  describe: "The batch ends after so many new units have passed",
  accepts: "a whole number, 1 or more",
  byDefault: "the quantity of the recipe, or until Ctrl-C",
  read: (text) => (/^[1-9][0-9]{0,7}$/.test(text) ? Number(text) : undefined),
};
const stationOption = textOption("station", "Name of this station, for the ledger", "a name", { byDefault: "station" });
const operatorOption = textOption("operator", "Who works at the station", "a name", { byDefault: "not specified" });
const ledgerOption = fileOption("ledger", "File of the ledger", "state", "the name of a file", {
  byDefault: "norbridge/ledger.sqlite in your state folder",
});
const pageFlag = flagOption("page", "Serve the page of the station, and print its address");
const listenOption: ValueOption<{ readonly host: string; readonly port: number }> = {
  kind: "value",
  name: "listen",
  placeholder: "HOST:PORT",
  describe: "Address of the page, which implies --page; one that other computers can reach gets a token",
  byDefault: "127.0.0.1:8484",
  accepts: "HOST:PORT, such as 127.0.0.1:8484",
  read: readListenAddress,
};
const shared = { positionals: ["RECIPE"], file: "input", connects: false } as const;

export const stationCommands: readonly Command[] = [
  {
    ...shared,
    name: "station run",
    summary: "Program units in several slots; each number is used once, and each result is recorded before PASS",
    examples: [
      "norbridge station run logger.yaml --slots usb-path:3-1.1,usb-path:3-1.2 --units 500",
      "norbridge station run logger.yaml --slots '3*sim:AT25SF041?units=7' --units 20",
    ],
    options: [slotsOption, unitsOption, stationOption, operatorOption, ledgerOption, pageFlag, listenOption],
    prepare(args) {
      const listen = args.value(listenOption);
      const request = {
        page: listen ?? (args.flag(pageFlag) ? { host: "127.0.0.1", port: 8484 } : undefined),
        recipe: args.positional(0),
        ports: args.required(slotsOption),
        units: args.value(unitsOption),
        station: args.value(stationOption) ?? "station",
        operator: args.value(operatorOption) ?? "",
        ledger: args.value(ledgerOption),
      };
      return async (session) => (await import("../actions/station-run.ts")).stationRun(request, session);
    },
  },
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
