/** `norbridge logs ...`: the words. */
import type { Command } from "../arguments/command.ts";
import { type Arguments, type Option, usageError, type ValueOption } from "../arguments/option.ts";
import { choiceOption, fileOption, jsonFlag } from "../options/options.ts";
import {
  nameOption,
  readStructWords,
  storeOption,
  structsOption,
  tsdbRecordSizeOption,
} from "../options/store-options.ts";
import type { Selection } from "../../extract/selection.ts";

const serialOption = nameOption("serial", "Only the unit with this serial number");
const productOption = nameOption("product", "Only units of this product");
const extractedSinceOption: ValueOption<number> = {
  kind: "value",
  name: "extracted-since",
  placeholder: "TIME",
  describe: "Only units that were extracted at this time or later (UTC)",
  accepts: "a time such as 2026-03-01 or 2026-03-01T12:00:00Z",
  read(text) {
    if (!/^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}Z)?$/.test(text)) return undefined;
    const timeMs = Date.parse(text);
    return Number.isNaN(timeMs) ? undefined : timeMs;
  },
};
const monthOption: ValueOption<string> = {
  kind: "value",
  name: "month",
  placeholder: "YEAR-MONTH",
  describe: "Only what was extracted in this month (UTC)",
  byDefault: "all months",
  accepts: "a month such as 2026-10",
  read: (text) => (/^\d{4}-(?:0[1-9]|1[0-2])$/.test(text) ? text : undefined),
};
const formatOption = choiceOption("format", "Format of the table", ["csv", "jsonl", "parquet"] as const, {
  byDefault: "csv",
});
const outOption = fileOption("out", "File to write; - is stdout", "output", "the name of a file, or -", {
  byDefault: "-",
});
const tableOption = nameOption(
  "table",
  "Only the records of the struct with this name, if there are several; raw is what no struct was for",
);

const selectionOptions: readonly Option[] = [serialOption, productOption, extractedSinceOption];

function readSelection(args: Arguments): Selection {
  return {
    serial: args.value(serialOption),
    product: args.value(productOption),
    sinceMs: args.value(extractedSinceOption),
  };
}

function logsCommand(
  verb: string,
  summary: string,
  examples: readonly string[],
  options: readonly Option[],
  prepare: Command["prepare"],
): Command {
  return {
    name: `logs ${verb}`,
    summary,
    positionals: [],
    examples: examples.map((words) => `norbridge logs ${verb} --store returns${words}`),
    options: [storeOption, ...options],
    connects: false,
    prepare,
  };
}

const decodeCommand = logsCommand(
  "decode",
  "Decode the stored dumps again: with another struct, or each with its own",
  ["", " --struct record-v2.json"],
  [structsOption, ...selectionOptions, tsdbRecordSizeOption],
  (args) => {
    const request = {
      store: args.required(storeOption),
      structs: readStructWords(args),
      selection: readSelection(args),
      recordBytes: args.value(tsdbRecordSizeOption),
    };
    return async (session) => (await import("../actions/logs-decode.ts")).logsDecode(request, session);
  },
);

const exportCommand = logsCommand(
  "export",
  "Write the stored records as one table. To print the records on a chip use `log read`",
  [" --serial 4711 --out 4711.csv", " --format parquet --out all.parquet"],
  [formatOption, outOption, tableOption, ...selectionOptions],
  (args) => {
    const format = args.value(formatOption) ?? "csv";
    const file = args.value(outOption) ?? "-";
    if (file === "-" && format === "parquet") {
      throw usageError("a Parquet file is not for stdout", "Specify a file with --out FILE.");
    }
    if (file === "-" && args.flag(jsonFlag)) {
      throw usageError("stdout cannot carry both the table and --json", "Specify a file with --out FILE.");
    }
    const request = {
      store: args.required(storeOption),
      format,
      file,
      table: args.value(tableOption),
      selection: readSelection(args),
    };
    return async (session) => (await import("../actions/logs-export.ts")).logsExport(request, session);
  },
);

const viewsCommand = logsCommand(
  "views",
  "Print the SQL that makes DuckDB show the store as tables",
  [" > views.sql"],
  [],
  (args) => {
    const request = { store: args.required(storeOption) };
    return async (session) => (await import("../actions/logs-views.ts")).logsViews(request, session);
  },
);

const compactCommand = logsCommand(
  "compact",
  "Join the many small files of records, sorted by serial and time",
  ["", " --month 2026-10"],
  [monthOption],
  (args) => {
    const request = { store: args.required(storeOption), month: args.value(monthOption) };
    return async (session) => (await import("../actions/logs-compact.ts")).logsCompact(request, session);
  },
);

export const logsCommands: readonly Command[] = [decodeCommand, exportCommand, viewsCommand, compactCommand];
