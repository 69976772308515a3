/**
 * Seeded jobs under mixed faults of link, bridge and chip, judged by an oracle that sees the chip's cells and never by
 * the engine's own verify. A seed names everything: chip, content, job, link and faults; given again it is the same run.
 *
 * What is asked of every job:
 * - truth: a job that says it is done has done it, byte for byte;
 * - neighbours: what lies outside of the job's range is as it was, or was handed over to be put back;
 * - bounded: it ends, within virtual minutes, with a result or an error of the table that is not a bug;
 * - legal: the chip records no broken rule;
 * - resumable: after power has come back the same write, undisturbed, ends right.
 *
 * Over serprog bytes are not changed, lost or doubled: nobody there could promise anything then (bench/noise.ts counts what
 * comes of it). Stalls, silence, pulled cables, restarts, power cuts and bad chips are the same.
 */
import { type ByteRange, eraseBlocksTouching, rangeEnd, smallestEraseUnit } from "../../drivers/geometry.ts";
import { openBridge } from "../bridge/open-bridge.ts";
import { sameBytes } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { type ImageSource, memoryImage } from "../files/image-source.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import { openFlash } from "../flash/open-flash.ts";
import { blankCheck } from "../jobs/blank-check.ts";
import { eraseRange } from "../jobs/erase-range.ts";
import type { JobContext } from "../jobs/job-event.ts";
import { readFlash } from "../jobs/read-flash.ts";
import { verifyImage } from "../jobs/verify-image.ts";
import { writeImage } from "../jobs/write/write-image.ts";
import { applyChipFaults, type ChipFaultSettings } from "../sim/chip/chip-faults.ts";
import { createChip } from "../sim/chip/chip-catalog.ts";
import type { ChipModel } from "../sim/chip/chip-model.ts";
import { drawFaultPlan, type FaultPlan, NO_FAULTS } from "../sim/link/link-faults.ts";
import { createRandom, type Random } from "../sim/random.ts";
import { parseSimParameters, type SimParameters } from "../sim/sim-parameters.ts";
import { SERPROG_PROFILE_NAMES } from "../sim/serprog/serprog-profile.ts";
import { createSimulation, type Simulation } from "../sim/simulation.ts";

/** How one job ended, and what the oracle has against it. */
export interface JobVerdict {
  readonly seed: number;
  readonly job: string;
  /** "done", or the code of the error. */
  readonly outcome: string;
  readonly virtualSeconds: number;
  readonly traceHash: string;
  /** Sentences; empty if all is well. */
  readonly complaints: readonly string[];
}

interface Piece {
  readonly address: number;
  readonly data: Uint8Array;
}

type JobKind = "write" | "read" | "verify" | "erase" | "blank-check";

export type CampaignProtocol = "native" | "serprog";

/** Everything the seed draws. */
interface Scene {
  readonly protocol: CampaignProtocol;
  readonly kind: JobKind;
  readonly parameters: SimParameters;
  readonly chip: ChipModel;
  readonly chipFaults: ChipFaultSettings;
  readonly range: ByteRange;
  readonly pieces: readonly Piece[];
}

const KIB = 1024;
/** More than a chip erase at its longest. */
const LONGEST_WORK_NS = 400e9;
/**
 * Rules that a bridge which can neither poll nor digest breaks on purpose: the chip ignores what comes too early, and it goes
 * again; and what looks blank in a few bytes is programmed, which the verify proves or an erase puts right.
 */
const AHEAD_OF_THE_CHIP: ReadonlySet<string> = new Set([
  "command-while-busy",
  "program-without-write-enable",
  "program-zero-to-one",
]);
/** Longer than any of these jobs takes with all its deadlines: a chip erase of 20 s, links of 115200. */
const LIMIT_SECONDS = 1200;

/** Runs the job of a seed and judges it. Never throws for what the job does. */
export async function runSeed(seed: number, protocol: CampaignProtocol = "native"): Promise<JobVerdict> {
  const random = createRandom(`campaign ${seed}`);
  const scene = drawScene(seed, random, protocol);
  const before = scene.chip.fork();
  const faulty = applyChipFaults(scene.chip, scene.chipFaults, random.branch("torn"));
  const simulation = simulationOf(scene.parameters, faulty, seed);
  const rescued: Piece[] = [];
  const result = await attempt(simulation, scene, rescued, seed);
  const complaints = [
    ...judgeEnd(result, simulation, scene),
    ...judgeCells(result, before, faulty, scene, rescued),
    ...(await judgeResume(result, { before, chip: faulty, rescued }, simulation, scene, seed)),
  ];
  return {
    seed,
    job: `${scene.kind} on ${scene.parameters.chip}`,
    outcome: result.outcome,
    virtualSeconds: simulation.clock.nowUs() / 1e6,
    traceHash: simulation.traceHash,
    complaints,
  };
}

