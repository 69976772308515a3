/**
 * Seeded jobs under mixed faults of link, bridge, chip and host, judged by an oracle that sees the chip's cells. A seed names
 * everything; given again it is the same run.
 *
 * A scene has up to two lives of the program: one with everything that goes wrong, and, if that did not end, one in which
 * power has come back and nothing is wrong, which has to end the job or to take it back.
 *
 * Over serprog bytes are not changed, lost or doubled: no promise could hold there then (bench/noise.ts counts the
 * results). Stalls, silence, pulled cables, restarts, power cuts and bad chips are the same.
 */
import { runOnRegion } from "../../jobs/run-on-region.ts";
import type { ReadJournal } from "../../journal/read-journal.ts";
import { openBridge } from "../../bridge/open-bridge.ts";
import { sameBytes } from "../../bytes.ts";
import { isUnset } from "../../checks.ts";
import { NorbridgeError } from "../../errors.ts";
import { openFlash } from "../../flash/open-flash.ts";
import { applyChipFaults } from "../../sim/chip/core/chip-faults.ts";
import type { ChipModel } from "../../sim/chip/core/chip-model.ts";
import { NO_FAULTS } from "../../sim/link/link-faults.ts";
import { createRandom } from "../../sim/random.ts";
import type { SimParameters } from "../../sim/sim-parameters.ts";
import { createSimulation, type Simulation } from "../../sim/simulation.ts";
import { CircularBuffer } from "../../storage/circular-buffer/circular-buffer.ts";
import { FlashSafe } from "../../storage/flash-safe/flash-safe.ts";
import { attempt, logOptions, type Memory, readLeft, safeOptions } from "./attempt.ts";
import { afterPowerUp, isNamedWrong, isRefusedByItsSize, isStillRefused, judgeRegisters } from "./found-oracle.ts";
import { LaterChip } from "./later-chip.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { cutsOf, holds, judge, mayMisread } from "./oracle.ts";
import { type Complaint, describe, firstDifference } from "./oracle-parts.ts";
import { type CampaignCase, drawScene, isChanging, isJournaled, type Scene, touchedBy } from "./scene.ts";
import type { Attempt, Tamper } from "./tamper.ts";

/** How one job ended, and what the oracle has against it. */
export interface JobVerdict {
  readonly case: CampaignCase;
  readonly job: string;
  /** "done", the code of the error, or "killed". */
  readonly outcome: string;
  /** What the second life did; undefined if there was none. */
  readonly afterwards: string | undefined;
  readonly virtualSeconds: number;
  readonly traceHash: string;
  /** Bytes that went over the line, each way. */
  readonly linkBytes: { readonly up: number; readonly down: number };
  readonly complaints: readonly Complaint[];
}

/** More than a chip erase at its longest. */
const MAX_WORK_NS = 400e9;
/** From the death of the first program to the start of the next. */
const PAUSE_NS = 50e6;
/** Bytes that may be in progress at once: an erase block, and what one window ahead keeps under way. */
const MAX_HELD_BYTES = 128 * 1024;

/** Runs the job of a case and judges it. Never throws for what the job does. */
export async function runCase(given: CampaignCase, tamper: Tamper = {}): Promise<JobVerdict> {
  return { case: given, ...(await runScene(drawScene(given), tamper)) };
}

/** Runs the job of a scene and judges it. The chip of the scene is used up. */
export async function runScene(scene: Scene, tamper: Tamper = {}): Promise<Omit<JobVerdict, "case">> {
  const { seed } = scene;
  const before = scene.chip.fork();
  const random = createRandom(`campaign ${seed}`);
  const faulty = applyChipFaults(scene.chip, scene.chipFaults, random.branch("torn"));
  const simulation = simulationOf(scene.parameters, tamper.chip?.(faulty) ?? faulty, seed);
  const memory: Memory = { disk: new MemoryDisk(), acknowledged: 0, said: [], warned: [], openings: [] };
  const countersBefore = faulty.counters;
  const kill = scheduleKill(simulation, scene, memory);
  const result = await attempt(simulation, scene, memory, { tamper, isKilled: kill.hasHappened });
  const wasKilled = kill.hasHappened() && result.outcome !== "done";
  kill.cancel();
  if (wasKilled && scene.kill?.losesUnsynced === true) memory.disk.loseUnsynced(random.branch("disk"));
  const left = leftOf(memory, scene, tamper);
  const ran = { scene, result, simulation, memory, before, chip: faulty, countersBefore, wasKilled, left };
  const complaints = judge(ran);
  const next = await judgeNextLife(ran, tamper);
  return {
    job: `${scene.kind} on ${scene.parameters.chip}`,
    outcome: wasKilled ? "killed" : result.outcome,
    afterwards: next?.what,
    virtualSeconds: simulation.clock.nowUs() / 1e6,
    traceHash: simulation.traceHash,
    linkBytes: simulation.linkBytes,
    complaints: [...complaints, ...(next?.complaints ?? [])],
  };
}

