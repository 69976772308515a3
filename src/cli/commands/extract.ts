/** `norbridge extract`: the words. */
import type { Command } from "../arguments/command.ts";
import { readConnection } from "../options/connection-request.ts";
import { usageError } from "../arguments/option.ts";
import { flagOption } from "../options/options.ts";
import { rangeOptions, readClosedRange } from "../options/range-options.ts";
import {
  productOption,
  readStructWords,
  serialOption,
  newStoreOption,
  structsOption,
  tsdbRecordSizeOption,
} from "../options/store-options.ts";

const wholeChipFlag = flagOption("whole-chip", "Store the whole chip, not only the logs on it");

export const extractCommand: Command = {
  name: "extract",
  summary: "Store the logs of a unit as dumps, and decode them into tables. `logs` works on them, `log` on the chip",
  positionals: [],
  examples: [
    "norbridge extract --store returns --serial 4711",
    "norbridge extract --store returns --serial 4711 --product logger --struct record.json",
  ],
  options: [
    ...[newStoreOption, serialOption, productOption, structsOption],
    ...[...rangeOptions, wholeChipFlag, tsdbRecordSizeOption],
  ],
  connects: true,
  prepare(args) {
    const range = readClosedRange(args);
    const isWholeChip = args.flag(wholeChipFlag);
    if (range !== undefined && isWholeChip) throw usageError("a range and --whole-chip cannot be used together");
    const request = {
      connection: readConnection(args),
      store: args.required(newStoreOption),
      serial: args.required(serialOption),
      product: args.value(productOption) ?? "",
      structs: readStructWords(args),
      range,
      isWholeChip,
      recordBytes: args.value(tsdbRecordSizeOption),
    };
    return async (session) => (await import("../actions/extract.ts")).extract(request, session);
  },
};