function drawScene(seed: number, random: Random, protocol: CampaignProtocol): Scene {
  const draw = random.branch("scene");
  const kind = draw.pick<JobKind>(["write", "write", "write", "read", "verify", "erase", "blank-check"]);
  const name = draw.pick(["AT25SF041", "AT25SF041", "AT45DB041E", "AT25SF321", "W25Q128JV"]);
  const pageBytes = draw.pick([256, 264]);
  const settings: Record<string, string> = {
    bridge: draw.pick(protocol === "native" ? ["small", "large"] : SERPROG_PROFILE_NAMES),
    latencyMs: draw.pick(["0.1", "0.5", "2"]),
    times: draw.pick(["typical", "varying", "maximum"]),
    seed: String(seed >>> 0),
    ...draw.pick<Record<string, string>>([{ baud: "115200" }, { baud: "921600" }, { baud: "2000000" }, { usb: "fs" }]),
    ...draw.pick<Record<string, string>>([{}, {}, { latencyTimerMs: "16" }, { cutReads: "1" }]),
    ...(name === "AT45DB041E" ? { pageBytes: String(pageBytes) } : {}),
  };
  const plain = parseSimParameters(name, new Map(Object.entries(settings)));
  const drawn = draw.chance(0.7) ? drawFaultPlan(random.branch("link")) : NO_FAULTS;
  const faults = protocol === "native" ? drawn : withoutByteFaults(drawn);
  const parameters = { ...plain, faults };
  const chip = createChip(name, { seed, times: plain.times, pageBytes });
  loadOld(chip, draw);
  const range = drawRange(chip, draw);
  return {
    protocol,
    kind,
    parameters,
    chip,
    chipFaults: drawChipFaults(range, draw),
    range,
    pieces: drawImage(chip, range, draw, kind),
  };
}

/** What happens to the link as a whole; no byte on it becomes another one. */
function withoutByteFaults({ planned }: FaultPlan): FaultPlan {
  const whole = new Set(["stall", "mute", "disconnect", "bridge-reset"]);
  return { up: {}, down: {}, planned: planned.filter(({ fault }) => whole.has(fault.kind)) };
}

/** What the chip holds before: blank, full, or sectors of both. */
function loadOld(chip: ChipModel, draw: Random): void {
  const { capacityBytes } = chip.geometry;
  const used = Math.min(capacityBytes, 512 * KIB);
  const density = draw.pick([0, 1, 0.5, 0.1]);
  for (let at = 0; at < used; at += 4 * KIB) {
    if (draw.chance(density)) chip.load(at, draw.bytes(Math.min(4 * KIB, used - at)));
  }
}

/** Somewhere in the first 512 KiB, aligned or not, at most 96 KiB. */
function drawRange(chip: ChipModel, draw: Random): ByteRange {
  const room = Math.min(chip.geometry.capacityBytes, 512 * KIB);
  const lengthBytes = 1 + draw.intBelow(draw.pick([1, 300, 5000, 20_000, 96 * KIB]));
  const start = draw.intBelow(room - lengthBytes);
  return { address: draw.chance(0.5) ? start : start - (start % (4 * KIB)), lengthBytes };
}

/** One or two pieces within the range: noise, runs, blank, or what is there with some bytes changed. */
function drawImage(chip: ChipModel, range: ByteRange, draw: Random, kind: JobKind): readonly Piece[] {
  const { address, lengthBytes } = range;
  const data = kind === "verify" && draw.chance(0.5) ? chip.peek(address, lengthBytes) : drawData(chip, range, draw);
  if (lengthBytes < 64 || draw.chance(0.7)) return [{ address, data }];
  const cut = 16 + draw.intBelow(lengthBytes - 48);
  const hole = 1 + draw.intBelow(16);
  return [
    { address, data: data.slice(0, cut) },
    { address: address + cut + hole, data: data.slice(cut + hole) },
  ];
}

function drawData(chip: ChipModel, { address, lengthBytes }: ByteRange, draw: Random): Uint8Array {
  const noise = draw.bytes(lengthBytes);
  switch (draw.pick(["noise", "runs", "changed"] as const)) {
    case "noise":
      return noise;
    case "runs":
      return noise.map((byte, i) => (i % 1000 < 700 ? 0xff : byte));
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
    { powerCutAtByte: draw.intBelow(400_000) },
    { stuckAt: { address: range.address + draw.intBelow(range.lengthBytes), bit: draw.intBelow(8) } },
    { busyForeverFrom: draw.intBelow(50) },
    { missing: draw.pick([0xff, 0x00] as const) },
  ]);
}

