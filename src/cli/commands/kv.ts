/** `norbridge kv ...`: the words. */
import type { KvTarget } from "../actions/kv.ts";
import type { Command } from "../arguments/command.ts";
import { readConnection } from "../options/connection-request.ts";
import {
  dataCrcFlag,
  readKeyValueHints,
  storeAlignOption,
  storeSectorSizeOption,
} from "../options/key-value-options.ts";
import { type KvKey, numberOfKey, readKvKey } from "../values/kv-key.ts";
import { eraseValueOption, overwriteOption, withImpliedShape } from "../options/layout-options.ts";
import { type Arguments, usageError } from "../arguments/option.ts";
import { choiceOption, flagOption, unprotectFlag } from "../options/options.ts";
import { rangeOptions, readClosedRange } from "../options/range-options.ts";
import { parseAssignments, VALUE_FORMS } from "../values/value-text.ts";

const layoutOption = choiceOption("layout", "Format of the store", ["auto", "nvs", "zms", "flashdb-kvdb"] as const, {
  byDefault: "auto",
});
const rawFlag = flagOption("raw", "Write the raw bytes to stdout");

function target(args: Arguments, willChange = false): KvTarget {
  const hints = readKeyValueHints(args);
  const layout = args.value(layoutOption) ?? "auto";
  if (layout === "flashdb-kvdb") {
    const foreign = args.flag(dataCrcFlag)
      ? dataCrcFlag
      : args.value(storeAlignOption) === undefined
        ? undefined
        : storeAlignOption;
    if (foreign !== undefined) throw usageError(`--${foreign.name} cannot be used with --layout ${layout}`);
  }
  const shape = { eraseBytes: hints.sectorBytes, erasedByte: args.value(eraseValueOption) };
  return {
    connection: withImpliedShape(readConnection(args), shape),
    store: {
      ...hints,
      layout: layout === "auto" ? undefined : layout,
      range: readClosedRange(args),
      overwrite: willChange ? args.values(overwriteOption) : [],
    },
  };
}

/** The target of a command that writes. Throws USAGE for a layout that is only read. */
function changeTarget(args: Arguments): KvTarget {
  if (args.value(layoutOption) === "flashdb-kvdb") {
    throw usageError("a FlashDB is only read: this command cannot change it", "Only the device itself writes to it.");
  }
  return target(args, true);
}

/** Reads keys. Throws USAGE for a name if the layout has numbers. */
function readKeys(words: readonly string[], layout: KvTarget["store"]["layout"]): readonly KvKey[] {
  const keys = words.map(readKvKey);
  if (layout === "nvs" || layout === "zms") keys.forEach(numberOfKey);
  return keys;
}

const CHANGING: ReadonlySet<string> = new Set(["set", "delete"]);

function kvCommand(
  verb: string,
  summary: string,
  positionals: readonly string[],
  example: string,
  prepare: Command["prepare"],
): Command {
  const own = verb === "get" ? [rawFlag] : CHANGING.has(verb) ? [overwriteOption, unprotectFlag] : [];
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
  kvCommand(
    "get",
    "Read one item. A key is a number, in a FlashDB KVDB a name as `kv list` shows it",
    ["KEY"],
    "3 --range 0x7c000,16k",
    (args) => {
      const request = target(args);
      const [key = readKvKey("")] = readKeys([args.positional(0)], request.store.layout);
      const isRaw = args.flag(rawFlag);
      return async (session) => (await import("../actions/kv.ts")).kvGet({ ...request, key, isRaw }, session);
    },
  ),
  kvCommand(
    "set",
    `Write items. A value is ${VALUE_FORMS}`,
    ["KEY=VALUE..."],
    "3=u32:7 --range 0x7c000,16k",
    (args) => {
      const common = changeTarget(args);
      const pairs = parseAssignments(args.words);
      const keys = readKeys(
        pairs.map(([name]) => name),
        common.store.layout,
      );
      if (new Set(keys.map(({ number, text }) => number ?? text)).size < keys.length) {
        throw usageError("a key is given more than once");
      }
      const items = pairs.map(([name, value], index) => ({ key: keys[index] ?? readKvKey(name), value }));
      const request = { ...common, items };
      return async (session) => (await import("../actions/kv.ts")).kvSet(request, session);
    },
  ),
  kvCommand("delete", "Delete items", ["KEY..."], "3 4 --range 0x7c000,16k", (args) => {
    const common = changeTarget(args);
    const request = { ...common, keys: readKeys(args.words, common.store.layout) };
    return async (session) => (await import("../actions/kv.ts")).kvDelete(request, session);
  }),
];
