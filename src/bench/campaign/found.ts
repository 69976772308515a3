/**
 * The state in which a chip is found, as a case draws it: what an earlier program has left, how the chip differs from others
 * with its name, and what its user specifies. All of it comes from a stream of its own, so that cases without it stay as they
 * were.
 */
import type { ByteRange } from "../../../drivers/geometry.ts";
import { whyNoSuchChip } from "../../sim/chip/chip-catalog.ts";
import type { ChipOddities, FoundChip } from "../../sim/chip/found-chip.ts";
import type { Random } from "../../sim/random.ts";

/** What can be left out of it, to make a failing case smaller. */
export const FOUND_OMISSIONS = [
  "busy",
  "suspended",
  "mode4",
  "bank",
  "qpi",
  "continuous",
  "asleep",
  "sticky",
  "locks",
  "protection",
  "odd-status",
  "odd-sfdp",
  "few-cells",
  "named",
  "keeps-power",
] as const;
export type FoundOmission = (typeof FOUND_OMISSIONS)[number];

/** A chip as it is found, and what the job's user specifies about it. */
export interface FoundScene {
  /** Name of the simulated part. */
  readonly chip: string;
  readonly found: FoundChip;
  readonly odd: ChipOddities;
  readonly statusRegisters: readonly [number, number, number];
  /** Where the part of the chip begins in which everything happens, bytes. */
  readonly baseBytes: number;
  /** The job may lift the protection. */
  readonly unprotect: boolean;
  /** The part that the user names. */
  readonly named: string | undefined;
  /** The chip keeps its power between two lives of the program, and with it what the first has left it in. */
  readonly keepsPower: boolean;
}

/** States that power takes back. A chip is in one or two of them. */
type State = "busy" | "suspended" | "mode4" | "bank" | "qpi" | "continuous" | "asleep" | "sticky";
/** The others stay, and may come on top. */
type Trait = "locks" | "protection" | "odd-status" | "odd-sfdp" | "few-cells";

const KIB = 1024;
const MIB = 1024 * KIB;
const BANK_BYTES = 16 * MIB;
/** Where a range that ends the chip or crosses 16 MiB may begin: so much room is needed after it. */
const ROOM_BYTES = 512 * KIB;

/** Parts that the catalogue knows, older parts with their IDs, and families that keep their state in different places. */
const CHIPS: readonly string[] = [
  ...["AT25SF041", "AT25SF041", "AT25SF041B", "AT45DB041E", "AT25DF041B", "AT25XE041D", "SST26VF032B"],
  ...["W25Q128JV", "W25Q128JV", "W25Q256JV", "W25Q256JV", "GD25Q128", "ZB25VQ16", "MX25L3233F", "N25Q128A"],
  ...["MX25L3205A", "MX25L3205A", "MX25L3205D", "MX25L3206E", "MX25L6405D", "MX25L12805D"],
  ...["W25Q64FV", "W25Q128FV", "W25Q64FW", "W25Q256FV", "MX25L25635E", "MX25L25635F"],
  ...["S25FL064L", "S25FL128L", "S25FL128S", "MT25QL256A", "IS25LP256"],
];

/** Names that a user may give a part by its ID, though they are those of another. */
const TAKEN_FOR: ReadonlyMap<string, readonly string[]> = new Map([
  ["MX25L3205A", ["MX25L3233F", "MX25L3205D", "MX25L3206E"]],
  ["MX25L3205D", ["MX25L3205A", "MX25L3206E"]],
  ["MX25L3206E", ["MX25L3205A", "MX25L3205D"]],
  ["W25Q256FV", ["W25Q256JV"]],
  ["W25Q256JV", ["W25Q256FV"]],
  ["MX25L25635E", ["MX25L25635F"]],
  ["MX25L25635F", ["MX25L25635E"]],
]);

const STATES: readonly State[] = ["busy", "suspended", "mode4", "bank", "qpi", "continuous", "asleep", "sticky"];

/** Draws a chip as it is found. `capacityOf`: bytes that a part claims. The suspended operation is settled by `nearRange`. */
export function drawFound(
  random: Random,
  without: readonly string[],
  capacityOf: (name: string) => number,
): FoundScene | undefined {
  const draw = random.branch("which");
  // The others are chips as after power-up: what is drawn for the job alone has its share.
  if (draw.chance(0.2)) return undefined;
  const chip = draw.pick(CHIPS);
  const capacityBytes = capacityOf(chip);
  const isLeftOut = (name: FoundOmission): boolean => without.includes(name);
  const states = drawStates(random.branch("states"), chip).filter((state) => !isLeftOut(state));
  const found = states.reduce<FoundChip>(
    (all, state) => ({ ...all, ...settingOf(state, random.branch(state), chip) }),
    {},
  );
  const trait = (name: Trait, probability: number): Random | undefined => {
    const own = random.branch(name);
    return own.chance(probability) && !isLeftOut(name) ? own : undefined;
  };
  const hasLocks = trait("locks", 0.2) !== undefined && isPossible(chip, { hasBlockLocks: true });
  const protection = trait("protection", 0.3);
  const user = random.branch("user");
  return {
    chip,
    found: { ...found, hasBlockLocks: hasLocks ? true : undefined },
    odd: {
      ...oddStatus(chip, trait("odd-status", 0.25)),
      ...oddSfdp(chip, trait("odd-sfdp", 0.15)),
      ...fewCells(chip, capacityBytes, trait("few-cells", 0.06)),
    },
    statusRegisters: protection === undefined ? [0, 0, 0] : drawStatus(protection, chip),
    baseBytes: drawBase(random.branch("base"), capacityBytes),
    unprotect: user.chance(0.7),
    named: drawName(user, chip, isLeftOut("named")),
    keepsPower: user.chance(0.5) && !isLeftOut("keeps-power"),
  };
}

