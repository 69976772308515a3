/** The chips that can be simulated, by name. */
import { At25Model } from "./at25-model.ts";
import { AT25SF041, AT25SF321, W25Q128JV, type At25Part } from "./at25-part.ts";
import { at25Part, at25PartNames } from "./at25-parts.ts";
import { At45Model } from "./at45-model.ts";
import { AT45_PARTS, binaryPageBytes } from "./at45-part.ts";
import type { ChipModel } from "./chip-model.ts";
import { ChipTimes, type TimesMode } from "./chip-times.ts";

/** Options of a simulated chip. */
export interface ChipOptions {
  /** Selects the operation times if `times` is "varying", and the unique ID. Default 1. */
  readonly seed?: number | undefined;
  /** How long operations take. Default "varying". */
  readonly times?: TimesMode | undefined;
  /** Page size of an AT45, which has two. Default: the larger, standard one. */
  readonly pageBytes?: number | undefined;
  /**
   * Initial values of status registers 1 and 2, such as block protection bits; only for chips with AT25 commands.
   * Default 0.
   */
  readonly statusRegisters?: readonly [number, number] | undefined;
}

type Maker = (times: ChipTimes, options: ChipOptions) => ChipModel;

function at25(part: At25Part): Maker {
  return (times, { statusRegisters = [0, 0] }) => {
    const chip = new At25Model(part, times);
    chip.presetStatus(...statusRegisters);
    return chip;
  };
}

const CHIPS: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ["AT25SF041", at25(AT25SF041)],
  ["AT25SF321", at25(AT25SF321)],
  ...AT45_PARTS.map((part): [string, Maker] => [
    part.name,
    (times, { pageBytes }) => new At45Model(part, pageBytes ?? part.standardPageBytes, times),
  ]),
  ["W25Q128JV", at25(W25Q128JV)],
  ...at25PartNames().map((name): [string, Maker] => [name, (times, options) => at25(at25Part(name))(times, options)]),
]);

/** The names that `createChip` accepts. */
export function simulatedChipNames(): readonly string[] {
  return [...CHIPS.keys()];
}

/** Page sizes that `createChip` takes for a chip; 256 for all that have only one. */
export function simulatedPageSizes(name: string): readonly number[] {
  const part = AT45_PARTS.find((candidate) => candidate.name === name);
  return part === undefined ? [256] : [binaryPageBytes(part), part.standardPageBytes];
}

/** Creates a simulated chip, erased. Throws RangeError for a name that is not in `simulatedChipNames()`. */
export function createChip(name: string, options: ChipOptions = {}): ChipModel {
  const make = CHIPS.get(name);
  if (make === undefined)
    throw new RangeError(`no simulated chip is named ${name}; available are ${simulatedChipNames().join(", ")}`);
  return make(new ChipTimes(options.times ?? "varying", options.seed ?? 1), options);
}
