/** `--range` of the commands that also find their region by its name in the FIS directory of RedBoot. */
import type { ByteRange } from "../../../drivers/geometry.ts";
import { nameBytes } from "../values/name-text.ts";
import { type Arguments, type Option, usageError, type ValueOption } from "../arguments/option.ts";
import { lengthOption, offsetOption, rangeOption } from "./options.ts";
import { readClosedRange } from "./range-options.ts";

/** A region by its name in the FIS directory. */
export interface FisRange {
  /** Bytes of the name. */
  readonly fis: Uint8Array;
}

const PREFIX = "fis:";

const fisRangeOption: ValueOption<ByteRange | FisRange> = {
  ...rangeOption,
  placeholder: "RANGE",
  describe: `${rangeOption.describe}. Or ${PREFIX}NAME, an entry of the FIS directory of RedBoot`,
  accepts: `${rangeOption.accepts}, or ${PREFIX}NAME`,
  read(text) {
    if (!text.startsWith(PREFIX)) return rangeOption.read(text);
    const fis = nameBytes(text.slice(PREFIX.length));
    return fis.length === 0 || fis.length > 16 ? undefined : { fis };
  },
};

/** For commands that take a range or the name of one. */
export const fisRangeOptions: readonly Option[] = [fisRangeOption, offsetOption, lengthOption];

/** The region that was named; undefined if none was. Throws USAGE as `readClosedRange`. */
export function readFisRange(args: Arguments): ByteRange | FisRange | undefined {
  if (args.text(fisRangeOption)?.startsWith(PREFIX) !== true) return readClosedRange(args);
  for (const other of [offsetOption, lengthOption]) {
    if (args.value(other) !== undefined) throw usageError(`--range and --${other.name} cannot be used together`);
  }
  return args.value(fisRangeOption);
}
