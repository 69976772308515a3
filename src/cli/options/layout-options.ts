/** The options that describe what is on the flash: shared by log, settings, safe and stream. */
import type { ByteRange } from "../../../drivers/geometry.ts";
import { parseSize } from "../../bytes.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import type { FcbHints, LogHints } from "../../storage/log-finding.ts";
import { type Arguments, type Option, usageError, type ValueOption } from "../arguments/option.ts";
import { choiceOption, flagOption, rangeOption, sizeOption } from "./options.ts";
import { rangeOptions, readClosedRange } from "./range-options.ts";

export type LogLayout = "fcb" | "px-log-fs" | "fcb2" | "flashdb-tsdb";

/** Logs that norbridge reads, and only the device writes. */
export function isReadOnly(layout: "auto" | LogLayout): layout is "fcb2" | "flashdb-tsdb" {
  return layout === "fcb2" || layout === "flashdb-tsdb";
}

/** A number of any size form, within limits. */
function numberOption(
  name: string,
  describe: string,
  what: string,
  minimum: number,
  maximum: number,
  more: { readonly byDefault?: string | undefined } = {},
): ValueOption<number> {
  return {
    kind: "value",
    name,
    placeholder: "NUMBER",
    describe,
    ...more,
    accepts: `${what}, ${minimum} to ${maximum > 0xffff ? `0x${maximum.toString(16)}` : maximum}`,
    read(text) {
      const value = parseSize(text);
      return value === undefined || value < minimum || value > maximum ? undefined : value;
    },
  };
}

export const layoutOption = choiceOption(
  "layout",
  "Format of the log",
  ["auto", "fcb", "px-log-fs", "fcb2", "flashdb-tsdb"] as const,
  {
    byDefault: "auto; commands that change the chip require one",
  },
);
export const sectorSizeOption = sizeOption("sector-size", "Size of a sector", { byDefault: "one erase block" });
export const magicOption = numberOption("magic", "FCB: magic number of the sectors", "a 32-bit number", 0, 0xffffffff);
export const versionOption = numberOption(
  "version",
  "FCB: version byte of the sectors. px-log-fs: format 1 (releases 0.8 to 0.9) or 2 (0.10 and newer)",
  "a version",
  0,
  255,
);
export const alignOption: ValueOption<number> = {
  kind: "value",
  name: "align",
  placeholder: "BYTES",
  describe: "FCB: write block of the device that wrote the log",
  byDefault: "1",
  accepts: "1, 2, 4, 8, 16 or 32",
  values: ["1", "2", "4", "8", "16", "32"],
  read: (text) => [1, 2, 4, 8, 16, 32].find((align) => String(align) === text),
};
export const scratchOption = numberOption("scratch", "FCB: number of sectors that stay free", "a count", 0, 65_535);
export const eraseValueOption: ValueOption<number> = {
  kind: "value",
  name: "erase-value",
  placeholder: "BYTE",
  describe: "Value of an erased byte",
  byDefault: "0xff",
  accepts: "0xff or 0x00",
  values: ["0xff", "0x00"],
  read: (text) => {
    const value = parseSize(text);
    return value === 0 || value === 0xff ? value : undefined;
  },
};
export const noCrcFlag = flagOption(
  "no-crc",
  "FCB: the device writes fixed end markers, no CRC (FCB_FLAGS_CRC_DISABLED)",
);
export const pageSizeOption = sizeOption("page-size", "px-log-fs: size of a page", {
  byDefault: "the page size of the chip",
});
export const blockPagesOption = numberOption(
  "block-pages",
  "px-log-fs: pages in an erase block",
  "a count",
  1,
  32_768,
  { byDefault: "from the chip's smallest erase block" },
);
export const recordSizeOption = sizeOption(
  "record-size",
  "px-log-fs, and flashdb-tsdb with records of one length: data bytes in a record",
);
export const whenFullOption = choiceOption(
  "when-full",
  "px-log-fs: behaviour of a full log",
  ["overwrite", "stop"] as const,
  {
    placeholder: "ACTION",
    byDefault: "overwrite",
  },
);

/** On every command that writes to a log or store; may be given more than once. */
export const overwriteOption: ValueOption<ByteRange> = {
  ...rangeOption,
  name: "overwrite",
  describe: "Range that may be erased although it holds other data. Can be given more than once",
};

const regionOptions: readonly Option[] = [...rangeOptions, sectorSizeOption];
export const fcbOptions: readonly Option[] = [
  magicOption,
  versionOption,
  alignOption,
  scratchOption,
  eraseValueOption,
  noCrcFlag,
];
const logFsOptions: readonly Option[] = [pageSizeOption, blockPagesOption, recordSizeOption, whenFullOption];
export const logOptions: readonly Option[] = [layoutOption, ...regionOptions, ...fcbOptions, ...logFsOptions];
export const settingsOptions: readonly Option[] = [...regionOptions, ...fcbOptions];

