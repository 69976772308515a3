/** `norbridge kv ...`: the words. */
import { parseSize, printable } from "../../bytes.ts";
import type { KvTarget } from "../actions/kv.ts";
import type { Command } from "../command.ts";
import { readConnection } from "../connection-request.ts";
import { dataCrcFlag, readKeyValueHints, storeAlignOption, storeSectorSizeOption } from "../key-value-options.ts";
import { eraseValueOption, withImpliedShape } from "../layout-options.ts";
import { type Arguments, usageError } from "../option.ts";
import { choiceOption, flagOption, unprotectFlag } from "../options.ts";
import { rangeOptions, readClosedRange } from "../range-options.ts";
import { parseAssignments, VALUE_FORMS } from "../value-text.ts";

const layoutOption = choiceOption("layout", "Format of the store", ["auto", "nvs", "zms"] as const, {
  byDefault: "auto",
});
const rawFlag = flagOption("raw", "Write the raw bytes to stdout");
const LAST_KEY = 0xffffffff;

function target(args: Arguments): KvTarget {
  const hints = readKeyValueHints(args);
  const layout = args.value(layoutOption) ?? "auto";
  const shape = { eraseBytes: hints.sectorBytes, erasedByte: args.value(eraseValueOption) };
  return {
    connection: withImpliedShape(readConnection(args), shape),
    store: { ...hints, layout: layout === "auto" ? undefined : layout, range: readClosedRange(args) },
  };
}

function readKey(text: string): number {
  const key = parseSize(text);
  if (key !== undefined && key <= LAST_KEY) return key;
  throw usageError(`${printable(text)} is not a key`, "A key is a number: 0 to 0xfffe in NVS, 0 to 0xfffffffe in ZMS.");
}

const CHANGING: ReadonlySet<string> = new Set(["set", "delete"]);

function kvCommand(
  verb: string,
  summary: string,
  positionals: readonly string[],
  example: string,
  prepare: Command["prepare"],
): Command {
  const own = verb === "get" ? [rawFlag] : CHANGING.has(verb) ? [unprotectFlag] : [];
  return {
    name: `kv ${verb}`,
    summary,
    positionals,
    examples: [`norbridge kv ${verb} ${example}`],
    options: [
      layoutOption,
      ...rangeOptions,
      storeSectorSizeOption,
      storeAlignOption,
      dataCrcFlag,
      eraseValueOption,
      ...own,
    ],
    connects: true,
    prepare,
  };
}

export const kvCommands: readonly Command[] = [
  kvCommand("list", "List all items", [], "--range 0x7c000,16k", (args) => {
    const request = target(args);
    return async (session) => (await import("../actions/kv.ts")).kvList(request, session);
  }),
  kvCommand("get", "Read one item", ["KEY"], "3 --range 0x7c000,16k", (args) => {
    const request = { ...target(args), key: readKey(args.positional(0)), isRaw: args.flag(rawFlag) };
    return async (session) => (await import("../actions/kv.ts")).kvGet(request, session);
  }),
  kvCommand(
    "set",
    `Write items. A value is ${VALUE_FORMS}`,
    ["KEY=VALUE..."],
    "3=u32:7 --range 0x7c000,16k",
    (args) => {
      const items = parseAssignments(args.words).map(([name, value]) => ({ key: readKey(name), value }));
      if (new Set(items.map(({ key }) => key)).size < items.length) throw usageError("a key is given more than once");
      const request = { ...target(args), items };
      return async (session) => (await import("../actions/kv.ts")).kvSet(request, session);
    },
  ),
  kvCommand("delete", "Delete items", ["KEY..."], "3 4 --range 0x7c000,16k", (args) => {
    const request = { ...target(args), keys: args.words.map(readKey) };
    return async (session) => (await import("../actions/kv.ts")).kvDelete(request, session);
  }),
];
