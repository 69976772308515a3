/** `norbridge log ...`: the words. */
import type { Command } from "../arguments/command.ts";
import { readConnection } from "../options/connection-request.ts";
import { logOptions, overwriteOption, readLogRequest, withImpliedShape } from "../options/layout-options.ts";
import { type Arguments, type Option, usageError, type ValueOption } from "../arguments/option.ts";
import { choiceOption, fileOption, flagOption, textOption, unprotectFlag } from "../options/options.ts";
import { parseValueText, VALUE_FORMS, type ValueText } from "../values/value-text.ts";
import type { LogTarget } from "../actions/open-log.ts";
import type { Since } from "../actions/record-since.ts";

const formatOption = choiceOption(
  "format",
  "Format of the records; CSV lines end in CR LF (RFC 4180)",
  ["jsonl", "csv", "hex"] as const,
  {
    byDefault: "hex; with --json always jsonl",
  },
);
const structOption = fileOption("struct", "JSON file that describes the fields of a record", "input");
const lastOption: ValueOption<number> = {
  kind: "value",
  name: "last",
  placeholder: "COUNT",
  describe: "Only the newest records; older ones are not read",
  accepts: "a count of 1 or more",
  read: (text) => (/^[1-9][0-9]{0,8}$/.test(text) ? Number(text) : undefined),
};
const sectorOption: ValueOption<number> = {
  kind: "value",
  name: "sector",
  placeholder: "NUMBER",
  describe: "Only the records of one sector, as `log info` counts them from 0",
  accepts: "the number of a sector",
  read: (text) => (/^[0-9]{1,9}$/.test(text) ? Number(text) : undefined),
};
const sinceOption: ValueOption<Since> = {
  kind: "value",
  name: "since",
  placeholder: "TIME",
  describe:
    "Only records of this time or later, by the time field of --struct or of a known kind of record. flashdb-tsdb: a number, in the unit of the device",
  accepts: "a time such as 2026-03-01 or 2026-03-01T12:00:00Z, or a number",
  read(text) {
    if (/^[0-9]{1,19}$/.test(text)) return { kind: "number", number: BigInt(text) };
    const isTime = /^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,3})?)?Z)?$/.test(text);
    const timeMs = isTime ? Date.parse(text) : Number.NaN;
    return Number.isNaN(timeMs) ? undefined : { kind: "time", timeMs };
  },
};
const followFlag = flagOption("follow", "Keep printing new records until Ctrl-C", "f");
const dataOption = textOption("data", `One record: ${VALUE_FORMS}`, VALUE_FORMS, { placeholder: "VALUE" });
const recordsOption = fileOption(
  "records",
  "File of JSON lines as written by `log read --json`; - is stdin",
  "input",
  "the name of a file, or -",
);

const FIRST_EXAMPLE = "--layout px-log-fs --record-size 13";

function target(args: Arguments, mustName: boolean): LogTarget {
  const log = readLogRequest(args, { mustName });
  const { pageBytes, blockPages } = log.logFs;
  const blockBytes = pageBytes === undefined || blockPages === undefined ? undefined : pageBytes * blockPages;
  const eraseBytes = log.layout === "px-log-fs" ? (blockBytes ?? log.sectorBytes) : log.sectorBytes;
  const shape = { pageBytes, eraseBytes, erasedByte: log.fcb.erasedByte };
  return { connection: withImpliedShape(readConnection(args), shape), log };
}

function logCommand(
  verb: string,
  summary: string,
  example: string,
  options: readonly Option[],
  prepare: Command["prepare"],
): Command {
  return {
    name: `log ${verb}`,
    summary,
    positionals: [],
    examples: [`norbridge log ${verb}${example === "" ? "" : ` ${example}`}`],
    options: [...logOptions, ...options],
    connects: true,
    prepare,
  };
}

const infoCommand = logCommand("info", "Identify the log format, and show a map of its sectors", "", [], (args) => {
  const request = target(args, false);
  return async (session) => (await import("../actions/log-info.ts")).logInfo(request, session);
});

const readOptions = [formatOption, structOption, lastOption, sectorOption, sinceOption, followFlag];
const readCommand = logCommand("read", "Read records, oldest first", "--last 100 --format csv", readOptions, (args) => {
  const struct = args.value(structOption);
  const request = {
    ...target(args, false),
    format: args.value(formatOption),
    struct,
    last: args.value(lastOption),
    sector: args.value(sectorOption),
    since: args.value(sinceOption),
    isFollowing: args.flag(followFlag),
  };
  if (request.sector !== undefined && (request.last !== undefined || request.isFollowing)) {
    const other = request.isFollowing ? followFlag : lastOption;
    throw usageError(`--sector and --${other.name} cannot be used together`);
  }
  if (request.isFollowing && request.connection.port?.kind === "sim") {
    throw usageError("--follow has nothing to wait for on a sim: port", "No other program writes to a simulated chip.");
  }
  return async (session) => (await import("../actions/log-read.ts")).logRead(request, session);
});

const appendExample = `${FIRST_EXAMPLE} --data 68656c6c6f`;
const appendOptions = [dataOption, recordsOption, overwriteOption, unprotectFlag];
const appendCommand = logCommand("append", "Append records as a device would", appendExample, appendOptions, (args) => {
  const data = args.value(dataOption);
  const records = args.value(recordsOption);
  if ((data === undefined) === (records === undefined)) {
    throw usageError("log append needs either --data VALUE or --records FILE");
  }
  const input: { readonly value: ValueText } | { readonly file: string } =
    data === undefined ? { file: records ?? "-" } : { value: parseValueText(data, "--data") };
  const request = { ...target(args, true), input };
  return async (session) => (await import("../actions/log-change.ts")).logAppend(request, session);
});

const rotateSummary = "Erase the oldest sector of an FCB";
const rotateCommand = logCommand("rotate", rotateSummary, "--layout fcb", [overwriteOption, unprotectFlag], (args) => {
  const request = target(args, true);
  if (request.log.layout !== "fcb") {
    throw usageError("only an FCB can be rotated", "px_log_fs erases its oldest block by itself when it is full.");
  }
  return async (session) => (await import("../actions/log-change.ts")).logRotate(request, session);
});

const scratchSummary = "Make the next sector of an FCB active, even if it is a scratch sector";
const scratchExample = "--layout fcb --scratch 1";
const scratchCommand = logCommand(
  "append-to-scratch",
  scratchSummary,
  scratchExample,
  [overwriteOption, unprotectFlag],
  (args) => {
    const request = target(args, true);
    if (request.log.layout !== "fcb") throw usageError("only an FCB has scratch sectors");
    return async (session) => (await import("../actions/log-change.ts")).logAppendToScratch(request, session);
  },
);

const clearCommand = logCommand(
  "clear",
  "Remove all records",
  FIRST_EXAMPLE,
  [overwriteOption, unprotectFlag],
  (args) => {
    const request = target(args, true);
    return async (session) => (await import("../actions/log-change.ts")).logClear(request, session);
  },
);

export const logCommands: readonly Command[] = [
  infoCommand,
  readCommand,
  appendCommand,
  rotateCommand,
  scratchCommand,
  clearCommand,
];