/** Puts a suspended operation where it matters: in the range of the job, beside it, or in its erase block. */
export function nearRange(scene: FoundScene, { address, lengthBytes }: ByteRange, random: Random): FoundScene {
  const { suspended } = scene.found;
  if (suspended === undefined) return scene;
  const draw = random.branch("suspended at");
  const reach = draw.pick([0, 8 * KIB, 64 * KIB]);
  const near = Math.max(0, address - reach) + draw.intBelow(lengthBytes + 2 * reach);
  const { chip, odd, found } = scene;
  const moved = { ...found, suspended: { ...suspended, address: near } };
  return whyNoSuchChip(chip, moved, odd) === undefined ? { ...scene, found: moved } : scene;
}

function isPossible(chip: string, found: FoundChip, odd: ChipOddities = {}): boolean {
  return whyNoSuchChip(chip, found, odd) === undefined;
}

function drawStates(draw: Random, chip: string): readonly State[] {
  const possible = STATES.filter((state) => isPossible(chip, settingOf(state, draw.branch(state), chip)));
  const count = draw.pick([0, 1, 1, 1, 2]);
  const states: State[] = [];
  for (let left = count; left > 0 && possible.length > 0; left--) {
    const [state] = possible.splice(draw.intBelow(possible.length), 1);
    if (state !== undefined) states.push(state);
  }
  // Not all go together: a chip that is asleep is not at work.
  const together = (many: readonly State[]): FoundChip =>
    many.reduce<FoundChip>((all, state) => ({ ...all, ...settingOf(state, draw.branch(state), chip) }), {});
  return isPossible(chip, together(states)) ? states : states.slice(0, 1);
}

function settingOf(state: State, draw: Random, chip: string): FoundChip {
  switch (state) {
    case "busy":
      return { busyMs: draw.pick([0.2, 5, 300, 3000, 60_000]), busyReads: draw.pick(["ff", "00", "id"] as const) };
    case "suspended":
      return { suspended: { kind: draw.pick(["erase", "erase", "program"] as const), address: 0 } };
    case "mode4":
      return { isFourByteMode: true };
    case "bank":
      return { bank: 1 };
    case "qpi":
      return { isInQpi: true };
    case "continuous": {
      const reads = (["bb", "eb"] as const).filter((read) => isPossible(chip, { continuousRead: read }));
      return { continuousRead: reads.length === 0 ? "eb" : draw.pick(reads) };
    }
    case "asleep":
      return { isAsleep: true };
    case "sticky":
      return { hasStickyError: true };
  }
}

function oddStatus(chip: string, draw: Random | undefined): ChipOddities {
  const odd = draw?.pick<ChipOddities>([
    { status2Cleared: true },
    { oneByteStatus: true },
    { noVolatile: true },
    { oneByteStatus: true, noVolatile: true },
  ]);
  return odd === undefined || !isPossible(chip, {}, odd) ? {} : odd;
}

function oddSfdp(chip: string, draw: Random | undefined): ChipOddities {
  const sfdp = draw?.pick(["none", "9-dwords", "too-long", "half-size"] as const);
  return sfdp === undefined || !isPossible(chip, {}, { sfdp }) ? {} : { sfdp };
}

function fewCells(chip: string, capacityBytes: number, draw: Random | undefined): ChipOddities {
  const cellsBytes = draw === undefined ? undefined : capacityBytes / draw.pick([2, 2, 4]);
  return cellsBytes === undefined || !isPossible(chip, {}, { cellsBytes }) ? {} : { cellsBytes };
}

/** Protection, and bits beside it that have to stay: QE, CMP, SRP1, permanent locks, strength of the outputs. */
function drawStatus(draw: Random, chip: string): readonly [number, number, number] {
  // Bits 5..2 of these show their sectors; only the lock of the sectors is a register.
  if (chip.startsWith("AT25DF")) return [draw.pick([0, 0x80]), 0, 0];
  const drawn = draw.pick([0, 0x04, 0x1c, 0x3c, 0x40, 0x7c, draw.intBelow(64) << 2]) | (draw.chance(0.15) ? 0x80 : 0);
  // Bits 6 and 5 of this part report errors: they are not stored.
  const sr1 = chip === "S25FL128S" ? drawn & 0x9c : drawn;
  const hasStatus2 = isPossible(chip, {}, { noVolatile: true });
  const sr2 = hasStatus2 ? draw.pick([0, 0x02, 0x40, 0x42, 0x08, 0x38]) | (draw.chance(0.1) ? 0x01 : 0) : 0;
  const sr3 = hasStatus2 ? draw.pick([0, 0x20, 0x60]) : 0;
  return [sr1, sr2, sr3];
}

/** The begin of the chip, its end, or across the boundary of 16 MiB. */
function drawBase(draw: Random, capacityBytes: number): number {
  const last = Math.max(0, capacityBytes - ROOM_BYTES);
  const border = capacityBytes > BANK_BYTES ? BANK_BYTES - ROOM_BYTES / 2 : 0;
  return draw.pick([0, 0, last, border]);
}

function drawName(draw: Random, chip: string, isLeftOut: boolean): string | undefined {
  const share = draw.nextFloat();
  const others = TAKEN_FOR.get(chip);
  const other = others === undefined ? undefined : draw.pick(others);
  if (isLeftOut) return undefined;
  return share < 0.3 ? chip : share < 0.45 ? other : undefined;
}
