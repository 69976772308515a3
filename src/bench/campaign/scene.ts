/** What a seed draws: chip and its content, bridge, link, image, job, and everything that goes wrong. */
import type { ByteRange } from "../../../drivers/geometry.ts";
import { eraseBlockAt, smallestEraseUnit } from "../../../drivers/geometry.ts";
import { isFilledWith } from "../../bytes.ts";
import type { ChipFaultSettings } from "../../sim/chip/core/chip-faults.ts";
import { createChip } from "../../sim/chip/chip-catalog.ts";
import type { ChipModel } from "../../sim/chip/core/chip-model.ts";
import { drawFaultPlan, type FaultPlan, NO_FAULTS } from "../../sim/link/link-faults.ts";
import { createRandom, type Random } from "../../sim/random.ts";
import { SERPROG_PROFILE_NAMES } from "../../sim/serprog/serprog-profile.ts";
import { drawFound, FOUND_OMISSIONS, type FoundScene, nearRange } from "./found.ts";
import { drawSelfChecked, type SelfChecked } from "./self-checked.ts";
import { parseSimParameters, type SimParameters } from "../../sim/sim-parameters.ts";

export interface Piece {
  readonly address: number;
  readonly data: Uint8Array;
}

export type JobKind = "write" | "erase" | "read" | "verify" | "blank-check" | "stream" | "log" | "safe";

export type CampaignProtocol = "native" | "serprog";

/** The program is killed while it works, or the host loses power with it. */
export interface Kill {
  readonly atUs: number;
  /** What the system had not put on the disk is gone, up to somewhere in a line. */
  readonly losesUnsynced: boolean;
}

export interface Scene {
  readonly seed: number;
  readonly protocol: CampaignProtocol;
  readonly kind: JobKind;
  readonly parameters: SimParameters;
  readonly chip: ChipModel;
  readonly chipFaults: ChipFaultSettings;
  readonly range: ByteRange;
  /** The image; for "log" a record each, for "safe" the item that replaces the first. */
  readonly pieces: readonly Piece[];
  /** A job that can be undone. */
  readonly keepsOld: boolean;
  readonly assumeBlank: boolean;
  /** Goes on by itself over a new connection, as the command line does. */
  readonly reconnects: boolean;
  readonly kill: Kill | undefined;
  /** The state in which the chip is found; left out: as after power-up. */
  readonly found?: FoundScene | undefined;
  /** What is done about a job that did not end. */
  readonly afterwards: "resume" | "undo";
}

/** A seed with some of what it draws left out: how a failure is made smaller. */
export interface CampaignCase {
  readonly seed: number;
  readonly protocol: CampaignProtocol;
  readonly without?: readonly Omission[] | undefined;
  /** The chip may be another one, in a state that an earlier program left. Without it a seed gives the same case as before. */
  readonly found?: boolean | undefined;
  /** Some chips hold records with their own CRC-32, and the image has others in their place. */
  readonly records?: boolean | undefined;
  /** The image and the range are cut to this many bytes. */
  readonly mostBytes?: number | undefined;
}

export const OMISSIONS = [
  "chip-fault",
  "kill",
  "incident",
  "noise-up",
  "noise-down",
  "reconnects",
  "old-content",
  "keeps-old",
  ...FOUND_OMISSIONS,
] as const;
export type Omission = (typeof OMISSIONS)[number];

/** Small ones more often: a fork of a large one costs more than a job. */
const CHIPS = ["AT25SF041", "AT25SF041", "AT25SF041", "AT45DB041E", "AT45DB041E", "AT25SF321", "W25Q128JV"];

const KIB = 1024;
/** Most jobs are small, so that there can be many; each size up to more than one large block has its turn. */
const SIZES = [1, 1, 300, 300, 300, 300, 5000, 5000, 5000, 5000, 20_000, 20_000, 96 * KIB];
/** Everything happens within the first part of the chip. */
const ROOM_BYTES = 512 * KIB;
/** Old content around the range is as wide as the largest block. */
const AROUND_BYTES = 64 * KIB;
/** Sectors of the regions that records and safes are kept in. */
const REGION_BLOCKS = 3;

