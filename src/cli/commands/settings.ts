/** `norbridge settings ...`: the words. */
import type { SettingsTarget } from "../actions/settings.ts";
import type { Command } from "../arguments/command.ts";
import { readConnection } from "../options/connection-request.ts";
import { backendOption, dataCrcFlag } from "../options/key-value-options.ts";
import {
  overwriteOption,
  readFcbRequest,
  sectorSizeOption,
  settingsOptions,
  withImpliedShape,
} from "../options/layout-options.ts";
import type { Arguments, Option } from "../arguments/option.ts";
import { flagOption, unprotectFlag } from "../options/options.ts";
import { readClosedRange } from "../options/range-options.ts";
import { parseAssignments, VALUE_FORMS } from "../values/value-text.ts";

const rawFlag = flagOption("raw", "Write the raw bytes to stdout");

function target(args: Arguments, willChange = false): SettingsTarget {
  const fcb = readFcbRequest(args);
  const sectorBytes = args.value(sectorSizeOption);
  const shape = { eraseBytes: sectorBytes, erasedByte: fcb.erasedByte };
  return {
    connection: withImpliedShape(readConnection(args), shape),
    range: readClosedRange(args),
    sectorBytes,
    fcb,
    backend: args.value(backendOption) ?? "auto",
    hasDataCrc: args.flag(dataCrcFlag) ? true : undefined,
    overwrite: willChange ? args.values(overwriteOption) : [],
  };
}

function settingsCommand(
  verb: string,
  summary: string,
  positionals: readonly string[],
  example: string,
  options: readonly Option[],
  prepare: Command["prepare"],
): Command {
  return {
    name: `settings ${verb}`,
    summary,
    positionals,
    examples: [`norbridge settings ${verb} ${example}`],
    options: [backendOption, ...settingsOptions, dataCrcFlag, ...options],
    connects: true,
    prepare,
  };
}

export const settingsCommands: readonly Command[] = [
  settingsCommand("list", "List all settings", [], "--range 0x7c000,16k", [], (args) => {
    const request = target(args);
    return async (session) => (await import("../actions/settings.ts")).settingsList(request, session);
  }),
  settingsCommand("get", "Read one setting", ["NAME"], "fw/dl --range 0x7c000,16k", [rawFlag], (args) => {
    const request = { ...target(args), name: args.positional(0), isRaw: args.flag(rawFlag) };
    return async (session) => (await import("../actions/settings.ts")).settingsGet(request, session);
  }),
  settingsCommand(
    "set",
    `Write settings. A value is ${VALUE_FORMS}`,
    ["NAME=VALUE..."],
    "app/name=text:golden app/n=u32:7 --range 0x7c000,16k",
    [overwriteOption, unprotectFlag],
    (args) => {
      const request = { ...target(args, true), items: parseAssignments(args.words) };
      return async (session) => (await import("../actions/settings.ts")).settingsSet(request, session);
    },
  ),
  settingsCommand(
    "delete",
    "Delete settings",
    ["NAME..."],
    "app/name --range 0x7c000,16k",
    [overwriteOption, unprotectFlag],
    (args) => {
      const request = { ...target(args, true), names: args.words };
      return async (session) => (await import("../actions/settings.ts")).settingsDelete(request, session);
    },
  ),
];
