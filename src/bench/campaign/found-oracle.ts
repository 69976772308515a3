/**
 * What the oracle asks where a chip was found in some state:
 *
 * - I9 registers: at the end they are as they were found, and no mode is left that was not found. An error leaves them so, too,
 *   unless the program says that it could not restore them;
 * - I10 led out: with nothing else wrong the job is done, or refused with nothing changed and by a code that fits the state.
 */
import { isUnset } from "../../checks.ts";
import { type ErrorCode, NorbridgeError } from "../../errors.ts";
import type { ChipModel, ChipRegisters } from "../../sim/chip/core/chip-model.ts";
import { createRandom } from "../../sim/random.ts";
import type { WorldViolation } from "../../sim/simulation.ts";
import type { FoundScene } from "./found.ts";
import { type Complaint, describe, firstDifference, type Ran } from "./oracle-parts.ts";
import { isRegion, type Scene, touchedBy } from "./scene.ts";

/** The chip as power-up would leave it. */
export function afterPowerUp(chip: ChipModel): ChipModel {
  const fresh = chip.fork();
  fresh.powerCut(0, createRandom("power"), "untouched");
  fresh.powerOn(0);
  return fresh;
}

/** Nothing goes wrong beside the state in which the chip is found. */
export function isUndisturbed({ parameters, chipFaults, kill }: Scene): boolean {
  const { up, down, planned } = parameters.faults;
  return kill === undefined && planned.length === 0 && [chipFaults, up, down].every(isUnset);
}

/** 50h, and what writes a status register after it. */
const REGISTER_WRITES: ReadonlySet<number> = new Set([0x50, 0x01, 0x31, 0x11]);
const NAMED_WRONG: ReadonlySet<string> = new Set(["unknown-opcode", "write-while-protected"]);
/** What a host that does not know the state of a chip can only find out by asking. */
const ASKED_AT_THE_OPENING: ReadonlySet<string> = new Set(["command-while-busy", "not-awake"]);

/** The question for the ID of AT25F parts. */
const OLD_ID = 0x15;

/**
 * Whether the state in which the chip was found excuses a broken rule. `index`: its number among those that the chip has
 * seen.
 */
export function isExcused({ scene, memory }: Ran, violation: WorldViolation, index: number): boolean {
  if (scene.found === undefined) return false;
  const { rule } = violation;
  const { odd, named, chip, statusRegisters } = scene.found;
  // Whether a chip has 50h shows when it is tried: without it the write of a register lacks its latch.
  const isRegisterWrite = "opcode" in violation && REGISTER_WRITES.has(violation.opcode);
  if (odd.noVolatile === true && isRegisterWrite) return true;
  // Who names another part gets its commands, and the scheme of its protection.
  if (named !== undefined && named !== chip && NAMED_WRONG.has(rule)) return true;
  // What is known of a named part may lack its second register, which locks the first: that shows when it is tried.
  if (named !== undefined && statusRegisters[1] % 2 === 1 && isRegisterWrite) return true;
  // Regions of storage learn of protection by the first operation that it refuses.
  // And a chip with fewer cells than it claims protects the top of those it has.
  if (rule === "write-while-protected") return isRegion(scene.kind) || odd.cellsBytes !== undefined;
  // A chip at work that reads like no chip is asked for the IDs of older ones, and may be ready by then.
  const isOldQuestion = scene.found.found.busyMs !== undefined && "opcode" in violation && violation.opcode === OLD_ID;
  if (!ASKED_AT_THE_OPENING.has(rule) && !isOldQuestion) return false;
  return memory.openings.some(([from, to]) => index >= from && index < to);
}

/** Judges the end of a life of the program on a chip that was found in some state. */
export function judgeFound(ran: Ran): Complaint[] {
  const { scene, result, wasKilled } = ran;
  if (scene.found === undefined) return [];
  const isCalm = isUndisturbed(scene);
  const complaints: Complaint[] = [];
  if (isCalm && result.outcome !== "done") complaints.push(...judgeRefusal(ran, scene.found));
  if (wasKilled || (!isCalm && (result.outcome !== "done" || ran.memory.warned.length > 0))) return complaints;
  return [...complaints, ...judgeRegisters(ran.before, ran.chip, result.outcome === "done", ran.memory.warned)];
}

function judgeRefusal({ scene, result, before, chip }: Ran, found: FoundScene): Complaint[] {
  const complaints: Complaint[] = [];
  // The first erase has shown another size than the named part has: its block is the job's own, and what is around is restored.
  const own = isRefusedByItsSize(scene, result.error) ? touchedBy(scene) : [];
  const wrong = firstDifference(before, chip, own, [], scene, 0);
  if (wrong !== undefined) {
    const what = `refused (${result.outcome}), and changed the byte at 0x${wrong.toString(16)}`;
    complaints.push({ invariant: "I10", what });
  }
  // A stream may have written before an erase could show its size: it continues with the name of the part.
  if (isRefusedByItsSize(scene, result.error)) return complaints;
  if (refusals(scene, found).some((code) => code === result.outcome)) return complaints;
  return [...complaints, { invariant: "I10", what: `not led out of its state: ${describe(result.error)}` }];
}

/** Whether the user has named another part than the chip is. */
export function isNamedWrong({ found }: Scene): boolean {
  return found?.named !== undefined && found.named !== found.chip;
}

