/**
 * Judges a life of the program by the chip's cells, never by the engine's own verify:
 *
 * - I1 truth: a job that says it is done has done it, byte for byte;
 * - I2 neighbours: what lies outside of the range is as it was, or the journal has it;
 * - I3 memory: what was acknowledged (a sector proved, a stream's progress, a record) is still there afterwards;
 * - I4 bounded: it ends, within virtual minutes, with a result or an error of the table that is not a bug;
 * - I5 resumable: undisturbed, the next program ends the job or takes it back, and does little twice (run-seed.ts);
 * - I6 legal: the chip and the wire record no broken rule;
 * - I7 exactly once: what the chip did is what the job says it did;
 * - I8 safe output: nothing that was said can move a terminal's cursor.
 */
import {
  type ByteRange,
  eraseBlockAt,
  rangeContains,
  rangeEnd,
  rangeIntersection,
  smallestEraseUnit,
} from "../../../drivers/geometry.ts";
import { formatAddress, isFilledWith, printable, sameBytes } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { KeptPiece } from "../../jobs/run-job.ts";
import type { ReadJournal } from "../../journal/read-journal.ts";
import type { ChipCounters, ChipModel } from "../../sim/chip/chip-model.ts";
import type { Simulation } from "../../sim/simulation.ts";
import type { Memory } from "./attempt.ts";
import type { Attempt } from "./tamper.ts";
import type { Scene } from "./scene.ts";

export type Invariant = "I1" | "I2" | "I3" | "I4" | "I5" | "I6" | "I7" | "I8";

export interface Complaint {
  readonly invariant: Invariant;
  /** A sentence. */
  readonly what: string;
}

/**
 * Rules that a bridge which can neither poll nor digest breaks on purpose: the chip ignores what comes too early, and it goes
 * again; and what looks blank in a few bytes is programmed, which the verify proves or an erase puts right.
 */
const AHEAD_OF_THE_CHIP: ReadonlySet<string> = new Set([
  "command-while-busy",
  "program-without-write-enable",
  "program-zero-to-one",
]);
/** So many places are named in a complaint. */
const NAMED_PLACES = 4;
/** Longer than any of these jobs takes with all its deadlines: a chip erase of 20 s, links of 115200, three new connections. */
const LIMIT_SECONDS = 1200;

/** What the oracle knows of a scene that ran. */
export interface Ran {
  readonly scene: Scene;
  readonly result: Attempt;
  readonly simulation: Simulation;
  readonly memory: Memory;
  /** The chip before, and as it is now. */
  readonly before: ChipModel;
  readonly chip: ChipModel;
  readonly countersBefore: ChipCounters;
  readonly wasKilled: boolean;
  /** What the next program finds; undefined where the job keeps no journal. */
  readonly left: ReadJournal | undefined;
}

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

function judgeRules({ scene, simulation, wasKilled }: Ran): Complaint[] {
  const { planned } = scene.parameters.faults;
  // A bridge that restarts or loses its host in the middle of a command leaves it short: the chip ignores it.
  const mayBreakOff = wasKilled || planned.length > 0;
  const complaints: Complaint[] = [];
  for (const violation of simulation.violations) {
    if (violation.rule === "short-command" && mayBreakOff) continue;
    // serprog: pages go ahead of the answer, and what a bridge takes for commands after a pause is not the host's doing.
    if (scene.protocol === "serprog" && (mayBreakOff || AHEAD_OF_THE_CHIP.has(violation.rule))) continue;
    // A stuck cell stays 0 however often its block is erased.
    if ("address" in violation && violation.address === scene.chipFaults.stuckAt?.address) continue;
    complaints.push({ invariant: "I6", what: `broke a rule: ${violation.rule}, ${violation.detail}` });
  }
  return complaints;
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

/** Power cuts that a scene has: each may clear one bit of a byte beside the page that was being programmed. */
export function cutsOf({ chipFaults }: Scene): number {
  return chipFaults.powerCutAtByte === undefined ? 0 : 1;
}

/**
 * The first address outside of `touched` where `chip` is not as `before` and `kept` has not the old byte; undefined if there is
 * none. As many single bits may be cleared as there were power cuts, and a stuck cell is nobody's fault.
 */
export function firstDifference(
  before: ChipModel,
  chip: ChipModel,
  touched: readonly ByteRange[],
  kept: readonly KeptPiece[],
  { chipFaults }: Scene,
  cuts: number,
): number | undefined {
  let disturbed = cuts;
  for (const { address: at, lengthBytes } of chip.changedSince(before)) {
    const old = before.peek(at, lengthBytes);
    const now = chip.peek(at, lengthBytes);
    if (sameBytes(old, now)) continue;
    for (let i = 0; i < lengthBytes; i++) {
      const address = at + i;
      const was = old[i] ?? 0;
      const is = now[i] ?? 0;
      if (was === is || address === chipFaults.stuckAt?.address) continue;
      if (touched.some((range) => address >= range.address && address < rangeEnd(range))) continue;
      if (kept.some((piece) => piece.data[address - piece.address] === was)) continue;
      const isOneBitCleared = (is & was) === is && isPowerOfTwo(was ^ is);
      if (isOneBitCleared && disturbed-- > 0) continue;
      return address;
    }
  }
  return undefined;
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0;
}

/** What the journal says is proved is on the chip, and so is a stream as far as it says. */
function judgeMemory(ran: Ran): Complaint[] {
  const { scene, chip, left, result } = ran;
  if (left === undefined || mayMisread(scene) || scene.chipFaults.stuckAt !== undefined) return [];
  if (scene.kind === "stream") {
    const [piece] = scene.pieces;
    const written = { address: scene.range.address, data: piece?.data.slice(0, left.bytesWritten) ?? new Uint8Array() };
    const wrong = countWrong(chip, [written]);
    if (wrong <= cutsOf(scene)) return [];
    return [{ invariant: "I3", what: `${left.bytesWritten} bytes are said to be written, ${wrong} of them are not` }];
  }
  if (scene.kind !== "write" || left.state !== "begun" || result.outcome === "done") return [];
  const unit = smallestEraseUnit(chip.geometry);
  const places: string[] = [];
  let wrong = 0;
  for (const address of left.released) {
    const block = eraseBlockAt(unit, address);
    const pieces = block === undefined ? [] : scene.pieces.flatMap((piece) => partIn(piece, block));
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

/** An error with its place in the program. */
export function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
