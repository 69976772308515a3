/** What the options that aim a file at the chip say, checked. Shared by write, verify and diff. */
import type { Arguments, Option } from "./option.ts";
import { baseOption, inputFormatOption, rangeOption } from "./options.ts";
import { rangeOptions, readOpenRange } from "./range-options.ts";

export interface ImageRequest {
  /** Path, or `-` for stdin. */
  readonly file: string;
  readonly format: "bin" | "hex" | "srec" | "uf2" | "elf" | undefined;
  /** Subtracted from the addresses in the file. */
  readonly base: number;
  /** Added to the addresses in the file, after `base` was subtracted. */
  readonly offset: number;
  /** Only so many bytes, counted from the lowest address in the file; undefined: all. */
  readonly lengthBytes: number | undefined;
  /** `offset` is a place on the chip, and not added to addresses in the file. */
  readonly isPlaced?: boolean;
  /** A job that resumes: its image was accepted before. */
  readonly isKnownContent?: boolean;
}

export const imageOptions: readonly Option[] = [...rangeOptions, inputFormatOption, baseOption];

/** Reads them; throws USAGE. */
export function readImageRequest(args: Arguments): ImageRequest {
  return {
    file: args.positional(0),
    format: args.value(inputFormatOption),
    base: args.value(baseOption) ?? 0,
    ...readOpenRange(args),
    isPlaced: args.value(rangeOption) !== undefined,
  };
}