function scheduleKill(
  simulation: Simulation,
  { kill }: Scene,
  memory: Memory,
): { readonly hasHappened: () => boolean; readonly cancel: () => void } {
  if (kill === undefined) return { hasHappened: () => false, cancel: () => undefined };
  let isKilled = false;
  const cancel = simulation.clock.scheduleNs(kill.atUs * 1000, () => {
    isKilled = true;
    memory.disk.kill();
    simulation.hangUp();
  });
  return { hasHappened: () => isKilled, cancel };
}

function leftOf(memory: Memory, { kind }: Scene, tamper: Tamper): ReadJournal | undefined {
  return isJournaled(kind) && !memory.disk.isEmpty ? readLeft(memory, tamper) : undefined;
}

function simulationOf(parameters: SimParameters, chip: ChipModel, seed: number): Simulation {
  const { bridge, serprog, link, faults } = parameters;
  return createSimulation({
    name: `sim:${parameters.chip}`,
    chip,
    bridge,
    serprog,
    link,
    faults,
    seed,
  });
}

type Ran = Parameters<typeof judge>[0];

/** Power comes back, the faults are gone: the next program, undisturbed, has to end right. */
async function judgeNextLife(
  ran: Ran,
  tamper: Tamper,
): Promise<{ readonly what: string; readonly complaints: Complaint[] } | undefined> {
  const { scene, result, left } = ran;
  if (!isChanging(scene.kind) || scene.chipFaults.stuckAt !== undefined || mayMisread(scene)) return undefined;
  const isUndo = isJournaled(scene.kind) && scene.afterwards === "undo" && scene.kind !== "stream";
  if (result.outcome === "done" && !isUndo && isJournaled(scene.kind)) return undefined;
  const healed = mayKeepPower(ran) ? laterChip(ran) : healedChip(ran);
  const countersBefore = healed.counters;
  const parameters = { ...scene.parameters, faults: NO_FAULTS };
  const world = simulationOf(parameters, healed, scene.seed + 1);
  if (!isJournaled(scene.kind)) return { what: "read", complaints: await judgeStored(ran, world, parameters) };
  const calm = { ...scene, parameters, chipFaults: {}, reconnects: false, assumeBlank: false };
  if (ran.memory.disk.reopen().length === 0) {
    // Killed before the job was begun: there is nothing to resume, and nothing was changed.
    const wrong = firstDifference(ran.before, healed, [], [], scene, cutsUntilHealed(scene));
    const changed = { invariant: "I2" as const, what: "changed the chip before the journal was begun" };
    return { what: "nothing", complaints: wrong === undefined ? [] : [changed] };
  }
  const found = healed.fork();
  const options = { tamper, undo: isUndo };
  const what = isUndo ? "undo" : "resume";
  let second = await attempt(world, calm, ran.memory, options);
  if (isRefusedByItsSize(scene, second.error)) {
    // The message says that it is another part: with its name, or without one, the job continues.
    const again = simulationOf(parameters, settledChip(healed, world), scene.seed + 2);
    second = await attempt(again, namedRight(calm), ran.memory, options);
    return { what: `${what} by its name`, complaints: judgeSecond(ran, second, again.chip, isUndo) };
  }
  const complaints = judgeSecond(ran, second, healed, isUndo);
  if (scene.found !== undefined && second.outcome === "done") {
    // After a loss of power: as that has left them, or as the first program has found them, which its journal reports.
    const asFound = judgeRegisters(ran.before, healed, true, ran.memory.warned);
    const isAsFound = asFound.length === 0 || mayKeepPower(ran);
    complaints.push(
      ...(isAsFound ? asFound : judgeRegisters(afterPowerUp(ran.before), healed, true, ran.memory.warned)),
    );
  }
  // Who takes a part for another gets erases that have to show their size again.
  if (!isUndo && !isNamedWrong(scene))
    complaints.push(...judgeTwice({ ...ran, chip: found }, left, healed.counters.erases - countersBefore.erases));
  return { what, complaints };
}

