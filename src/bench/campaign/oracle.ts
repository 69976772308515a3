/**
 * Judges a life of the program by the chip's cells, never by the engine's own verify:
 *
 * - I1 truth: a job that says it is done has done it, byte for byte;
 * - I2 neighbours: what lies outside of the range is as it was, or the journal has it;
 * - I3 memory: what was acknowledged (a sector proved, a stream's progress, a record) is still there afterwards;
 * - I4 bounded: it ends, within virtual minutes, with a result or an error of the table that is not a bug;
 * - I5 resumable: undisturbed, the next program ends the job or takes it back, and does little twice (run-seed.ts);
 * - I6 legal: the chip and the wire record no broken rule;
 * - I7 exactly once: what the chip did is what the job reports it did;
 * - I8 safe output: nothing that was said can move a terminal's cursor;
 * - I9 registers, I10 led out: see found-oracle.ts.
 */
import {
  type ByteRange,
  eraseBlockAt,
  rangeContains,
  rangeIntersection,
  smallestEraseUnit,
} from "../../../drivers/geometry.ts";
import { formatAddress, isFilledWith, printable, sameBytes } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { mergeRanges, subtractRanges } from "../../../drivers/byte-ranges.ts";
import type { KeptPiece } from "../../jobs/run-job.ts";
import { AHEAD_OF_THE_CHIP } from "../../runner/connections/sim-connection.ts";
import type { ChipModel } from "../../sim/chip/core/chip-model.ts";
import type { WorldViolation } from "../../sim/simulation.ts";
import { isExcused, judgeFound } from "./found-oracle.ts";
import { type Complaint, describe, firstDifference, type Ran } from "./oracle-parts.ts";
import { type Scene, touchedBy } from "./scene.ts";

/** This many places are named in a complaint. */
const NAMED_PLACES = 4;
/** The most that any driver takes for the smallest unit. */
const SECTOR_BYTES = 4096;
/** Longer than any of these jobs takes with all its deadlines: a chip erase of 20 s, links of 115200, three new connections. */
const LIMIT_SECONDS = 1200;

/** Everything against a life of the program. */
export function judge(ran: Ran): Complaint[] {
  return [
    ...judgeEnd(ran),
    ...judgeRules(ran),
    ...judgeWords(ran),
    ...judgeAnswer(ran),
    ...judgeOutside(ran),
    ...judgeMemory(ran),
    ...judgeOnce(ran),
    ...judgeFound(ran),
  ];
}

function judgeEnd({ result, simulation }: Ran): Complaint[] {
  const complaints: Complaint[] = [];
  if (result.outcome === "BUG")
    complaints.push({ invariant: "I4", what: `ended with a bug: ${describe(result.error)}` });
  const seconds = simulation.clock.nowUs() / 1e6;
  if (seconds > LIMIT_SECONDS) complaints.push({ invariant: "I4", what: `took ${seconds.toFixed(0)} s` });
  return complaints;
}

function judgeRules(ran: Ran): Complaint[] {
  const { scene, simulation, wasKilled } = ran;
  const { planned } = scene.parameters.faults;
  // A bridge that restarts or loses its host in the middle of a command leaves it short: the chip ignores it.
  const mayBreakOff = wasKilled || planned.length > 0;
  const complaints: Complaint[] = [];
  for (const [index, violation] of simulation.violations.entries()) {
    if (isExcused(ran, violation, index)) continue;
    if (violation.rule === "short-command" && mayBreakOff) continue;
    // serprog: pages go ahead of the answer, and what a bridge takes for commands after a pause is not the host's doing.
    if (scene.protocol === "serprog" && (mayBreakOff || AHEAD_OF_THE_CHIP.has(violation.rule))) continue;
    // A stuck cell stays 0 however often its block is erased.
    const at = "address" in violation ? violation.address : undefined;
    if (at !== undefined && at === scene.chipFaults.stuckAt?.address) continue;
    complaints.push({ invariant: "I6", what: `broke a rule: ${ruleText(violation)}` });
  }
  return complaints;
}

function ruleText(violation: WorldViolation): string {
  const opcode = "opcode" in violation ? ` by ${violation.opcode.toString(16).padStart(2, "0")}h` : "";
  return `${violation.rule}${opcode}, ${violation.detail}`;
}

function judgeWords({ result, memory }: Ran): Complaint[] {
  const said = [...memory.said];
  if (result.error instanceof NorbridgeError) said.push(result.error.message, result.error.hint);
  const bad = said.find((text) => printable(text) !== text);
  return bad === undefined ? [] : [{ invariant: "I8", what: `said something unprintable: ${printable(bad)}` }];
}

/** What the job answered, and what it says it has put on the chip. */
function judgeAnswer({ scene, result, chip }: Ran): Complaint[] {
  if (result.outcome !== "done") return [];
  const { kind, range, pieces } = scene;
  const truth = (): Uint8Array => chip.peek(range.address, range.lengthBytes);
  const isRight = {
    read: () => result.answer instanceof Uint8Array && sameBytes(result.answer, truth()),
    verify: () => result.answer === holds(chip, pieces),
    "blank-check": () => result.answer === isFilledWith(truth(), 0xff),
    write: () => holds(chip, pieces),
    stream: () => holds(chip, pieces),
    erase: () => isFilledWith(truth(), 0xff),
    log: () => true,
    safe: () => true,
  }[kind]();
  return isRight ? [] : [{ invariant: "I1", what: `${kind} said that it is done, and that is not so` }];
}