/** The options that are of no use with a layout. */
const OTHER_OPTIONS: Readonly<Record<"auto" | LogLayout, readonly Option[]>> = {
  auto: [],
  fcb: logFsOptions,
  "px-log-fs": fcbOptions,
  fcb2: [...fcbOptions, ...logFsOptions],
  "flashdb-tsdb": [...fcbOptions, ...logFsOptions.filter((option) => option !== recordSizeOption)],
};

/** What was specified about a log, and where it is. */
export interface LogRequest extends Omit<LogHints, "layout"> {
  readonly layout: "auto" | LogLayout;
  /** Undefined: the whole chip. */
  readonly range: ByteRange | undefined;
  readonly fcb: FcbRequest;
  /** Ranges of the chip that may be erased, whatever they hold; empty on commands that only read. */
  readonly overwrite: readonly ByteRange[];
}

/** What was specified about an FCB, and about its flash. */
export interface FcbRequest extends FcbHints {
  /** What an erased byte has to be; undefined if it was not specified. */
  readonly erasedByte: number | undefined;
}

/**
 * Reads the options of a log. Throws USAGE for options of another layout, and where `mustName` says that the command
 * changes the chip and the layout is left to be guessed.
 */
export function readLogRequest(args: Arguments, { mustName }: { readonly mustName: boolean }): LogRequest {
  const overwrite = mustName ? args.values(overwriteOption) : [];
  const layout = args.value(layoutOption) ?? "auto";
  if (mustName && layout === "auto") {
    throw usageError(
      "this command changes the chip and needs --layout fcb or --layout px-log-fs",
      "`norbridge log info` shows which of them is on the chip.",
    );
  }
  if (mustName && isReadOnly(layout)) {
    const what = layout === "fcb2" ? "an FCB2" : "a FlashDB";
    throw usageError(`${what} is only read: this command cannot change it`, "Only the device itself writes to it.");
  }
  for (const option of OTHER_OPTIONS[layout]) {
    if (option === versionOption || option === eraseValueOption || !isGiven(args, option)) continue;
    throw usageError(`--${option.name} cannot be used with --layout ${layout}`);
  }
  const version = args.value(versionOption);
  if (layout === "px-log-fs" && version !== undefined && version !== 1 && version !== 2) {
    throw usageError("--version of px-log-fs is 1 (releases 0.8 to 0.9) or 2 (0.10 and newer)");
  }
  return {
    layout,
    range: readClosedRange(args),
    sectorBytes: args.value(sectorSizeOption),
    fcb: readFcbRequest(args),
    overwrite,
    logFs: {
      pageBytes: args.value(pageSizeOption),
      blockPages: args.value(blockPagesOption),
      recordBytes: args.value(recordSizeOption),
      whenFull: args.value(whenFullOption),
      format: version === 1 || version === 2 ? version : undefined,
    },
  };
}

/** Reads the options of an FCB. */
export function readFcbRequest(args: Arguments): FcbRequest {
  return {
    magic: args.value(magicOption),
    version: args.value(versionOption),
    alignBytes: args.value(alignOption),
    scratchSectors: args.value(scratchOption),
    erasedByte: args.value(eraseValueOption),
    hasCrc: !args.flag(noCrcFlag),
  };
}

function isGiven(args: Arguments, option: Option): boolean {
  return option.kind === "flag" ? args.flag(option) : args.value(option) !== undefined;
}

/** Shape of the flash that the options of a layout imply. */
export interface ImpliedShape {
  readonly pageBytes?: number | undefined;
  readonly eraseBytes?: number | undefined;
  readonly erasedByte?: number | undefined;
}

/** A dump without a shape of its own gets the one that the layout options imply. */
export function withImpliedShape(connection: ConnectionRequest, shape: ImpliedShape): ConnectionRequest {
  const { eraseBytes, erasedByte } = shape;
  const pageBytes = shape.pageBytes ?? (eraseBytes === undefined ? undefined : pageBytesFor(eraseBytes));
  const implied = [
    ["pageBytes", pageBytes],
    ["eraseBytes", eraseBytes],
    ["eraseValue", erasedByte],
  ] as const;
  const imageDefaults = implied.flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const],
  );
  return { ...connection, imageDefaults: new Map(imageDefaults) };
}

/** The usual page that tiles an erase block. */
function pageBytesFor(eraseBytes: number): number {
  return [256, 264, 512, 528].find((pageBytes) => eraseBytes % pageBytes === 0) ?? eraseBytes;
}
