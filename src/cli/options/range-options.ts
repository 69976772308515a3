/**
 * A part of the chip can be named in two ways, on every command: `--range START,LENGTH`, or `--offset` and `--length`. They
 * never go together.
 */
import type { ByteRange } from "../../../drivers/geometry.ts";
import { type Arguments, type Option, usageError } from "../arguments/option.ts";
import { lengthOption, offsetOption, rangeOption } from "./options.ts";

/** For commands that take a range. */
export const rangeOptions: readonly Option[] = [rangeOption, offsetOption, lengthOption];

/** A place from `offset` on; undefined length: up to the end. */
export interface OpenRange {
  readonly offset: number;
  readonly lengthBytes: number | undefined;
}

/** The part that was named, if only by its first address. Throws USAGE if both ways are used. */
export function readOpenRange(args: Arguments): OpenRange {
  const range = rangeUnlessBoth(args);
  return range === undefined
    ? { offset: args.value(offsetOption) ?? 0, lengthBytes: args.value(lengthOption) }
    : { offset: range.address, lengthBytes: range.lengthBytes };
}

/** The part that was named, with both its ends; undefined if none was. Throws USAGE for half of one. */
export function readClosedRange(args: Arguments): ByteRange | undefined {
  const range = rangeUnlessBoth(args);
  const address = args.value(offsetOption);
  const lengthBytes = args.value(lengthOption);
  if (range !== undefined || (address === undefined && lengthBytes === undefined)) return range;
  if (address === undefined || lengthBytes === undefined) {
    const missing = address === undefined ? offsetOption : lengthOption;
    throw usageError(`--${missing.name} is missing: this command needs both ends of the range`, RANGE_HINT);
  }
  if (lengthBytes === 0 || !Number.isSafeInteger(address + lengthBytes)) {
    throw usageError(`--length ${lengthBytes} is not a valid length of a range: it must be above 0`, RANGE_HINT);
  }
  return { address, lengthBytes };
}

const RANGE_HINT = "Specify a range with --range START,LENGTH, or with --offset and --length.";

function rangeUnlessBoth(args: Arguments): ByteRange | undefined {
  const range = args.value(rangeOption);
  for (const other of [offsetOption, lengthOption]) {
    if (range === undefined || args.value(other) === undefined) continue;
    throw usageError(
      `--range and --${other.name} cannot be used together`,
      "--range START,LENGTH is the same as --offset START --length LENGTH: use one of them.",
    );
  }
  return range;
}
