/** The chips that can be simulated, by name. */
import { At25Model } from "./at25/model.ts";
import { AT25SF041, AT25SF321, W25Q128JV, type At25Part } from "./at25/part.ts";
import { at25Part, at25PartNames } from "./at25/catalog-parts.ts";
import { siblingNames, siblingPart } from "./at25/sibling-parts.ts";
import { At45Model } from "./at45/model.ts";
import { AT45_PARTS, type At45Part, binaryPageBytes } from "./at45/part.ts";
import type { ChipModel } from "./core/chip-model.ts";
import { ChipTimes, type TimesMode } from "./core/chip-times.ts";
import { cannotBeFound, cannotBeOdd, type ChipOddities, type FoundChip, oddPart } from "./found-chip.ts";
import { ChipInLineMode, type LineMode } from "./at25/line-mode.ts";

/** Options of a simulated chip. */
export interface ChipOptions {
  /** Selects the operation times if `times` is "varying", and the unique ID. Default 1. */
  readonly seed?: number | undefined;
  /** How long operations take. Default "varying". */
  readonly times?: TimesMode | undefined;
  /** Page size of an AT45, which has two. Default: the larger, standard one. */
  readonly pageBytes?: number | undefined;
  /**
   * Initial values of status registers 1, 2 and 3, such as block protection bits; only for chips with AT25 commands.
   * Default 0.
   */
  readonly statusRegisters?: readonly [number, number, number?] | undefined;
  /** The state in which it was left. Default: as after power-up. */
  readonly found?: FoundChip | undefined;
  /** How it differs from others with its name. */
  readonly odd?: ChipOddities | undefined;
}

/** What stands for a name: data of an AT25-like part, or of an AT45. */
type Entry =
  | { readonly family: "at25"; readonly part: () => At25Part }
  | { readonly family: "at45"; readonly part: At45Part };

/** A part is made when it is first asked for, and then kept: it never changes. */
function at25(make: () => At25Part): Entry {
  let made: At25Part | undefined;
  return { family: "at25", part: () => (made ??= make()) };
}

const CHIPS: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  ["AT25SF041", at25(() => AT25SF041)],
  ["AT25SF321", at25(() => AT25SF321)],
  ...AT45_PARTS.map((part): [string, Entry] => [part.name, { family: "at45", part }]),
  ["W25Q128JV", at25(() => W25Q128JV)],
  ...at25PartNames().map((name): [string, Entry] => [name, at25(() => at25Part(name))]),
  ...siblingNames().map((name): [string, Entry] => [name, at25(() => siblingPart(name))]),
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

const AT45_STATES = ["busyMs", "isAsleep"] satisfies (keyof FoundChip)[];

/** What keeps the chip from being found like this or from differing like this, as the end of a sentence; undefined: nothing. */
export function whyNoSuchChip(name: string, found: FoundChip, odd: ChipOddities): string | undefined {
  const entry = CHIPS.get(name);
  if (entry === undefined) return undefined;
  if (entry.family === "at25") {
    const part = entry.part();
    return cannotBeFound(part, found) ?? cannotBeOdd(part, odd);
  }
  const set = new Set(
    Object.entries({ ...found, ...odd }).flatMap(([key, value]) => (value === undefined ? [] : [key])),
  );
  for (const key of AT45_STATES) set.delete(key);
  return set.size > 0 ? "an AT45 can be found busy or asleep, and nothing else" : undefined;
}

/**
 * Creates a simulated chip, erased. Throws RangeError for a name that is not in `simulatedChipNames()`, and for a state
 * that the part cannot have.
 */
export function createChip(name: string, options: ChipOptions = {}): ChipModel {
  const entry = CHIPS.get(name);
  if (entry === undefined)
    throw new RangeError(`no simulated chip is named ${name}; available are ${simulatedChipNames().join(", ")}`);
  const { found = {}, odd = {} } = options;
  const why = whyNoSuchChip(name, found, odd);
  if (why !== undefined) throw new RangeError(`${name} cannot be simulated like this: ${why}`);
  const times = new ChipTimes(options.times ?? "varying", options.seed ?? 1);
  if (entry.family === "at45") {
    const chip = new At45Model(entry.part, options.pageBytes ?? entry.part.standardPageBytes, times);
    chip.presetFound(found);
    return chip;
  }
  const chip = new At25Model(oddPart(entry.part(), odd), times);
  const [sr1, sr2, sr3] = options.statusRegisters ?? [0, 0];
  chip.presetStatus(sr1, sr2, (sr3 ?? 0) | (found.hasBlockLocks === true ? BLOCK_LOCKS : 0));
  chip.presetFound(found);
  const mode = lineModeOf(entry.part(), found);
  return mode === undefined ? chip : new ChipInLineMode(chip, mode, found.isFourByteMode === true ? 4 : 3);
}

/** SR3 bit 2 (WPS). */
const BLOCK_LOCKS = 0x04;

function lineModeOf({ qpi }: At25Part, { isInQpi, continuousRead }: FoundChip): LineMode | undefined {
  if (isInQpi === true) return qpi === "ff" ? "qpi" : "qpi-unreachable";
  return continuousRead;
}