/** Draws what the case specifies. The same case is the same scene, on every machine. */
export function drawScene(given: CampaignCase): Scene {
  const { seed, protocol, without = [], mostBytes, found: isFound } = given;
  const random = createRandom(`campaign ${seed}`);
  const draw = random.branch("scene");
  const kind = draw.pick<JobKind>([
    ...["write", "write", "write", "write", "erase", "erase"],
    ...["stream", "log", "safe", "read", "verify", "blank-check"],
  ] as JobKind[]);
  const usual = draw.pick(CHIPS);
  const pageBytes = draw.pick([256, 264]);
  const state = random.branch("found");
  const drawn = isFound === true ? drawFound(state, without, (part) => capacityOf(part, pageBytes)) : undefined;
  const name = drawn?.chip ?? usual;
  const plain = drawParameters(draw, seed, protocol, name, pageBytes);
  const build = ({ found, odd, statusRegisters }: Partial<FoundScene> = {}): ChipModel =>
    createChip(name, { seed, times: plain.times, pageBytes, found, odd, statusRegisters });
  const plainChip = build();
  const wanted = drawRange(plainChip, kind, draw, drawn?.baseBytes);
  // A region of storage is whole sectors: there is nothing to cut.
  const isCut = mostBytes !== undefined && !isRegion(kind);
  const range = isCut ? { ...wanted, lengthBytes: Math.min(wanted.lengthBytes, mostBytes) } : wanted;
  const found = drawn === undefined ? undefined : nearRange(drawn, range, state);
  const chip = found === undefined ? plainChip : build(found);
  if (!without.includes("old-content")) loadOld(chip, range, kind, draw.branch("old"));
  const records = given.records === true ? drawRecordsChange(kind, range, random.branch("self-checked")) : undefined;
  if (records !== undefined) chip.load(range.address, records.old);
  const pieces =
    records === undefined
      ? drawPieces(chip, range, kind, draw.branch("image"))
      : [{ address: range.address, data: records.wanted }];
  const faults = drawFaults(random.branch("link"), protocol, without);
  const late = random.branch("late");
  const kill = late.chance(0.3) ? { atUs: drawKillUs(late), losesUnsynced: late.chance(0.5) } : undefined;
  const keepsOld = late.chance(0.3) && !without.includes("keeps-old");
  return {
    seed,
    protocol,
    kind,
    chip,
    range,
    pieces,
    keepsOld,
    found,
    parameters: { ...plain, faults },
    chipFaults: without.includes("chip-fault") ? {} : drawChipFaults(range, random.branch("chip")),
    // Who says so of a chip that is not blank gets what he asked for.
    assumeBlank: !keepsOld && late.chance(0.3) && isBlank(chip, range),
    reconnects: late.chance(0.5) && !without.includes("reconnects"),
    kill: without.includes("kill") || !isChanging(kind) ? undefined : kill,
    afterwards: keepsOld && late.chance(0.5) ? "undo" : "resume",
  };
}

/** A write or a verify in five. */
function drawRecordsChange(kind: JobKind, { lengthBytes }: ByteRange, draw: Random): SelfChecked | undefined {
  const isDrawn = (kind === "write" || kind === "verify") && draw.chance(0.2);
  return isDrawn ? drawSelfChecked(lengthBytes, draw) : undefined;
}

const capacities = new Map<string, number>();

/** Bytes that a part claims, an AT45 with pages of this size. Kept: a chip is costly, and each seed asks. */
function capacityOf(name: string, pageBytes: number): number {
  const key = `${name} ${pageBytes}`;
  const capacityBytes = capacities.get(key) ?? createChip(name, { pageBytes }).geometry.capacityBytes;
  capacities.set(key, capacityBytes);
  return capacityBytes;
}

/** Whether jobs of this kind change the chip. */
export function isChanging(kind: JobKind): boolean {
  return isJournaled(kind) || kind === "log" || kind === "safe";
}

