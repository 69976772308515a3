/** Parts of a chip by name: `--layout` says where the names are, `--region` which of them are meant. */
import { type Arguments, type Option, usageError, type ValueOption } from "../arguments/option.ts";
import { fileOption, rangeOption, textOption } from "./options.ts";

/** Layouts that are read from the chip, by their names for `--layout`. */
export const CHIP_LAYOUTS = ["fmap", "ifd", "esp-partitions"] as const;
/** One of these. */
export type ChipLayout = (typeof CHIP_LAYOUTS)[number];

/** Where names of regions are: on the chip, or in a file, of which `form` chooses one of several layouts. */
export type LayoutSource =
  | { readonly kind: "chip"; readonly form: ChipLayout }
  | { readonly kind: "file"; readonly file: string; readonly form: ChipLayout | undefined };

/** Regions that were asked for. */
export interface RegionRequest {
  readonly source: LayoutSource;
  /** At least one. */
  readonly names: readonly string[];
}

/** `--layout`, for commands on parts of a chip. Commands on logs and stores have another one. */
export const layoutSourceOption: ValueOption<string> = {
  ...fileOption(
    "layout",
    "Names of regions: fmap, ifd or esp-partitions reads them from the chip; else a file with a flashrom layout, an FMAP, an Intel " +
      "descriptor, an ESP-IDF partition table or a device-tree source",
    "input",
    "fmap, ifd, esp-partitions, or the name of a file",
  ),
  placeholder: "LAYOUT",
};
export const regionOption = textOption(
  "region",
  "Only this region of the layout. Can be given more than once",
  "the name of a region",
);
const WHERE_NAMES_ARE = "--layout FILE, or --layout fmap for the map on the chip, has the names.";
/** For commands that take regions. */
export const regionOptions: readonly Option[] = [layoutSourceOption, regionOption];

/** Where the layout is; undefined if none was specified. `fmap:FILE` chooses the FMAP of a file that has several layouts. */
export function readLayoutSource(args: Arguments): LayoutSource | undefined {
  const text = args.value(layoutSourceOption);
  if (text === undefined) return undefined;
  const form = CHIP_LAYOUTS.find((one) => one === text);
  if (form !== undefined) return { kind: "chip", form };
  const ofFile = CHIP_LAYOUTS.find((one) => text.startsWith(`${one}:`));
  return { kind: "file", file: ofFile === undefined ? text : text.slice(ofFile.length + 1), form: ofFile };
}

/** The regions; undefined if none were specified. Throws USAGE for half of it, and for other options that choose a part. */
export function readRegionRequest(args: Arguments, others: readonly Option[]): RegionRequest | undefined {
  const source = readLayoutSource(args);
  const names = args.values(regionOption);
  if (source === undefined && names.length === 0) return undefined;
  if (source === undefined) {
    const isRange = names.some((name) => rangeOption.read(name) !== undefined);
    throw usageError("--region needs --layout", isRange ? "Here it is --range." : WHERE_NAMES_ARE);
  }
  if (names.length === 0) {
    throw usageError("--layout needs --region NAME", "`norbridge regions --layout LAYOUT` lists the names.");
  }
  for (const option of others) {
    const isGiven = option.kind === "flag" ? args.flag(option) : args.text(option) !== undefined;
    if (isGiven) throw usageError(`--${option.name} and --region cannot be used together`);
  }
  return { source, names };
}
