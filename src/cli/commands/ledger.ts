/** `norbridge ledger ...`: the words. */
import type { Command } from "../arguments/command.ts";
import { type Arguments, type Option, usageError, type ValueOption } from "../arguments/option.ts";
import { choiceOption, fileOption, flagOption, textOption } from "../options/options.ts";
import { readUnitValues, unitOption, unitValueOption } from "../options/unit-options.ts";

const ledgerOption = fileOption("ledger", "File of the ledger", "state", "the name of a file", {
  byDefault: "norbridge/ledger.sqlite in your state folder",
});
const slotOption = textOption("slot", "Name of the place in which the unit is", "a name", { byDefault: "1" });
const operatorOption = textOption("operator", "Who works at the station", "a name", { byDefault: "not specified" });
const storedOption = textOption("stored", "Serial number that was found on the chip", "a serial number", {
  placeholder: "SERIAL",
});
const jedecOption = hexOption("jedec", "Response of the chip to 9Fh, such as 1f8401");
const uidOption = hexOption("uid", "Unique ID of the chip");
const imageHashOption: ValueOption<string> = {
  ...hexOption("image-hash", "SHA-256 of the unit's image, as `norbridge station compose` prints it"),
  accepts: "64 hex digits",
  read: (text) => (/^[0-9a-f]{64}$/i.test(text) ? text.toLowerCase() : undefined),
};
const reasonOption = textOption("reason", "Why", "a few words", { placeholder: "TEXT" });
const unusedOption = choiceOption(
  "unused",
  "What happens to numbers that were never sent",
  ["return", "burn"] as const,
  {
    placeholder: "ACTION",
    byDefault: "burn",
  },
);
const productOption = textOption("product", "Only units of this product", "the name of a product");

function hexOption(name: string, describe: string): ValueOption<string> {
  const read = (text: string): string | undefined =>
    /^(?:[0-9a-f]{2})+$/i.test(text) ? text.toLowerCase() : undefined;
  return { kind: "value", name, placeholder: "HEX", describe, accepts: "hex digits", read };
}

function ledgerCommand(
  verb: string,
  summary: string,
  positionals: readonly string[],
  example: string,
  options: readonly Option[],
  prepare: Command["prepare"],
): Command {
  const examples = [`norbridge ledger ${verb}${example === "" ? "" : ` ${example}`}`];
  return {
    name: `ledger ${verb}`,
    summary,
    positionals,
    examples,
    options: [ledgerOption, ...options],
    connects: false,
    prepare,
  };
}

const serverOption = textOption(
  "server",
  "PostgreSQL server of several stations; give its password in PGPASSWORD or ~/.pgpass",
  "postgres://USER@HOST:PORT/DATABASE",
  { placeholder: "URL" },
);
const stationOption = textOption("station", "Name of this station on the server; each name is used once", "a name");
const restoredOption = flagOption(
  "restored",
  "The ledger is a copy of an older state: give up the numbers that it has left",
);
const countOption: ValueOption<number> = {
  kind: "value",
  name: "count",
  placeholder: "N",
  describe: "How many numbers",
  accepts: "a count from 1",
  read: (text) => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined),
};
const completeOption = flagOption("complete", "All stations have uploaded: the server gives out numbers again");

const fileOf = (args: Arguments): { readonly ledger: string | undefined } => ({ ledger: args.value(ledgerOption) });

const serverOf = (args: Arguments): { readonly ledger: string | undefined; readonly server: string } => ({
  ...fileOf(args),
  server: args.required(serverOption),
});

