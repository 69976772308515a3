/**
 * Questions about the state in which a chip was left, as steps, and the judgement of their answers. Pure. None of them
 * changes a chip, and all are for a chip whose ID is known not to be an AT45's.
 */
import type { SpiStep, StepResult } from "../../firmware-protocol/step.ts";
import { READ_STATUS_1 } from "../at25/status.ts";
import type { ChipAnswer, StepProgram } from "../chip-driver.ts";
import { answerOf, asking, receivedAt, receivedByte } from "../step-answers.ts";
import { hasSfdpSignature } from "../sfdp/sfdp-area.ts";
import { isLargeId, type ShownState, type StateFamily, type StateRegister } from "./state-family.ts";

/** What a chip shows of its state. */
export interface ShownStates {
  /** Status register 1 reports that the chip is at work. */
  readonly isBusy: boolean;
  /** Status register 1, as read. */
  readonly status1: number;
  /** What the registers of the family show, each with the value read. */
  readonly states: readonly { readonly state: ShownState; readonly register: string; readonly value: number }[];
}

/** What two programs answer that run as one. */
export function together<A, B>(
  first: StepProgram<ChipAnswer<A>>,
  second: StepProgram<ChipAnswer<B>>,
): StepProgram<ChipAnswer<readonly [A, B]>> {
  const count = first.steps.length;
  return {
    steps: [...first.steps, ...second.steps],
    decode(results) {
      const a = first.decode(results.slice(0, count));
      if (a.outcome !== "done") return a;
      const b = second.decode(results.slice(count));
      return b.outcome === "done" ? { outcome: "done", value: [a.value, b.value] } : b;
    },
  };
}

/** Reads the status and the registers that all parts with this ID have. */
export function readStates(family: StateFamily, jedecId: readonly number[]): StepProgram<ChipAnswer<ShownStates>> {
  const registers = family.registers.filter(({ isLargeOnly }) => isLargeOnly !== true || isLargeId(jedecId));
  return {
    steps: [asking(1, READ_STATUS_1), ...registers.map(({ opcode, byteIndex = 0 }) => asking(byteIndex + 1, opcode))],
    decode: (results) =>
      answerOf(results, () => {
        const status1 = receivedByte(results, 0);
        // All bits set is also a chip at work whose protection bits are set, if another register shows that the line is driven.
        const isDriven = registers.some((_, index) => receivedAt(results, index + 1).some((byte) => byte !== 0xff));
        return {
          status1,
          isBusy: isBusyStatus(status1) || (isDriven && status1 === 0xff),
          states: registers.flatMap((register, index) => statesOf(register, receivedAt(results, index + 1))),
        };
      }),
  };
}

/** FF is the level of an undriven line; a chip at work shows some bit at 0. */
export function isBusyStatus(status1: number): boolean {
  return status1 !== 0xff && (status1 & 0x01) !== 0;
}

function statesOf(
  { bits, name, byteIndex = 0, mayRepeat }: StateRegister,
  received: Uint8Array,
): ShownStates["states"] {
  const value = received[byteIndex] ?? 0xff;
  if (value === 0xff || (mayRepeat === true && value === received[byteIndex - 1])) return [];
  return bits.flatMap(({ mask, state }) => ((value & mask) === 0 ? [] : [{ state, register: name, value }]));
}

/** How many address bytes the commands of the array take; "unknown" if the contents do not show it: the chip is blank. */
export type AddressWidth = "three" | "four" | "unknown";

/**
 * Two reads with four address bytes that differ in the fourth only. A chip that takes three returns the same for both,
 * since the fourth byte is a clock of its answer; one that takes four returns two places. The distance is odd and no power
 * of two, so that content which repeats does not look alike.
 */
const PLACES = [0x000000, 0x000100, 0x000700];
const DISTANCE = 0x53;
const SAMPLE_BYTES = 16;
const READ_DATA = 0x03;
/** With four address bytes and the dummy byte: some parts read their SFDP area like this in the mode, and no other does. */
const SFDP_WITH_FOUR = asking(4, 0x5a, 0, 0, 0, 0, 0);

/** Finds out, by what the chip holds, whether it takes three address bytes or four. */
export function readAddressWidth(): StepProgram<ChipAnswer<AddressWidth>> {
  const at = (place: number, fourth: number): SpiStep =>
    asking(SAMPLE_BYTES, READ_DATA, (place >> 16) & 0xff, (place >> 8) & 0xff, place & 0xff, fourth);
  return {
    steps: [...PLACES.flatMap((place) => [at(place, 0), at(place, DISTANCE)]), SFDP_WITH_FOUR],
    decode: (results) => answerOf(results, () => widthOf(results)),
  };
}

function widthOf(results: readonly StepResult[]): AddressWidth {
  if (hasSfdpSignature(receivedAt(results, 2 * PLACES.length))) return "four";
  let hasTold = false;
  for (let pair = 0; pair < PLACES.length; pair++) {
    const [one, other] = [receivedAt(results, 2 * pair), receivedAt(results, 2 * pair + 1)];
    if (one.some((byte, index) => byte !== other[index])) return "four";
    hasTold ||= one.some((byte) => byte !== one[0]);
  }
  return hasTold ? "three" : "unknown";
}