/** The chip continues with what the first program has left, as if the host lost its power and the chip did not. */
function mayKeepPower({ scene: { found, chipFaults } }: Ran): boolean {
  return found?.keepsPower === true && isUnset(chipFaults);
}

function laterChip({ chip, simulation }: Ran): ChipModel {
  return new LaterChip(chip.fork(), Math.round(simulation.clock.nowUs() * 1000) + PAUSE_NS);
}

function namedRight(scene: Scene): Scene {
  return scene.found === undefined ? scene : { ...scene, found: { ...scene.found, named: scene.found.chip } };
}

/** The chip some time after a program has ended. */
function settledChip(chip: ChipModel, { clock }: Simulation): ChipModel {
  return new LaterChip(chip.fork(), Math.round(clock.nowUs() * 1000) + PAUSE_NS);
}

function healedChip({ chip, simulation, scene }: Ran): ChipModel {
  const healed = chip.fork();
  // What was under way has ended by then, as it would: the cut that heals must not tear it.
  const laterNs = Math.round(simulation.clock.nowUs() * 1000) + MAX_WORK_NS;
  healed.powerCut(laterNs, createRandom(scene.seed).branch("second cut"));
  healed.powerOn(-1e9);
  return healed;
}

function judgeSecond(ran: Ran, second: Attempt, healed: ChipModel, isUndo: boolean): Complaint[] {
  const { scene, before } = ran;
  const what = isUndo ? "undone" : "resumed";
  if (second.outcome !== "done") {
    if (isStillRefused(ran, healed, second.error, cutsUntilHealed(scene))) return [];
    return [{ invariant: "I5", what: `could not be ${what}: ${describe(second.error)}` }];
  }
  const cuts = cutsUntilHealed(scene);
  const isRight = isUndo || (scene.kind === "erase" ? isBlank(healed, scene) : holds(healed, scene.pieces));
  if (!isRight) return [{ invariant: "I5", what: `${what}, and the chip does not hold what it should` }];
  const wrong = firstDifference(before, healed, isUndo ? [] : touchedBy(scene), [], scene, cuts);
  if (wrong === undefined) return [];
  return [{ invariant: "I2", what: `${what}, and the byte at 0x${wrong.toString(16)} is not as it was` }];
}

/** What hung is torn by the cut that heals it, and so is what is still suspended. */
function cutsUntilHealed(scene: Scene): number {
  const isTorn = scene.chipFaults.busyForeverFrom !== undefined || scene.found?.found.suspended !== undefined;
  return cutsOf(scene) + (isTorn ? 1 : 0);
}

function isBlank(chip: ChipModel, { range }: Scene): boolean {
  return chip.peek(range.address, range.lengthBytes).every((byte) => byte === 0xff);
}

/** What was proved is not done once more: the next program erases what was in progress, and what was never begun. */
function judgeTwice({ scene, chip, before }: Ran, left: ReadJournal | undefined, erases: number): Complaint[] {
  if (scene.kind !== "write" || left === undefined) return [];
  const held = left.held.length;
  const heldBytes = left.held.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
  if (heldBytes > MAX_HELD_BYTES) return [{ invariant: "I5", what: `${heldBytes} bytes were held at once` }];
  // If all other units are as they should be, only the units in progress are erased again.
  const isAllElseRight = scene.pieces.every((piece) => {
    const found = chip.peek(piece.address, piece.data.length);
    return piece.data.every((byte, i) => found[i] === byte || left.held.some((unit) => isIn(unit, piece.address + i)));
  });
  const isUntouched = chip.changedSince(before).length === 0;
  if (!isAllElseRight || isUntouched || erases <= held) return [];
  return [
    { invariant: "I5", what: `${held} sectors were in progress, and ${erases} erases were done in the next life` },
  ];
}

