/**
 * Which range block protection bits cover: a number made of the BP bits, counted by a rule, and bits that turn it around.
 * One map serves many parts; which bits are where differs from maker to maker and with the size of the chip.
 *
 * The rules are those of flashrom and Linux; test/golden/catalog/protection-ranges.txt has every value of the bits.
 */
import type { BpMap, BpRule, RegisterBit, StatusName } from "../../chip-descriptor.ts";
import type { ByteRange } from "../../geometry.ts";

const KIB = 1024;
const BLOCK_BYTES = 64 * KIB;
const SECTOR_BYTES = 4 * KIB;
/** What SEC = 1 covers at most. */
const MAX_SECTORS_BYTES = 32 * KIB;
/** The BP values below it cover nothing by the rule that ends in a sixteenth. */
const FIRST_OF_SIXTEENTH = 3;

/** Value of a status register; 0 for one that the part does not have. */
export type ReadRegister = (name: StatusName) => number;

/** The range that the bits cover; undefined if they cover nothing. */
export function coveredRange(map: BpMap, capacityBytes: number, read: ReadRegister): ByteRange | undefined {
  const isSet = (place: RegisterBit | undefined): boolean =>
    place !== undefined && (read(place.register) & (1 << place.bit)) !== 0;
  const isComplement = isSet(map.cmp);
  const most = 2 ** map.bp.length - 1;
  const written = map.bp.reduce((sum, place, index) => sum + (isSet(place) ? 2 ** index : 0), 0);
  const count = map.rule === "bit-cmp" && isComplement ? most - written : written;
  const covered = coveredBytes(map, capacityBytes, count, isSet(map.sec));
  const atBottom = isSet(map.tb) !== isComplement;
  const lengthBytes = isComplement ? capacityBytes - covered : covered;
  return lengthBytes === 0 ? undefined : { address: atBottom ? 0 : capacityBytes - lengthBytes, lengthBytes };
}

function coveredBytes(map: BpMap, capacityBytes: number, count: number, countsSectors: boolean): number {
  const bits = map.bp.length;
  const most = 2 ** bits - 1;
  if (count === 0) return 0;
  if (map.rule === "linux") return Math.min(capacityBytes, linuxUnit(map, capacityBytes) * 2 ** (count - 1));
  if (count === most) return capacityBytes;
  if (countsSectors && map.rule !== "sixteenth") return Math.min(MAX_SECTORS_BYTES, SECTOR_BYTES * 2 ** (count - 1));
  const { doublings, steps } = STEPS[map.rule];
  const doubled = doublings(count);
  if (doubled < 0) return 0;
  const half = steps === undefined ? BLOCK_BYTES : capacityBytes / 2 / 2 ** steps(most);
  return Math.min(capacityBytes, Math.max(BLOCK_BYTES, half) * 2 ** doubled);
}

/**
 * By rule: how often the unit is doubled for a count, and in how many steps it reaches half of the chip from the count of
 * all bits. A unit is 64 KiB at least.
 */
const STEPS: Readonly<
  Record<
    Exclude<BpRule, "linux">,
    { readonly doublings: (count: number) => number; readonly steps: ((most: number) => number) | undefined }
  >
> = {
  blocks: { doublings: (count) => count - 1, steps: (most) => most - 2 },
  "bit-cmp": { doublings: (count) => count - 1, steps: (most) => most - 2 },
  "blocks-64k": { doublings: (count) => count - 1, steps: undefined },
  "two-blocks": { doublings: (count) => count, steps: (most) => most - 1 },
  sixteenth: { doublings: (count) => count - FIRST_OF_SIXTEENTH, steps: (most) => most - 1 - FIRST_OF_SIXTEENTH },
};

/** A sector, doubled until the bits reach the whole chip. */
function linuxUnit({ bp, sectorBytes = BLOCK_BYTES }: BpMap, capacityBytes: number): number {
  return Math.max(sectorBytes, capacityBytes / 2 ** (2 ** bp.length - 2));
}

/** Places of bits, without what they cover. */
export type BpPlaces = Omit<BpMap, "rule">;

/** All bits of a map. */
export function bitsOfMap({ bp, tb, sec, cmp }: BpPlaces): readonly RegisterBit[] {
  return [...bp, ...[tb, sec, cmp].filter((place) => place !== undefined)];
}

/** A value of all bits of a map: what each register has of them. */
export type BitValues = ReadonlyMap<StatusName, number>;

/** Every value of the bits that can be changed, fewest bits first; CMP comes after all values without it. */
export function* valuesOfMap(map: BpMap): Generator<BitValues> {
  const places = bitsOfMap(map).filter(({ isFixed }) => isFixed !== true);
  for (let value = 0; value < 2 ** places.length; value++) {
    const registers = new Map<StatusName, number>();
    for (const [index, { register, bit }] of places.entries()) {
      if ((value & (2 ** index)) !== 0) registers.set(register, (registers.get(register) ?? 0) | (1 << bit));
    }
    yield registers;
  }
}

/** The bits of a map that lie in a register, as a mask. */
export function maskOfMap(map: BpPlaces, register: StatusName): number {
  return bitsOfMap(map)
    .filter((place) => place.register === register)
    .reduce((mask, { bit }) => mask | (1 << bit), 0);
}
