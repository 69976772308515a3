/** `norbridge safe ...`: the words. */
import type { SafeTarget } from "../actions/safe.ts";
import type { Command } from "../arguments/command.ts";
import { readConnection } from "../options/connection-request.ts";
import { eraseValueOption, overwriteOption, withImpliedShape } from "../options/layout-options.ts";
import { type Arguments, usageError } from "../arguments/option.ts";
import { flagOption, sizeOption, unprotectFlag } from "../options/options.ts";
import { fisRangeOptions, readFisRange } from "../options/fis-range.ts";
import { parseAssignments, VALUE_FORMS } from "../values/value-text.ts";
import { parseSize, printable } from "../../bytes.ts";

const FROM_HEADERS = { byDefault: "from its headers" };
const blockSizeOption = sizeOption("block-size", "Size of a block of the safe", FROM_HEADERS);
const bufferSizeOption = sizeOption("buffer-size", "Size of a segment of the safe", FROM_HEADERS);
const rawFlag = flagOption("raw", "Write the raw bytes to stdout");

function target(args: Arguments, willChange = false): SafeTarget {
  const blockBytes = args.value(blockSizeOption);
  const shape = { eraseBytes: undefined, erasedByte: args.value(eraseValueOption) };
  return {
    connection: withImpliedShape(readConnection(args), shape),
    range: readFisRange(args),
    blockBytes,
    bufferBytes: args.value(bufferSizeOption),
    overwrite: willChange ? args.values(overwriteOption) : [],
  };
}

const LAST_KEY = 0xfffffffe;

function readKey(text: string): number {
  const key = parseSize(text);
  if (key !== undefined && key <= LAST_KEY) return key;
  throw usageError(`${printable(text)} is not a key`, "A key is a number, 0 to 0xfffffffe.");
}

const CHANGING: ReadonlySet<string> = new Set(["set", "delete", "format"]);

function safeCommand(
  verb: string,
  summary: string,
  positionals: readonly string[],
  example: string,
  prepare: Command["prepare"],
): Command {
  const own = verb === "get" ? [rawFlag] : CHANGING.has(verb) ? [overwriteOption, unprotectFlag] : [];
  return {
    name: `safe ${verb}`,
    summary,
    positionals,
    examples: [`norbridge safe ${verb} ${example}`.trimEnd()],
    options: [...fisRangeOptions, blockSizeOption, bufferSizeOption, eraseValueOption, ...own],
    connects: true,
    prepare,
  };
}

export const safeCommands: readonly Command[] = [
  safeCommand("info", "Show the blocks of the safe, and which one is valid", [], "--range 0,12k", (args) => {
    const request = target(args);
    return async (session) => (await import("../actions/safe.ts")).safeInfo(request, session);
  }),
  safeCommand("list", "List all items", [], "--range 0,12k", (args) => {
    const request = target(args);
    return async (session) => (await import("../actions/safe.ts")).safeList(request, session);
  }),
  safeCommand("get", "Read one item", ["KEY"], "7", (args) => {
    const request = { ...target(args), key: readKey(args.positional(0)), isRaw: args.flag(rawFlag) };
    return async (session) => (await import("../actions/safe.ts")).safeGet(request, session);
  }),
  safeCommand(
    "set",
    `Write items in one commit. A value is ${VALUE_FORMS}`,
    ["KEY=VALUE..."],
    "7=68656c6c6f 8=text:world",
    (args) => {
      const items = parseAssignments(args.words).map(([name, value]) => ({ key: readKey(name), value }));
      if (new Set(items.map(({ key }) => key)).size < items.length) throw usageError("a key is given more than once");
      const request = { ...target(args, true), items };
      return async (session) => (await import("../actions/safe.ts")).safeSet(request, session);
    },
  ),
  safeCommand("delete", "Delete items in one commit", ["KEY..."], "7 8", (args) => {
    const request = { ...target(args, true), keys: args.words.map(readKey) };
    return async (session) => (await import("../actions/safe.ts")).safeDelete(request, session);
  }),
  safeCommand(
    "format",
    "Create a new, empty safe. All items in it are lost",
    [],
    "--range 0,12k --block-size 4k --buffer-size 256",
    (args) => {
      const request = target(args, true);
      if (request.bufferBytes === undefined) {
        throw usageError(
          "safe format needs --buffer-size",
          "It is part of the format: a fraction of the block, at most a third of it, such as one page.",
        );
      }
      return async (session) => (await import("../actions/safe.ts")).safeFormat(request, session);
    },
  ),
];