/** Whether jobs of this kind work on whole sectors. */
export function isRegion(kind: JobKind): boolean {
  return kind === "log" || kind === "safe" || kind === "stream";
}

/** Whether jobs of this kind keep a journal. */
export function isJournaled(kind: JobKind): boolean {
  return kind === "write" || kind === "erase" || kind === "stream";
}

/** What the job may change. */
export function touchedBy({ kind, range, pieces }: Scene): readonly ByteRange[] {
  switch (kind) {
    case "write":
      return pieces.map(({ address, data }) => ({ address, lengthBytes: data.length }));
    case "erase":
    case "stream":
    case "log":
    case "safe":
      return [range];
    case "read":
    case "verify":
    case "blank-check":
      return [];
  }
}

function drawParameters(
  draw: Random,
  seed: number,
  protocol: CampaignProtocol,
  name: string,
  pageBytes: number,
): SimParameters {
  const settings: Record<string, string> = {
    bridge: draw.pick(protocol === "native" ? ["small", "large"] : SERPROG_PROFILE_NAMES),
    latencyMs: draw.pick(["0.1", "0.5", "2"]),
    times: draw.pick(["typical", "varying", "maximum"]),
    seed: String(seed >>> 0),
    ...draw.pick<Record<string, string>>([{ baud: "115200" }, { baud: "921600" }, { baud: "2000000" }, { usb: "fs" }]),
    ...draw.pick<Record<string, string>>([{}, {}, { latencyTimerMs: "16" }, { cutReads: "1" }]),
  };
  const page = name === "AT45DB041E" ? [["pageBytes", String(pageBytes)] as const] : [];
  return parseSimParameters(name, new Map([...Object.entries(settings), ...page]));
}

function isBlank(chip: ChipModel, { address, lengthBytes }: ByteRange): boolean {
  return isFilledWith(chip.peek(address, lengthBytes), 0xff);
}

/** From the first survey to some seconds into the job. */
function drawKillUs(draw: Random): number {
  return Math.round(10 ** (4.3 + 2.4 * draw.nextFloat()));
}

function drawFaults(random: Random, protocol: CampaignProtocol, without: readonly Omission[]): FaultPlan {
  if (!random.branch("whether").chance(0.7)) return NO_FAULTS;
  const drawn = drawFaultPlan(random);
  const plan = {
    up: without.includes("noise-up") ? {} : drawn.up,
    down: without.includes("noise-down") ? {} : drawn.down,
    planned: without.includes("incident") ? [] : drawn.planned,
  };
  return protocol === "native" ? plan : withoutByteFaults(plan);
}

/** What happens to the link as a whole; no byte on it becomes another one. */
function withoutByteFaults({ planned }: FaultPlan): FaultPlan {
  const whole = new Set(["stall", "mute", "disconnect", "bridge-reset"]);
  return { up: {}, down: {}, planned: planned.filter(({ fault }) => whole.has(fault.kind)) };
}

function drawRange(chip: ChipModel, kind: JobKind, draw: Random, wantedBaseBytes = 0): ByteRange {
  const unit = smallestEraseUnit(chip.geometry);
  const blockBytes = eraseBlockAt(unit, 0)?.lengthBytes ?? 0;
  // Pages of 264 bytes: the room that ends the chip does not begin with a block.
  const baseBytes = wantedBaseBytes - (wantedBaseBytes % blockBytes);
  const room = Math.floor(Math.min(chip.geometry.capacityBytes, ROOM_BYTES) / blockBytes) * blockBytes;
  if (isRegion(kind)) {
    const regionBytes = regionBlockBytes(chip) * REGION_BLOCKS;
    const start = draw.intBelow(room - regionBytes);
    return { address: baseBytes + start - (start % blockBytes), lengthBytes: regionBytes };
  }
  const lengthBytes = 1 + draw.intBelow(draw.pick(SIZES));
  const start = draw.intBelow(room - lengthBytes);
  return { address: baseBytes + (draw.chance(0.5) ? start : start - (start % blockBytes)), lengthBytes };
}

