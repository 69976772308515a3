/** Every option that more than one command has, and the readers of their values. */
import type { ByteRange } from "../../drivers/geometry.ts";
import { parseSize } from "../bytes.ts";
import type { FileRole, FlagOption, ValueOption } from "./option.ts";

const SIZE_FORMS = "4096, 0x1000, 64k or 2M";

/** Reads `START,LENGTH`, both as sizes; LENGTH is at least 1. */
export function readRange(text: string): ByteRange | undefined {
  const [start = "", length = "", ...rest] = text.split(",");
  const address = parseSize(start);
  const lengthBytes = parseSize(length);
  if (address === undefined || lengthBytes === undefined || lengthBytes === 0 || rest.length > 0) return undefined;
  return Number.isSafeInteger(address + lengthBytes) ? { address, lengthBytes } : undefined;
}

const CLOCK = /^([0-9]{1,9}(?:\.[0-9]{1,6})?)(hz|khz|mhz)$/i;
const CLOCK_FACTOR: Readonly<Record<string, number>> = { hz: 1, khz: 1000, mhz: 1_000_000 };

/** Reads `8MHz`, `500kHz`, `1000000Hz`, `1.5MHz` as Hz, at least 1. A bare number is refused: 8 what? */
export function readClock(text: string): number | undefined {
  const match = CLOCK.exec(text);
  const factor = CLOCK_FACTOR[match?.[2]?.toLowerCase() ?? ""];
  if (match === null || factor === undefined) return undefined;
  const clockHz = Math.round(Number(match[1]) * factor);
  return clockHz >= 1 && clockHz <= 1_000_000_000 ? clockHz : undefined;
}

/** Reads a line rate: decimal digits, 300 to 20,000,000 baud. */
export function readBaudRate(text: string): number | undefined {
  if (!/^[1-9][0-9]{2,7}$/.test(text)) return undefined;
  const baudRate = Number(text);
  return baudRate >= 300 && baudRate <= 20_000_000 ? baudRate : undefined;
}

/** Reads `HOST:PORT` or `[IPV6]:PORT`; port 0 lets the system choose. */
export function readListenAddress(text: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:/\s[\]]+)):([0-9]{1,5})$/i.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host !== undefined && port <= 65_535 ? { host, port } : undefined;
}

/** An option that takes a size, with every size form. */
export function sizeOption(name: string, describe: string, what = "a size"): ValueOption<number> {
  return { kind: "value", name, describe, accepts: `${what} such as ${SIZE_FORMS}`, read: parseSize };
}

/** An option that takes one of a few words. */
export function choiceOption<T extends string>(
  name: string,
  describe: string,
  values: readonly T[],
  alias?: string,
): ValueOption<T> {
  return {
    kind: "value",
    name,
    describe,
    accepts: `one of ${values.join(", ")}`,
    values,
    read: (text) => values.find((value) => value === text),
    ...(alias === undefined ? {} : { alias }),
  };
}

/** An option that takes any text but the empty one. */
export function textOption(name: string, describe: string, accepts: string, alias?: string): ValueOption<string> {
  return {
    kind: "value",
    name,
    describe,
    accepts,
    read: (text) => text,
    ...(alias === undefined ? {} : { alias }),
  };
}

/** An option that names a file. */
export function fileOption(
  name: string,
  describe: string,
  file: FileRole,
  accepts = "the name of a file",
): ValueOption<string> {
  return { ...textOption(name, describe, accepts), file };
}

/** An option that is there or not. */
export function flagOption(name: string, describe: string, alias?: string): FlagOption {
  return { kind: "flag", name, describe, ...(alias === undefined ? {} : { alias }) };
}

export const jsonFlag = flagOption("json", "Write one JSON object a line to stdout, nothing else");
export const quietFlag = flagOption("quiet", "No progress, notes or summary; only what was asked for and errors", "q");
export const verboseFlag = flagOption("verbose", "Say more, also where an error came from", "v");
export const versionFlag = flagOption("version", "Show the version");

/** On every command. */
export const outputFlags: readonly FlagOption[] = [jsonFlag, quietFlag, verboseFlag];

