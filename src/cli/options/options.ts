/** Every option that more than one command has, and the readers of their values. */
import type { ByteRange } from "../../../drivers/geometry.ts";
import { parseSize } from "../../bytes.ts";
import { familyId } from "../../files/uf2-families.ts";
import type { FileRole, FlagOption, Offer, ValueOption } from "../arguments/option.ts";

const SIZE_FORMS = "4096, 0x1000, 64k, 2M or 512KiB";

/** Reads `START,LENGTH`, both as sizes, or `FIRST..LAST` as ranges are printed, the last byte included; at least one byte. */
export function readRange(text: string): ByteRange | undefined {
  const [, start = "", separator, end = ""] = /^([^,.]+)(,|\.\.)([^,.]+)$/.exec(text) ?? [];
  const address = parseSize(start);
  const length = parseSize(end);
  if (address === undefined || length === undefined) return undefined;
  const lengthBytes = separator === "," ? length : length - address + 1;
  return lengthBytes > 0 && Number.isSafeInteger(address + lengthBytes) ? { address, lengthBytes } : undefined;
}

const CLOCK = /^([0-9]{1,9}(?:\.[0-9]{1,6})?) ?(hz|khz|mhz)$/i;
const CLOCK_FACTOR: Readonly<Record<string, number>> = { hz: 1, khz: 1000, mhz: 1_000_000 };

/** Reads `8MHz`, `500 kHz`, `1000000Hz`, `1.5MHz` as Hz, at least 1. A bare number is refused: 8 what? */
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

/** What may be added to an option that one of the functions below makes. */
interface More {
  readonly alias?: string | undefined;
  readonly byDefault?: string | undefined;
  readonly placeholder?: string | undefined;
  readonly offers?: Offer | undefined;
}

/** An option that takes a size, with every size form. `what`: "an address" is one, too. */
export function sizeOption(
  name: string,
  describe: string,
  { placeholder = "SIZE", ...more }: More = {},
  what = "a size",
): ValueOption<number> {
  const accepts = `${what} such as ${SIZE_FORMS}`;
  return { kind: "value", name, placeholder, describe, accepts, takesNumber: true, read: parseSize, ...more };
}

/** An option that takes one of a few words. */
export function choiceOption<T extends string>(
  name: string,
  describe: string,
  values: readonly T[],
  { placeholder = name.toUpperCase(), ...more }: More = {},
): ValueOption<T> {
  return {
    kind: "value",
    name,
    placeholder,
    describe,
    accepts: `one of ${values.join(", ")}`,
    values,
    read: (text) => values.find((value) => value === text),
    ...more,
  };
}

/** An option that takes any text but the empty one. */
export function textOption(
  name: string,
  describe: string,
  accepts: string,
  { placeholder = "NAME", ...more }: More = {},
): ValueOption<string> {
  return { kind: "value", name, placeholder, describe, accepts, read: (text) => text, ...more };
}

/** An option that names a file. */
export function fileOption(
  name: string,
  describe: string,
  file: FileRole,
  accepts = "the name of a file",
  { placeholder = "FILE", ...more }: More = {},
): ValueOption<string> {
  return { ...textOption(name, describe, accepts, { placeholder, ...more }), file };
}

/** An option that is there or not. */
export function flagOption(name: string, describe: string, alias?: string): FlagOption {
  return { kind: "flag", name, describe, alias };
}

export const jsonFlag = flagOption("json", "Write one JSON object per line to stdout, and nothing else");
export const quietFlag = flagOption("quiet", "No progress, notes or summary; only results and errors", "q");
export const verboseFlag = flagOption("verbose", "Print more details, and the source of errors", "v");
export const versionFlag = flagOption("version", "Print the version", "V");
export const helpFlag = flagOption("help", "Print this help", "h");

/** On every command. */
export const outputFlags: readonly FlagOption[] = [jsonFlag, quietFlag, verboseFlag];

export const portOption = textOption(
  "port",
  "Port of the bridge: /dev/ttyACM0, COM7, usb:VID:PID[:SERIAL], tcp://HOST:PORT, sim:CHIP[?key=value&...], image:FILE. In file names write & as %26, ? as %3F, % as %25",
  "a port, see --help",
  { alias: "p", placeholder: "PORT", byDefault: "the only bridge that is plugged in", offers: "ports" },
);
export const protocolOption = choiceOption("protocol", "Protocol of the bridge", ["auto", "native", "serprog"], {
  byDefault: "auto",
});
export const baudOption: ValueOption<number> = {
  kind: "value",
  name: "baud",
  alias: "b",
  placeholder: "RATE",
  describe: "Baud rate when the port is opened. norbridge raises it if the bridge can",
  byDefault: "115200",
  accepts: "a rate of 300 to 20000000 baud",
  takesNumber: true,
  read: readBaudRate,
};
export const spiClockOption: ValueOption<number> = {
  kind: "value",
  name: "spi-clock",
  placeholder: "CLOCK",
  describe: "SPI clock with its unit: 8MHz, 500kHz",
  byDefault: "the fastest that chip and bridge allow",
  accepts: "a clock with its unit, such as 8MHz, 500kHz or 1000000Hz",
  read: readClock,
};
export const chipOption = textOption(
  "chip",
  "Name of the chip, if detection is ambiguous. `norbridge chips` lists the names",
  "the name of a part, such as AT25SF041",
  { alias: "c", placeholder: "CHIP", byDefault: "detected", offers: "chips" },
);