/** Size of a sector that records are kept in: 4 KiB, or on an AT45 a block of eight pages. */
export function regionBlockBytes(chip: ChipModel): number {
  const unit = smallestEraseUnit(chip.geometry);
  const bytes = eraseBlockAt(unit, 0)?.lengthBytes ?? 0;
  return bytes < 4 * KIB ? bytes * 8 : bytes;
}

/** What the chip holds before around the range: blank, full, or blocks of both. Regions of storage begin blank. */
function loadOld(chip: ChipModel, range: ByteRange, kind: JobKind, draw: Random): void {
  const { capacityBytes } = chip.geometry;
  const start = Math.max(0, range.address - (range.address % AROUND_BYTES));
  const end = Math.min(capacityBytes, range.address + range.lengthBytes + AROUND_BYTES / 2);
  const density = draw.pick([0, 1, 0.5, 0.1]);
  const noise = draw.bytes(4 * KIB + 256);
  for (let at = start; at < end; at += 4 * KIB) {
    const isRegion = kind === "log" || kind === "safe";
    if (!draw.chance(density)) continue;
    const from = draw.intBelow(256);
    const bytes = noise.slice(from, from + Math.min(4 * KIB, end - at));
    if (isRegion) blankWithin(bytes, at, range);
    chip.load(at, bytes);
  }
}

function blankWithin(bytes: Uint8Array, at: number, range: ByteRange): void {
  const from = Math.max(0, range.address - at);
  const to = Math.min(bytes.length, range.address + range.lengthBytes - at);
  if (to > from) bytes.fill(0xff, from, to);
}

function drawPieces(chip: ChipModel, range: ByteRange, kind: JobKind, draw: Random): readonly Piece[] {
  const { address, lengthBytes } = range;
  if (kind === "log") return drawRecords(draw);
  if (kind === "safe") return [0, 1].map(() => ({ address, data: draw.bytes(1 + draw.intBelow(600)) }));
  if (kind === "stream") return [{ address, data: draw.bytes(1 + draw.intBelow(lengthBytes)) }];
  const data = kind === "verify" && draw.chance(0.5) ? chip.peek(address, lengthBytes) : drawData(chip, range, draw);
  if (lengthBytes < 64 || draw.chance(0.7)) return [{ address, data }];
  const cut = 16 + draw.intBelow(lengthBytes - 48);
  const hole = 1 + draw.intBelow(16);
  return [
    { address, data: data.slice(0, cut) },
    { address: address + cut + hole, data: data.slice(cut + hole) },
  ];
}

/** Few and long ones, so that the log wraps. */
function drawRecords(draw: Random): readonly Piece[] {
  const longest = draw.pick([20, 700]);
  return Array.from({ length: 1 + draw.intBelow(18) }, (_, index) => {
    const data = draw.bytes(2 + draw.intBelow(longest));
    data[0] = index;
    return { address: 0, data };
  });
}

function drawData(chip: ChipModel, { address, lengthBytes }: ByteRange, draw: Random): Uint8Array {
  switch (draw.pick(["noise", "runs", "changed"] as const)) {
    case "noise":
      return draw.bytes(lengthBytes);
    case "runs":
      return draw.bytes(lengthBytes).map((byte, i) => (i % 1000 < 700 ? 0xff : byte));
    case "changed": {
      const data = chip.peek(address, lengthBytes);
      for (let i = 0; i < 1 + lengthBytes / 500; i++) data[draw.intBelow(lengthBytes)] = draw.intBelow(256);
      return data;
    }
  }
}

function drawChipFaults(range: ByteRange, draw: Random): ChipFaultSettings {
  if (draw.chance(0.65)) return {};
  return draw.pick<ChipFaultSettings>([
    { powerCutAtByte: draw.intBelow(2000) },
    { powerCutAtByte: draw.intBelow(draw.pick([20_000, 400_000])) },
    { stuckAt: { address: range.address + draw.intBelow(range.lengthBytes), bit: draw.intBelow(8) } },
    { busyForeverFrom: draw.intBelow(50) },
    { missing: draw.pick([0xff, 0x00] as const) },
  ]);
}