export const portOption = textOption(
  "port",
  "Where the bridge is: /dev/ttyACM0, COM7, usb:VID:PID[:SERIAL], tcp://HOST:PORT, sim:CHIP[?key=value&...], " +
    "image:FILE. Else NORBRIDGE_PORT, else the one bridge found",
  "a port, see --help",
  "p",
);
export const protocolOption = choiceOption("protocol", "What the bridge speaks [default: auto]", [
  "auto",
  "native",
  "serprog",
]);
export const baudOption: ValueOption<number> = {
  kind: "value",
  name: "baud",
  alias: "b",
  describe: "Line rate to begin with [default: 115200]",
  accepts: "a rate of 300 to 20000000 baud",
  read: readBaudRate,
};
export const spiClockOption: ValueOption<number> = {
  kind: "value",
  name: "spi-clock",
  describe: "SPI clock, such as 8MHz or 500kHz [default: the fastest that chip and bridge allow]",
  accepts: "a clock with its unit, such as 8MHz, 500kHz or 1000000Hz",
  read: readClock,
};
export const chipOption = textOption(
  "chip",
  "Name of the part, where detection needs help",
  "the name of a part, such as AT25SF041",
  "c",
);

export const chipFileOption = fileOption(
  "chip-file",
  "JSON file that describes a part of your own, see README",
  "input",
);
export const chipSizeOption = sizeOption("size", "Size of the chip, where its own area and the catalogue differ");

export const paranoidFlag = flagOption(
  "paranoid",
  "Read everything twice and compare; a write also compares the rest of the chip before and after",
);
export const recordOption = fileOption(
  "record",
  "Write every byte on the wire with its time to this new file, for `norbridge replay`",
  "output",
);
export const fastFlag = flagOption("fast", "Read once, also where nobody checks the bytes on the line");
export const checkedFlag = flagOption(
  "checked",
  "The bytes are checked all the way to the bridge (serprog over tcp:// to the bridge itself, or over USB of its own)",
);
export const uncheckedFlag = flagOption(
  "unchecked",
  "There is a UART on the way to the bridge, whatever the port looks like (serprog: reads twice, tests the line)",
);

/** On every command that changes the chip's array. */
export const unprotectFlag = flagOption("unprotect", "Lift the chip's protection for this command, and put it back");

/** On commands that keep a journal. */
export const journalOption = fileOption(
  "journal",
  "Folder for the journal of the job [default: norbridge/jobs in the user's state directory]",
  "state",
  "the name of a folder",
);
export const noJournalFlag = flagOption("no-journal", "Keep no journal: what a kill destroys is gone");

export const keepOldFlag = flagOption(
  "keep-old",
  "Read what is replaced and keep it in the journal, so that `norbridge undo` can put it back",
);

/** On every command that talks to a chip. */
export const connectionOptions = [
  portOption,
  protocolOption,
  baudOption,
  spiClockOption,
  chipOption,
  chipFileOption,
  chipSizeOption,
  paranoidFlag,
  fastFlag,
  checkedFlag,
  uncheckedFlag,
  recordOption,
] as const;

export const offsetOption = sizeOption(
  "offset",
  "Where on the chip to begin [default: 0]; added to the addresses of a file",
  "an address",
);
export const lengthOption = sizeOption("length", "How many bytes [default: up to the end]");
export const baseOption = sizeOption(
  "base",
  "Address that stands for the start of the chip in files with addresses, such as 0x10000000",
  "an address",
);
export const rangeOption: ValueOption<ByteRange> = {
  kind: "value",
  name: "range",
  describe: "Which part of the chip, as START,LENGTH: 0x1000,64k",
  accepts: `START,LENGTH with sizes such as ${SIZE_FORMS}, LENGTH above 0`,
  read: readRange,
};

/** The image formats that can be read; `elf` cannot be written. */
export const inputFormatOption = choiceOption("format", "Format of the file [default: by extension, then content]", [
  "bin",
  "hex",
  "srec",
  "uf2",
  "elf",
]);
export const outputFormatOption = choiceOption("format", "Format of the file [default: by extension, else bin]", [
  "bin",
  "hex",
  "srec",
  "uf2",
]);
