/**
 * Words of other programmers (flashrom, esptool, avrdude, probe-rs, OpenOCD, dfu-util, pyOCD), and what they are here. They are
 * not accepted: a word that means another thing in each tool must not aim an eraser. The answer is the command to type.
 */
import { printable } from "../../bytes.ts";
import type { Command } from "./command.ts";
import { optionsOf, PROGRAM } from "./command-table.ts";
import { unprotectFlag } from "../options/options.ts";
import { shellWords } from "../output/shell-words.ts";

/** Makes our words of the words after a foreign one. */
type Translate = (rest: readonly string[]) => readonly string[];

const fixed =
  (...words: readonly string[]): Translate =>
  () =>
    words;
/** The command with the file that was named: the only word, or after esptool's address the second. */
const withFile =
  (command: string): Translate =>
  (rest) => {
    const [address, file] = isNumber(rest[0]) ? rest : [undefined, rest[0]];
    return [command, file ?? "FILE", ...(address === undefined ? [] : ["--offset", address])];
  };
/** esptool: ADDRESS LENGTH FILE. */
const readFile: Translate = (rest) => {
  const [address = "", length = "", file] = rest;
  if (!isNumber(address)) return ["read", rest[0] ?? "FILE"];
  return ["read", file ?? "FILE", "--offset", address, ...(isNumber(length) ? ["--length", length] : [])];
};
const eraseRange: Translate = ([start, length]) => [
  ...["erase", "--range"],
  isNumber(start) && isNumber(length) ? `${start ?? ""},${length ?? ""}` : "START,LENGTH",
];

const COMMANDS: Readonly<Record<string, Translate>> = {
  flash: withFile("write"),
  program: withFile("write"),
  burn: withFile("write"),
  upload: withFile("write"),
  load: withFile("write"),
  download: withFile("write"),
  put: withFile("write"),
  "write-flash": withFile("write"),
  "flash-write": withFile("write"),
  write_image: withFile("write"),
  backup: readFile,
  save: readFile,
  get: readFile,
  "read-flash": readFile,
  "flash-read": readFile,
  "dump-flash": readFile,
  dump_image: readFile,
  compare: withFile("verify"),
  check: withFile("verify"),
  "verify-flash": withFile("verify"),
  verify_image: withFile("verify"),
  probe: fixed("info"),
  detect: fixed("info"),
  identify: fixed("info"),
  id: fixed("info"),
  "flash-id": fixed("info"),
  "chip-id": fixed("info"),
  "read-flash-status": fixed("protect", "status"),
  "read-flash-sfdp": fixed("info", "--json"),
  "erase-flash": fixed("erase", "--all"),
  "chip-erase": fixed("erase", "--all"),
  "mass-erase": fixed("erase", "--all"),
  wipe: fixed("erase", "--all"),
  "erase-region": eraseRange,
  "erase-sector": eraseRange,
  erase_address: eraseRange,
  hexdump: fixed("dump"),
  xxd: fixed("dump"),
  blank: fixed("blank-check"),
  erase_check: fixed("blank-check"),
  lock: fixed("protect", "on"),
  unlock: fixed("protect", "off"),
  unprotect: fixed("protect", "off"),
  wp: fixed("protect", "status"),
  ports: fixed("list"),
  devices: fixed("list"),
  ls: fixed("list"),
  scan: fixed("list"),
  continue: fixed("resume"),
  restore: fixed("undo"),
  revert: fixed("undo"),
  simulate: fixed("sim", "--chip", "AT25SF041"),
  serve: fixed("sim", "--chip", "AT25SF041"),
  version: fixed("--version"),
  parts: fixed("chips"),
};

/** Operations that flashrom and avrdude have as options. */
const OPTIONS: Readonly<Record<string, Translate>> = {
  "-r": withFile("read"),
  "--read": withFile("read"),
  "-w": withFile("write"),
  "--write": withFile("write"),
  "-E": fixed("erase", "--all"),
  "-e": fixed("erase", "--all"),
  "--erase": fixed("erase", "--all"),
  "--verify": withFile("verify"),
  "-L": fixed("chips"),
  "--list-supported": fixed("chips"),
  "--flash-name": fixed("info"),
  "--flash-size": fixed("info"),
  "--wp-status": fixed("protect", "status"),
  "--wp-enable": fixed("protect", "on"),
  "--wp-disable": fixed("protect", "off"),
  "--wp-range": fixed("protect", "on", "--range", "START,LENGTH"),
  "--wp-list": fixed("protect", "status"),
};