/** The first erase has shown that the chip is not the part whose name it was given, or that it does not have the command. */
export function isRefusedByItsSize(scene: Scene, error: unknown): boolean {
  return isNamedWrong(scene) && error instanceof NorbridgeError && WRONG_PART.test(error.message);
}

const WRONG_PART = /not the part that it was identified as|ignored the (erase )?command/;

/** Whether the next program may refuse as the first did: a chip that must not be changed is as it was. */
export function isStillRefused({ scene, before, result }: Ran, chip: ChipModel, error: unknown, cuts: number): boolean {
  if (scene.found === undefined || result.outcome === "done" || !(error instanceof NorbridgeError)) return false;
  const isKnown = refusals(scene, scene.found).some((code) => code === error.code);
  return isKnown && firstDifference(before, chip, [], [], scene, cuts) === undefined;
}

/** Codes with which a job may be refused on a chip like this. */
function refusals({ kind }: Scene, { found, odd, statusRegisters, named, chip }: FoundScene): readonly ErrorCode[] {
  const [sr1, sr2] = statusRegisters;
  const startsProtected = chip.startsWith("AT25DF") || chip.startsWith("SST26");
  const isProtected = sr1 !== 0 || sr2 !== 0 || found.hasBlockLocks === true || startsProtected;
  const isDoubtful = named !== undefined || odd.sfdp !== undefined || odd.cellsBytes !== undefined;
  return [
    // What cannot be distinguished from others of its ID, or operated.
    ...(SHARED_IDS.has(chip) || isDoubtful
      ? (["CHIP_AMBIGUOUS", "CHIP_UNKNOWN", "EIO", "EROFS", "EINVAL"] as const)
      : []),
    ...(odd.cellsBytes === undefined ? [] : (["INTERRUPTED"] as const)),
    // Outside of what a wrong area claims.
    ...(odd.sfdp === "half-size" ? (["ERANGE", "FILE_INVALID"] as const) : []),
    ...(isProtected ? (["EROFS"] as const) : []),
    // A region of storage learns of protection from what the chip ignores, and has sent something by then.
    ...(isProtected && isRegion(kind) ? (["INTERRUPTED"] as const) : []),
    // And that leaves this part deaf.
    ...(isProtected && chip === "S25FL128S" ? (["CHIP_MISSING"] as const) : []),
    // Busy with all bits of its status set, it reads like an undriven line, or another device.
    ...(found.busyMs !== undefined && found.busyReads !== "id" && (sr1 | 0x03) === 0xff
      ? (["CHIP_MISSING"] as const)
      : []),
    // FFh does not lead out of it on parts of Macronix and ISSI, and a host with one line cannot send what does.
    ...(found.isInQpi === true && UNREACHABLE.has(chip) ? (["CHIP_MISSING", "EBUSY"] as const) : []),
  ];
}

const UNREACHABLE: ReadonlySet<string> = new Set(["MX25L25635F", "IS25LP256"]);
/** Older parts, of which the opening may say that it cannot tell them from others. */
const SHARED_IDS: ReadonlySet<string> = new Set([
  ...["MX25L3205A", "MX25L3205D", "MX25L3206E", "MX25L6405D", "MX25L12805D", "MX25L25635E", "MX25L25635F"],
  ...["W25Q64FV", "W25Q128FV", "W25Q64FW", "W25Q256FV"],
  ...["S25FL064L", "S25FL128L", "S25FL128S", "MT25QL256A", "IS25LP256"],
]);

/** Registers and modes against those that were found. `mustResume`: nothing may be left suspended. */
export function judgeRegisters(
  before: ChipModel,
  chip: ChipModel,
  mustResume: boolean,
  warned: readonly string[] = [],
): Complaint[] {
  const was = before.peekRegisters();
  const fresh = afterPowerUp(before).peekRegisters();
  const is = chip.peekRegisters();
  const wrong = [
    ...differences("stored status registers", was.stored, is.stored),
    ...differences("status registers", was.inForce, is.inForce),
    ...differences("locks", was.locks, is.locks),
    ...modesLeft(is, [was, fresh]),
    ...(mustResume && is.suspended !== undefined ? [`its ${is.suspended} is still suspended`] : []),
  ];
  const said = warned.length === 0 ? "" : `; it said: ${warned.join("; ")}`;
  return wrong.map((what) => ({ invariant: "I9", what: `${what}${said}` }));
}

function differences(name: string, was: readonly number[], is: readonly number[]): string[] {
  const differs = was.length !== is.length || was.some((value, index) => value !== is[index]);
  return differs ? [`${name} are ${hex(is)}, found were ${hex(was)}`] : [];
}

function hex(values: readonly number[]): string {
  return values.map((value) => value.toString(16).padStart(2, "0")).join(" ");
}

/** What is in force for a time only may be as it was found, or as after power-up: the opening may leave a mode. */
function modesLeft(is: ChipRegisters, allowed: readonly ChipRegisters[]): string[] {
  const isMode = allowed.some(({ isFourByteMode }) => isFourByteMode === is.isFourByteMode);
  const isBank = allowed.some(({ bank }) => bank === is.bank);
  return [
    ...(isMode ? [] : [`the chip is left in ${is.isFourByteMode ? "4-byte" : "3-byte"} mode`]),
    ...(isBank ? [] : [`the extended address register is left at ${is.bank}`]),
  ];
}