/** Whether the chip holds these bytes. */
export function holds(chip: ChipModel, pieces: readonly KeptPiece[]): boolean {
  return pieces.every(({ address, data }) => sameBytes(chip.peek(address, data.length), data));
}

/** A serprog bridge that restarts in mid-stream takes what still comes for commands: nothing can be promised then. */
export function mayMisread({ protocol, parameters, kill }: Scene): boolean {
  const restarts = parameters.faults.planned.some(({ fault }) => fault.kind === "bridge-reset");
  return protocol === "serprog" && (restarts || kill !== undefined);
}

function judgeOutside(ran: Ran): Complaint[] {
  const { scene, result, before, chip, left } = ran;
  if (result.outcome !== "done" && mayMisread(scene)) return [];
  const kept = result.outcome === "done" ? [] : (left?.held ?? []).flatMap(({ pieces }) => pieces);
  const wrong = firstDifference(before, chip, touchedBy(scene), kept, scene, cutsOf(scene));
  if (wrong === undefined) return [];
  return [{ invariant: "I2", what: `changed the byte at 0x${wrong.toString(16)}, outside of its range` }];
}

/** Power cuts that a scene has: each may clear one bit of a byte beside the page that was being programmed. */
export function cutsOf({ chipFaults }: Scene): number {
  return chipFaults.powerCutAtByte === undefined ? 0 : 1;
}

/** What the journal reports is proved is on the chip, and so is a stream as far as it says. */
function judgeMemory(ran: Ran): Complaint[] {
  const { scene, chip, left, result } = ran;
  if (left === undefined || mayMisread(scene) || scene.chipFaults.stuckAt !== undefined) return [];
  if (scene.kind === "stream") {
    const [piece] = scene.pieces;
    const written = { address: scene.range.address, data: piece?.data.slice(0, left.bytesWritten) ?? new Uint8Array() };
    // What an erase could reach is in progress, with its bytes, until it is known that it was not.
    const whole = { address: written.address, lengthBytes: written.data.length };
    const proved = subtractRanges(whole, mergeRanges(left.held)).flatMap((range) => partIn(written, range));
    const wrong = countWrong(chip, proved);
    if (wrong <= cutsOf(scene)) return [];
    return [{ invariant: "I3", what: `${left.bytesWritten} bytes are said to be written, ${wrong} of them are not` }];
  }
  if (scene.kind !== "write" || left.state !== "begun" || result.outcome === "done") return [];
  const unit = smallestEraseUnit(chip.geometry);
  const places: string[] = [];
  let wrong = 0;
  for (const address of left.released) {
    // A chip with fewer cells than it claims has its blocks again from there on.
    const own = eraseBlockAt(unit, address % chip.geometry.capacityBytes);
    // What an older part erases may be more than what its driver took for a unit.
    const lengthBytes = Math.min(SECTOR_BYTES, own?.lengthBytes ?? SECTOR_BYTES);
    const block = { address, lengthBytes: scene.found === undefined ? (own?.lengthBytes ?? 0) : lengthBytes };
    const pieces = scene.pieces.flatMap((piece) => partIn(piece, block));
    const here = countWrong(chip, pieces);
    wrong += here;
    if (here > 0) places.push(formatAddress(address));
  }
  if (wrong <= cutsOf(scene)) return [];
  const where = places.slice(0, NAMED_PLACES).join(", ");
  return [{ invariant: "I3", what: `${wrong} bytes are wrong in sectors that the journal calls proved: ${where}` }];
}

function partIn(piece: KeptPiece, block: ByteRange): KeptPiece[] {
  const whole = { address: piece.address, lengthBytes: piece.data.length };
  const shared = rangeIntersection(whole, block);
  if (shared === undefined || !rangeContains(whole, shared)) return [];
  const from = shared.address - piece.address;
  return [{ address: shared.address, data: piece.data.subarray(from, from + shared.lengthBytes) }];
}

function countWrong(chip: ChipModel, pieces: readonly KeptPiece[]): number {
  let wrong = 0;
  for (const { address, data } of pieces) {
    const found = chip.peek(address, data.length);
    if (sameBytes(found, data)) continue;
    wrong += data.reduce((sum, byte, i) => sum + (byte === found[i] ? 0 : 1), 0);
  }
  return wrong;
}

/** On a link where lost frames go again, and nothing else was wrong: the chip's own count is the job's. */
function judgeOnce({ scene, result, chip, countersBefore }: Ran): Complaint[] {
  const { changed } = result;
  if (scene.protocol !== "native" || changed === undefined || result.outcome !== "done") return [];
  const { erases, bytesProgrammed } = chip.counters;
  const erased = erases - countersBefore.erases;
  const programmed = bytesProgrammed - countersBefore.bytesProgrammed;
  const complaints: Complaint[] = [];
  if (erased !== changed.erasedUnits) {
    complaints.push({ invariant: "I7", what: `the chip erased ${erased} times, the job says ${changed.erasedUnits}` });
  }
  // An AT45 always programs its whole buffer: there it is pages that are counted.
  if (scene.parameters.chip.startsWith("AT45")) {
    const pages = chip.counters.programs - countersBefore.programs;
    if (pages !== changed.programmedPages) {
      const what = `the chip programmed ${pages} pages, the job says ${changed.programmedPages}`;
      complaints.push({ invariant: "I7", what });
    }
  } else if (programmed !== changed.programmedBytes) {
    const what = `the chip programmed ${programmed} bytes, the job says ${changed.programmedBytes}`;
    complaints.push({ invariant: "I7", what });
  }
  return complaints;
}