export const chipFileOption = fileOption("chip-file", "JSON file that describes a custom chip", "input");
export const chipSizeOption = sizeOption("size", "Size of the chip, if its SFDP table and the catalogue disagree");

export const paranoidFlag = flagOption(
  "paranoid",
  "Read everything twice and compare. A write also compares the rest of the chip before and after",
);
export const recordOption = fileOption(
  "record",
  "Record every byte on the wire with its time to this new file, for `norbridge replay`",
  "output",
);
export const fastFlag = flagOption("fast", "Read only once, even on an unchecked link");
export const checkedFlag = flagOption(
  "checked",
  "The link is checked all the way: native USB, or tcp:// to the bridge itself. Matters for serprog only",
);
export const uncheckedFlag = flagOption(
  "unchecked",
  "The link includes a UART. With serprog, norbridge then tests the line and reads everything twice",
);

/** On every command that changes the chip's array. */
export const unprotectFlag = flagOption(
  "unprotect",
  "Remove the chip's write protection for this command, and restore it afterwards",
);

/** On commands that keep a journal. */
export const journalOption = fileOption(
  "journal",
  "Folder for the job's journal, which `resume` and `undo` need",
  "state",
  "the name of a folder",
  { placeholder: "FOLDER", byDefault: "norbridge/jobs in your state folder" },
);
export const noJournalFlag = flagOption("no-journal", "Do not keep a journal; an interrupted job cannot be restored");

export const keepOldFlag = flagOption(
  "keep-old",
  "Save the replaced bytes in the journal, so that `norbridge undo` can restore them",
);

export const profileOption = textOption(
  "profile",
  "Profile in norbridge.config.json to use",
  "the name of a profile in norbridge.config.json",
  { byDefault: 'the one that the file names in "profile"', offers: "profiles" },
);
export const noConfigFlag = flagOption("no-config", "Ignore all norbridge.config.json files");

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
  profileOption,
  noConfigFlag,
] as const;

export const offsetOption = sizeOption(
  "offset",
  "First address on the chip; added to the addresses in a HEX, S-record, UF2 or ELF file",
  { placeholder: "ADDRESS", byDefault: "0" },
  "an address",
);
export const lengthOption = sizeOption("length", "Number of bytes", { byDefault: "up to the end" });
export const baseOption = sizeOption(
  "base",
  "Address in the file that is the start of the chip, such as 0x10000000 for an RP2040",
  { placeholder: "ADDRESS", byDefault: "0" },
  "an address",
);
export const rangeOption: ValueOption<ByteRange> = {
  kind: "value",
  name: "range",
  placeholder: "START,LENGTH",
  describe: "Part of the chip, such as 0x1000,64k. The same as --offset START --length LENGTH",
  accepts: `START,LENGTH with sizes such as ${SIZE_FORMS}, LENGTH above 0`,
  read: readRange,
};

export const familyOption: ValueOption<number> = {
  kind: "value",
  name: "family",
  placeholder: "FAMILY",
  describe: "Family of a UF2 file: a name such as RP2040, or a number such as 0xe48bff56",
  accepts: "the name of a UF2 family, or its number up to 0xffffffff",
  takesNumber: true,
  read: familyId,
};
export const cropOption: ValueOption<ByteRange> = {
  ...rangeOption,
  name: "crop",
  describe: "Use only this part of the file, by the addresses in the file. A raw file counts from 0",
};
export const fillOption: ValueOption<number> = {
  kind: "value",
  name: "fill",
  placeholder: "BYTE",
  describe: "Value of the bytes in the gaps of the file, such as 0xff",
  byDefault: "gaps keep what the chip has there",
  accepts: "a byte from 0 to 0xff",
  takesNumber: true,
  read: (text) => {
    const value = parseSize(text);
    return value !== undefined && value <= 0xff ? value : undefined;
  },
};

/** The image formats that can be read; `elf` cannot be written. */
export const inputFormatOption = choiceOption("format", "Format of the file", ["bin", "hex", "srec", "uf2", "elf"], {
  byDefault: "by extension, then by content",
});
export const outputFormatOption = choiceOption("format", "Format of the file", ["bin", "hex", "srec", "uf2"], {
  byDefault: "by extension, else bin",
});