function simulationOf(parameters: SimParameters, chip: ChipModel, seed: number): Simulation {
  const { bridge, serprog, link, faults } = parameters;
  return createSimulation({
    name: `sim:${parameters.chip}`,
    chip,
    bridge,
    ...(serprog === undefined ? {} : { serprog }),
    link,
    faults,
    seed,
  });
}

interface Attempt {
  readonly outcome: string;
  readonly error?: unknown;
  /** What the job answered: bytes read, or its yes or no. */
  readonly answer?: Uint8Array | boolean;
}

async function attempt(
  simulation: Simulation,
  scene: Scene,
  rescued: Piece[],
  seed: number,
  first: readonly Piece[] = [],
): Promise<Attempt> {
  const { clock, duplex } = simulation;
  const chance = createRandom(seed).branch("host");
  try {
    return await simulation.run(async () => {
      const bridge = await openBridge(duplex, { clock, protocol: scene.protocol, random: () => chance.nextUint32() });
      let device: FlashDevice | undefined;
      try {
        device = await openFlash(bridge, {});
        await putBack(device, first, { clock });
        return { outcome: "done", ...(await runJob(device, scene, { clock }, rescued)) };
      } finally {
        await (device ?? bridge).close();
      }
    });
  } catch (error) {
    return { outcome: error instanceof NorbridgeError ? error.code : "BUG", error };
  }
}

async function runJob(
  device: FlashDevice,
  scene: Scene,
  context: JobContext,
  rescued: Piece[],
): Promise<{ readonly answer?: Uint8Array | boolean }> {
  const { range } = scene;
  const onUnrestored = (pieces: readonly Piece[]): string => {
    rescued.push(...pieces.map(({ address, data }) => ({ address, data: data.slice() })));
    return "kept by the campaign";
  };
  switch (scene.kind) {
    case "write":
      await writeImage(
        device,
        imageOf(scene),
        { offset: 0, verify: true, assumeBlank: false, retries: 2, onUnrestored },
        context,
      );
      return {};
    case "erase":
      await eraseRange(device, range, { keepOutside: true, onUnrestored }, context);
      return {};
    case "read": {
      const bytes = new Uint8Array(range.lengthBytes);
      await readFlash(device, range, (address, data) => bytes.set(data, address - range.address), context);
      return { answer: bytes };
    }
    case "verify":
      return { answer: (await verifyImage(device, imageOf(scene), { offset: 0 }, context)).equal };
    case "blank-check":
      return { answer: (await blankCheck(device, range, context)).blank };
  }
}

function imageOf({ pieces }: Scene): ImageSource {
  return memoryImage("campaign", pieces);
}