function isIn(
  { address, lengthBytes }: { readonly address: number; readonly lengthBytes: number },
  at: number,
): boolean {
  return at >= address && at < address + lengthBytes;
}

/** The next program mounts what was stored: acknowledged records are there, in order; a safe holds the old or the new. */
async function judgeStored(ran: Ran, world: Simulation, { chip: name }: SimParameters): Promise<Complaint[]> {
  const { scene, memory, result } = ran;
  const chance = createRandom(scene.seed).branch("reader");
  const { clock, duplex } = world;
  try {
    return await world.run(async () => {
      const random = (): number => chance.nextUint32();
      const bridge = await openBridge(duplex, { clock, protocol: scene.protocol, random });
      const device = await openFlash(bridge, { chip: scene.found?.named });
      try {
        return await runOnRegion(device, scene.range, { operation: "read" }, (region) =>
          scene.kind === "log" ? judgeLog(region, scene, memory) : judgeSafe(region, scene, memory),
        );
      } finally {
        await device.close();
      }
    });
  } catch (error) {
    if (isStillRefused(ran, world.chip, error, cutsUntilHealed(scene))) return [];
    // A chip that was never formatted is not a safe.
    const isNothing = error instanceof NorbridgeError && error.code === "LAYOUT_MISMATCH" && memory.acknowledged === 0;
    if (isNothing) return [];
    return [{ invariant: "I3", what: `${name}: cannot be mounted after ${result.outcome}: ${describe(error)}` }];
  }
}

type Region = Parameters<typeof CircularBuffer.mount>[0];
/** This many of the newest records are always there: the oldest sector of three is given up for new ones. */
const NEWEST = 4;

async function judgeLog(region: Region, scene: Scene, memory: Memory): Promise<Complaint[]> {
  const { range, pieces } = scene;
  const log = await CircularBuffer.mount(region, logOptions(range));
  const found: Uint8Array[] = [];
  let isChainBroken = false;
  for await (const item of log.records()) {
    if (item.kind === "record") found.push(item.data);
    else isChainBroken = true;
  }
  const expected = pieces.slice(Math.max(0, memory.acknowledged - NEWEST), memory.acknowledged);
  let at = 0;
  // A cut may clear a bit beside the page in progress, in a record that was there: no format can help that. If it is one of a
  // length, what stands after it in the sector cannot be found either, and the log says that it is damaged.
  let disturbed = cutsUntilHealed(scene);
  let isBehindOne = false;
  for (const { data } of expected) {
    const index = found.findIndex((record, i) => i >= at && sameBytes(record, data));
    if (index >= 0) at = index + 1;
    else if (!isBehindOne && disturbed-- <= 0) {
      return [{ invariant: "I3", what: `acknowledged record ${data[0] ?? 0} is lost` }];
    }
    isBehindOne = index < 0 && isChainBroken;
  }
  // The next start takes writes.
  await log.append(Uint8Array.of(0xee)).catch(async (error: unknown) => {
    if (!(error instanceof NorbridgeError) || error.code !== "ENOSPC") throw error;
    await log.rotate();
    await log.append(Uint8Array.of(0xee));
  });
  return [];
}

async function judgeSafe(region: Region, scene: Scene, memory: Memory): Promise<Complaint[]> {
  const { range, pieces } = scene;
  const safe = await FlashSafe.mount(region, safeOptions(range));
  const data = safe.read(1);
  const { acknowledged } = memory;
  const allowed = [pieces[acknowledged - 1]?.data, pieces[acknowledged]?.data];
  // The same with a bit in the block of the newest commit: the one before it is in force then.
  if (cutsUntilHealed(scene) > 0) allowed.push(pieces[acknowledged - 2]?.data);
  const isOneOfThem = allowed.some((one) =>
    one === undefined ? data === undefined : data !== undefined && sameBytes(one, data),
  );
  return isOneOfThem ? [] : [{ invariant: "I3", what: "the safe holds neither the old nor the new" }];
}