/** Several stations with one server. */
const serverCommands: readonly Command[] = [
  ledgerCommand(
    "join",
    "Make this ledger a station of a server; its pools are shared from then on",
    [],
    "--server postgres://line@db.example/production --station line-1",
    [serverOption, stationOption, restoredOption],
    (args) => {
      const request = {
        ...serverOf(args),
        station: args.required(stationOption),
        isRestored: args.flag(restoredOption),
      };
      return async (session) => (await import("../actions/ledger-server.ts")).ledgerJoin(request, session);
    },
  ),
  ledgerCommand(
    "lease",
    "Get numbers of a pool from the server, for this station only",
    ["POOL"],
    "mk3-serial --count 500 --server postgres://line@db.example/production",
    [serverOption, countOption],
    (args) => {
      const request = { ...serverOf(args), pool: args.positional(0), size: args.required(countOption) };
      return async (session) => (await import("../actions/ledger-server.ts")).ledgerLease(request, session);
    },
  ),
  ledgerCommand(
    "sync",
    "Upload all events that the server does not have",
    [],
    "--server postgres://line@db.example/production",
    [serverOption],
    (args) => {
      const request = serverOf(args);
      return async (session) => (await import("../actions/ledger-server.ts")).ledgerSync(request, session);
    },
  ),
  ledgerCommand(
    "rebuild-server",
    "Upload this ledger to a server whose database was lost; run it on every station, the last time with --complete",
    [],
    "--server postgres://line@db.example/production",
    [serverOption, completeOption],
    (args) => {
      const request = { ...serverOf(args), isComplete: args.flag(completeOption) };
      return async (session) => (await import("../actions/ledger-server.ts")).ledgerRebuildServer(request, session);
    },
  ),
];

export const ledgerCommands: readonly Command[] = [
  {
    ...ledgerCommand(
      "take",
      "Take the numbers of one unit, and start its session",
      ["RECIPE"],
      "logger.yaml --uid 0102030405060708 --jedec 1f8401",
      [jedecOption, uidOption, storedOption, slotOption, operatorOption],
      (args) => {
        const request = {
          ...fileOf(args),
          recipe: args.positional(0),
          jedec: args.value(jedecOption),
          uid: args.value(uidOption),
          stored: args.value(storedOption),
          slot: args.value(slotOption) ?? "1",
          operator: args.value(operatorOption) ?? "",
        };
        if (request.uid !== undefined && request.jedec === undefined) throw usageError("--uid needs --jedec");
        return async (session) => (await import("../actions/ledger.ts")).ledgerTake(request, session);
      },
    ),
    file: "input",
  },
  ledgerCommand(
    "issue",
    "Record that the unit of a session is done, and its numbers are on it",
    ["SESSION"],
    "01a22edf-d20c-7198-90dd-97a47899acf3 --unit MK3-2648-00017F --image-hash 261f...",
    [unitOption, imageHashOption, unitValueOption],
    (args) => {
      const request = {
        ...fileOf(args),
        session: args.positional(0),
        serial: args.required(unitOption),
        sha256: args.required(imageHashOption),
        values: readUnitValues(args),
      };
      return async (session) => (await import("../actions/ledger.ts")).ledgerIssue(request, session);
    },
  ),
  ledgerCommand(
    "burn",
    "End a session without a unit; its numbers are never used again",
    ["SESSION"],
    '01a22edf-d20c-7198-90dd-97a47899acf3 --reason "the chip is defective"',
    [reasonOption, unusedOption],
    (args) => {
      const request = {
        ...fileOf(args),
        session: args.positional(0),
        reason: args.required(reasonOption),
        unused: args.value(unusedOption) ?? "burn",
      };
      return async (session) => (await import("../actions/ledger.ts")).ledgerBurn(request, session);
    },
  ),
  ledgerCommand(
    "unit",
    "Show a unit: its numbers, chip and sessions",
    ["SERIAL"],
    "MK3-2648-00017F",
    [productOption],
    (args) => {
      const request = { ...fileOf(args), serial: args.positional(0), product: args.value(productOption) };
      return async (session) => (await import("../actions/ledger.ts")).ledgerUnit(request, session);
    },
  ),
  ledgerCommand(
    "account",
    "Explain every number of a pool that was given out; with --server those of all stations",
    ["POOL"],
    "mk3-serial",
    [serverOption],
    (args) => {
      const request = { ...fileOf(args), pool: args.positional(0) };
      const server = args.value(serverOption);
      if (server === undefined)
        return async (session) => (await import("../actions/ledger.ts")).ledgerAccount(request, session);
      const shared = { ...request, server };
      return async (session) => (await import("../actions/ledger-server.ts")).ledgerServerAccount(shared, session);
    },
  ),
  ledgerCommand("check", "Prove the chain of events and all numbers; list open sessions", [], "", [], (args) => {
    const request = fileOf(args);
    return async (session) => (await import("../actions/ledger.ts")).ledgerCheck(request, session);
  }),
  ...serverCommands,
  ledgerCommand("export", "Print all events, one JSON object a line", [], "> events.jsonl", [], (args) => {
    const request = fileOf(args);
    return async (session) => (await import("../actions/ledger.ts")).ledgerExport(request, session);
  }),
];
