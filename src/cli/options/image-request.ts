/** What the options that aim files at the chip say, checked. Shared by write, verify and diff. */
import type { ByteRange } from "../../../drivers/geometry.ts";
import type { PlacedFile } from "../../files/open-images.ts";
import { type Arguments, type Option, usageError } from "../arguments/option.ts";
import {
  baseOption,
  cropOption,
  familyOption,
  fillOption,
  inputFormatOption,
  lengthOption,
  rangeOption,
} from "./options.ts";
import { rangeOptions, readOpenRange } from "./range-options.ts";
import { readRegionRequest, regionOptions, type RegionRequest } from "./region-options.ts";

/** Files of one job, and what is taken of them. */
export interface ImageRequest {
  /** As typed: `FILE` or `FILE@ADDRESS`; or taken apart already. */
  readonly files: readonly (string | PlacedFile)[];
  readonly format: "bin" | "hex" | "srec" | "uf2" | "elf" | undefined;
  /** Subtracted from the addresses in the files. */
  readonly base: number;
  readonly familyId?: number | undefined;
  readonly crop?: ByteRange | undefined;
  readonly fillByte?: number | undefined;
  /** Regions of a layout; undefined: all of the image. */
  readonly regions?: RegionRequest | undefined;
  /** Ranges of the chip that the image is reduced to: what regions come down to. */
  readonly only?: readonly ByteRange[] | undefined;
  /** Size of the chip; with `only`, a raw file of another size is the content of the region. */
  readonly flashBytes?: number | undefined;
  /** Added to the addresses in the files, after `base` was subtracted. */
  readonly offset: number;
  /** Only this many bytes, counted from the lowest address in the file; undefined: all. */
  readonly lengthBytes: number | undefined;
  /** `offset` is a place on the chip, and not added to addresses in the file. */
  readonly isPlaced?: boolean | undefined;
  /** A job that resumes: its image was accepted before. */
  readonly isKnownContent?: boolean | undefined;
}

export const imageOptions: readonly Option[] = [
  ...rangeOptions,
  inputFormatOption,
  baseOption,
  familyOption,
  cropOption,
  fillOption,
  ...regionOptions,
];

/** What `--region` takes the place of. */
const PLACING: readonly Option[] = [...rangeOptions, cropOption, fillOption];

/** Reads them; throws USAGE. */
export function readImageRequest(args: Arguments): ImageRequest {
  const files = args.words;
  const isPlaced = args.value(rangeOption) !== undefined;
  if (files.length > 1) {
    for (const option of [rangeOption, lengthOption, cropOption]) {
      if (args.text(option) === undefined) continue;
      throw usageError(`--${option.name} cannot be used with several files`, "FILE@ADDRESS places each raw file.");
    }
  }
  return {
    files,
    format: args.value(inputFormatOption),
    base: args.value(baseOption) ?? 0,
    familyId: args.value(familyOption),
    crop: args.value(cropOption),
    fillByte: args.value(fillOption),
    regions: readRegionRequest(args, PLACING),
    ...readOpenRange(args),
    isPlaced,
  };
}
