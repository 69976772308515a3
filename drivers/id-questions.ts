/**
 * Questions to an unknown chip, in an order that harms none: first 9Fh, after waking. D7h only after an AT45's ID, since
 * other chips erase on it; 5Ah only after any other ID that is plausible.
 */
import { READ_STATUS as READ_AT45_STATUS } from "./at45/status.ts";
import type { ChipAnswer, StepProgram } from "./chip-driver.ts";
import { constantByte, ID_BYTES, isAt45Id, isManufacturer } from "./jedec-id.ts";
import { answerOf, asking, receivedAt, sending } from "./step-answers.ts";
import { wakeSteps } from "./wake.ts";

export { readSfdp, wantedSfdpBytes } from "./sfdp/read-sfdp.ts";

/** A further question that helps to identify a chip; see `wantedQuestions`. */
export type NextQuestion = "sfdp" | "at45-status";

const READ_ID = 0x9f;
const READ_LEGACY_ID = 0x90;
const READ_AT25F_ID = 0x15;
const READ_SIGNATURE = 0xab;
const READ_BYTES = 8;
/**
 * Longer than the longest address with its mode bits on one line (Micron's XIP mode; YosysHQ/icestorm#230 sends the same).
 */
const LEAVE_LINE_MODES = sending(...new Array<number>(8).fill(0xff));

/**
 * Wakes the chip from any power-down, then reads its ID twice, with ones only between. Safe on every chip: FFh is a command
 * of none, but that it ends QPI and continuous reads. A chip that responds only the second time was left in one of these.
 */
export function wakeAndReadId(): StepProgram<
  ChipAnswer<{
    /** First response to 9Fh, 8 bytes. */
    readonly idA: Uint8Array;
    /** Second response to 9Fh, 8 bytes. Two different responses mean a bad connection. */
    readonly idB: Uint8Array;
  }>
> {
  const wake = wakeSteps();
  const readId = asking(READ_BYTES, READ_ID);
  return {
    steps: [...wake, readId, LEAVE_LINE_MODES, readId],
    decode: (results) =>
      answerOf(results, () => ({
        idA: receivedAt(results, wake.length),
        idB: receivedAt(results, wake.length + 2),
      })),
  };
}

/** The ID this many times, of a chip that is awake. */
export function readIdTimes(times: number): StepProgram<ChipAnswer<readonly Uint8Array[]>> {
  const steps = Array.from({ length: times }, () => asking(READ_BYTES, READ_ID));
  return {
    steps,
    decode: (results) => answerOf(results, () => steps.map((_, index) => receivedAt(results, index))),
  };
}

/**
 * The ID that chips have from before 9Fh: 90h and three zero bytes, manufacturer and device. For a chip that leaves 9Fh
 * without an answer; every chip with AT25 commands bears it.
 */
export function readLegacyId(): StepProgram<ChipAnswer<Uint8Array>> {
  return {
    steps: [asking(2, READ_LEGACY_ID, 0, 0, 0)],
    decode: (results) => answerOf(results, () => receivedAt(results, 0)),
  };
}

/**
 * What older chips still return: two bytes for 15h (AT25F), and the signature of ABh after three address bytes. For a chip that
 * responds neither to 9Fh nor to 90h; others read a status register at 15h, or nothing.
 */
export function readOldIds(): StepProgram<
  ChipAnswer<{
    /** Response to 15h, two bytes. */
    readonly at25fId: Uint8Array;
    /** Response to ABh. */
    readonly signature: number | undefined;
  }>
> {
  return {
    steps: [asking(2, READ_AT25F_ID), asking(1, READ_SIGNATURE, 0, 0, 0)],
    decode: (results) =>
      answerOf(results, () => ({ at25fId: receivedAt(results, 0), signature: receivedAt(results, 1)[0] })),
  };
}

/**
 * Reads both status bytes of an AT45 (D7h). A D part returns byte 1 twice. Run it only if the ID is that of an AT45:
 * other chips erase on this opcode.
 */
export function readAt45Status(): StepProgram<ChipAnswer<Uint8Array>> {
  return {
    steps: [asking(2, READ_AT45_STATUS)],
    decode: (results) => answerOf(results, () => receivedAt(results, 0)),
  };
}

/**
 * The questions that are safe and useful for a chip with this ID: `"sfdp"` for `readSfdp`, `"at45-status"` for
 * `readAt45Status`. Empty if no chip responds.
 */
export function wantedQuestions(idA: Uint8Array): readonly NextQuestion[] {
  if (idA.length < ID_BYTES || constantByte(idA) !== undefined || !isManufacturer(idA[0])) return [];
  return isAt45Id(idA) ? ["at45-status"] : ["sfdp"];
}