function judgeEnd(result: Attempt, simulation: Simulation, scene: Scene): string[] {
  const complaints: string[] = [];
  if (result.outcome === "BUG") complaints.push(`ended with a bug: ${describe(result.error)}`);
  const seconds = simulation.clock.nowUs() / 1e6;
  if (seconds > LIMIT_SECONDS) complaints.push(`took ${seconds.toFixed(0)} s`);
  // A bridge that restarts in the middle of a command leaves it short: the chip ignores it, and the host is not to blame.
  const restarts = scene.parameters.faults.planned.some(
    ({ fault }) => "kind" in fault && fault.kind === "bridge-reset",
  );
  const isDisturbed = scene.parameters.faults.planned.length > 0;
  for (const violation of simulation.violations) {
    if (violation.rule === "short-command" && restarts) continue;
    // serprog: pages go ahead of the answer, and what a bridge takes for commands after a pause is not the host's doing.
    if (scene.protocol === "serprog" && (isDisturbed || AHEAD_OF_THE_CHIP.has(violation.rule))) continue;
    // A stuck cell stays 0 however often its block is erased.
    if ("address" in violation && violation.address === scene.chipFaults.stuckAt?.address) continue;
    complaints.push(`broke a rule: ${violation.rule}, ${violation.detail}`);
  }
  return complaints;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Cells against what the job said it did. */
function judgeCells(
  result: Attempt,
  before: ChipModel,
  chip: ChipModel,
  scene: Scene,
  rescued: readonly Piece[],
): string[] {
  const { kind, range, pieces, chipFaults } = scene;
  const isDone = result.outcome === "done";
  const truth = chip.peek(range.address, range.lengthBytes);
  const complaints: string[] = [];
  const expectAnswer = (right: boolean): void => {
    if (isDone && !right) complaints.push(`${kind} said that it is done, but its answer is wrong`);
  };
  if (kind === "read") expectAnswer(result.answer instanceof Uint8Array && sameBytes(result.answer, truth));
  if (kind === "verify") expectAnswer(result.answer === holds(chip, pieces));
  if (kind === "blank-check") expectAnswer(result.answer === truth.every((byte) => byte === 0xff));
  if (kind === "write") expectAnswer(holds(chip, pieces));
  if (kind === "erase") expectAnswer(truth.every((byte) => byte === 0xff));
  const touched =
    kind === "write"
      ? pieces.map(({ address, data }) => ({ address, lengthBytes: data.length }))
      : kind === "erase"
        ? [range]
        : [];
  // A torn program or erase may disturb what is beside it in its block; that is the chip's doing, not the job's.
  const isTorn = chipFaults.powerCutAtByte !== undefined || mayMisread(scene);
  if (!isTorn || isDone) complaints.push(...judgeNeighbours(before, chip, touched, rescued, isDone, chipFaults));
  return complaints;
}

/** A serprog bridge that restarts in mid-stream takes what still comes for commands: nothing can be promised then. */
function mayMisread({ protocol, parameters }: Scene): boolean {
  return protocol === "serprog" && parameters.faults.planned.some(({ fault }) => fault.kind === "bridge-reset");
}

function holds(chip: ChipModel, pieces: readonly Piece[]): boolean {
  return pieces.every(({ address, data }) => sameBytes(chip.peek(address, data.length), data));
}

/** Bytes outside of `touched` are as before, or were handed over as rescued with their old value. */
function judgeNeighbours(
  before: ChipModel,
  chip: ChipModel,
  touched: readonly ByteRange[],
  rescued: readonly Piece[],
  isDone: boolean,
  { stuckAt }: ChipFaultSettings,
): string[] {
  const { capacityBytes } = chip.geometry;
  const step = 64 * KIB;
  for (let at = 0; at < capacityBytes; at += step) {
    const length = Math.min(step, capacityBytes - at);
    const [old, now] = [before.peek(at, length), chip.peek(at, length)];
    if (sameBytes(old, now)) continue;
    for (let i = 0; i < length; i++) {
      const address = at + i;
      if (old[i] === now[i] || address === stuckAt?.address) continue;
      if (touched.some((range) => address >= range.address && address < rangeEnd(range))) continue;
      const isRescued = rescued.some((piece) => piece.data[address - piece.address] === old[i]);
      if (isDone || !isRescued) return [`changed the byte at 0x${address.toString(16)}, outside of its range`];
    }
  }
  return [];
}

/** Power comes back, the faults are gone: what was rescued is put back, and the same write again has to end right. */
async function judgeResume(
  result: Attempt,
  {
    before,
    chip,
    rescued,
  }: { readonly before: ChipModel; readonly chip: ChipModel; readonly rescued: readonly Piece[] },
  simulation: Simulation,
  scene: Scene,
  seed: number,
): Promise<string[]> {
  if (scene.kind !== "write" || result.outcome === "done" || scene.chipFaults.stuckAt !== undefined) return [];
  const healed = chip.fork();
  // What was under way has ended by then, as it would: the cut that heals must not tear it.
  const laterNs = Math.round(simulation.clock.nowUs() * 1000) + LONGEST_WORK_NS;
  healed.powerCut(laterNs, createRandom(seed).branch("second cut"));
  healed.powerOn(-1e9);
  const parameters = { ...scene.parameters, faults: NO_FAULTS };
  const again = simulationOf(parameters, healed, seed + 1);
  const second = await attempt(again, { ...scene, parameters, chipFaults: {} }, [], seed + 1, rescued);
  if (second.outcome !== "done") return [`could not be done again: ${describe(second.error)}`];
  if (!holds(healed, scene.pieces)) return ["done again, the chip does not hold the image"];
  // A program that was torn may have disturbed a byte beside it, in a block that nothing was erased in. What hung is torn
  // by the cut that heals it.
  const { powerCutAtByte, busyForeverFrom } = scene.chipFaults;
  if (busyForeverFrom !== undefined || (powerCutAtByte !== undefined && rescued.length === 0)) return [];
  const touched = scene.pieces.map(({ address, data }) => ({ address, lengthBytes: data.length }));
  return judgeNeighbours(before, healed, touched, [], true, {});
}

/** As a person would do it who was told what was erased and not put back: that block anew, with what was rescued. */
async function putBack(device: FlashDevice, rescued: readonly Piece[], context: JobContext): Promise<void> {
  const blocks = new Map<number, ByteRange>();
  for (const { address, data } of rescued) {
    const range = { address, lengthBytes: data.length };
    for (const block of eraseBlocksTouching(smallestEraseUnit(device.geometry), range))
      blocks.set(block.address, block);
  }
  for (const block of blocks.values()) await eraseRange(device, block, { keepOutside: true }, context);
  const request = { offset: 0, verify: true, assumeBlank: false, retries: 2 };
  if (rescued.length > 0) await writeImage(device, memoryImage("rescued", rescued), request, context);
}
