/** `norbridge fs ...`: the words. */
import type { FsTarget } from "../actions/fs.ts";
import type { Command } from "../arguments/command.ts";
import { readConnection } from "../options/connection-request.ts";
import { parsePath } from "../values/fs-path.ts";
import { type Arguments, usageError } from "../arguments/option.ts";
import { fileOption, jsonFlag } from "../options/options.ts";
import { rangeOptions, readClosedRange } from "../options/range-options.ts";

const outOption = fileOption(
  "out",
  "File to write; - is stdout. For a directory: a folder that is new or empty",
  "output",
  "the name of a file, or -",
);

function target(args: Arguments): FsTarget {
  return { connection: readConnection(args), range: readClosedRange(args) };
}

const listCommand: Command = {
  name: "fs list",
  summary: "List the files of a littlefs, or those below a directory",
  positionals: ["[PATH]"],
  examples: ["norbridge fs list", "norbridge fs list /log --range 1M,512k"],
  options: rangeOptions,
  connects: true,
  prepare(args) {
    const request = { ...target(args), path: parsePath(args.words[0] ?? "/") };
    return async (session) => (await import("../actions/fs.ts")).fsList(request, session);
  },
};

const getCommand: Command = {
  name: "fs get",
  summary: "Copy a file of a littlefs from the chip, or all files below a directory",
  positionals: ["PATH"],
  examples: [
    "norbridge fs get /log/boot.txt --out boot.txt",
    "norbridge fs get /cfg/serial --out - | xxd",
    "norbridge fs get / --out dump",
  ],
  options: [...rangeOptions, outOption],
  connects: true,
  prepare(args) {
    const file = args.required(outOption);
    if (file === "-" && args.flag(jsonFlag)) {
      throw usageError("stdout cannot carry both the file and --json", "Specify a file instead of -.");
    }
    const path = parsePath(args.positional(0));
    const request = { ...target(args), path, file };
    return async (session) => (await import("../actions/fs.ts")).fsGet(request, session);
  },
};

export const fsCommands: readonly Command[] = [listCommand, getCommand];