/** avrdude's `-U flash:w:FILE:i`. */
const MEMORY_OPERATION = /^-U$|^(?:-U)?[a-z0-9_]+:([rwv]):(.+?)(?::[a-z])?$/;
const MEMORY_COMMAND: Readonly<Record<string, string>> = { r: "read", w: "write", v: "verify" };

/** The hint for words that are another tool's command; undefined if they are no such words. */
export function foreignCommand(words: readonly string[], argv: readonly string[]): string | undefined {
  const [name, ...rest] = words;
  const byName =
    name === undefined ? undefined : (lookUp(COMMANDS, name) ?? lookUp(COMMANDS, name.replaceAll("_", "-")));
  if (byName !== undefined) return typeThis(byName(rest));
  for (const [index, word] of argv.entries()) {
    if (word === "--") break;
    const memory = MEMORY_OPERATION.exec(word);
    if (memory?.[1] !== undefined) return typeThis([MEMORY_COMMAND[memory[1]] ?? "write", memory[2] ?? "FILE"]);
    const operation = lookUp(OPTIONS, word.replace(/=.*$/, ""));
    if (operation !== undefined)
      return typeThis(operation(argv.slice(index + 1).filter((one) => !one.startsWith("-"))));
  }
  // flashrom's `-v FILE`: -v is --verbose here, so the file is what is left over.
  return argv.includes("-v") && name !== undefined && /[./\\]/.test(name) ? typeThis(["verify", name]) : undefined;
}

/** What an option of another tool is called here, for any command that has it. */
const SYNONYMS: Readonly<Record<string, string>> = {
  address: "offset",
  addr: "offset",
  start: "offset",
  seek: "offset",
  skip: "offset",
  "base-address": "base",
  len: "length",
  count: "length",
  bytes: "length",
  region: "range",
  include: "region",
  i: "region",
  partition: "region",
  l: "layout",
  fmap: "layout",
  "fmap-file": "layout",
  ifd: "layout",
  "partition-table": "layout",
  programmer: "port",
  device: "port",
  serial: "port",
  tty: "port",
  probe: "port",
  P: "port",
  baudrate: "baud",
  speed: "spi-clock",
  spispeed: "spi-clock",
  freq: "spi-clock",
  frequency: "spi-clock",
  B: "spi-clock",
  part: "chip",
  model: "chip",
  chipname: "chip",
  "flash-size": "size",
  "binary-format": "format",
  "file-format": "format",
  "chip-erase": "all",
  "erase-all": "all",
  noverify: "no-verify",
  "no-verify-all": "no-verify",
  n: "no-verify",
  V: "no-verify",
  dryrun: "dry-run",
  silent: "quiet",
  debug: "verbose",
  input: "image",
};

/** What is done without being asked. */
const DEFAULTS: Readonly<Record<string, string>> = {
  verify: "`write` verifies by itself; --no-verify turns that off.",
  diff: "`write` compares first and writes only what differs.",
  "erase-first": "`write` erases what it has to, and nothing else.",
  e: "`write` erases what it has to, and nothing else. `norbridge erase --all` erases the whole chip.",
  "chip-erase": "`write` erases what it has to, and nothing else. `norbridge erase --all` erases the whole chip.",
  preverify: "`write` compares first and writes only what differs.",
  "restore-unwritten": "`write` preserves all bytes outside the file by itself.",
};

/** The hint for an option that another tool has; undefined if it is none, or this command has nothing like it. */
export function foreignOption(command: Command, name: string, argv: readonly string[]): string | undefined {
  const byDefault = command.name === "write" ? lookUp(DEFAULTS, name) : undefined;
  if (byDefault !== undefined) return byDefault;
  const options = optionsOf(command);
  if ((name === "force" || name === "f") && options.includes(unprotectFlag)) {
    return "norbridge cannot be forced. If the chip is write-protected, --unprotect removes that for the command.";
  }
  if (["o", "output", "file"].includes(name) && command.positionals[0]?.startsWith("FILE") === true) {
    return `The file has no option: \`${PROGRAM} ${command.name} FILE\`.`;
  }
  const synonym = lookUp(SYNONYMS, name);
  if (synonym === undefined || !options.some((option) => option.name === synonym)) return undefined;
  const verbose = name === "V" && !argv.includes("--no-verify") ? " For more details there is --verbose." : "";
  return `Here it is --${synonym}.${verbose} \`${PROGRAM} ${command.name} --help\` shows all options.`;
}

function typeThis(words: readonly string[]): string {
  return `Type \`${printable(shellWords([PROGRAM, ...words]))}\`. \`${PROGRAM} --help\` shows all commands.`;
}

function isNumber(word: string | undefined): boolean {
  return word !== undefined && /^(?:0x[0-9a-f]+|[0-9]+[kmg]?)$/i.test(word);
}

function lookUp<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
