/** From a chip that may be asleep, at work or in a mode of several data lines to one that says its ID. */
import { readIdTimes, wakeAndReadId } from "../../drivers/id-questions.ts";
import { constantByte, ID_BYTES, isAt45Id, isManufacturer } from "../../drivers/jedec-id.ts";
import type { Bridge } from "../bridge/bridge.ts";
import { sameBytes } from "../bytes.ts";
import { valueOf } from "./chip-failure.ts";
import { chipState, type ChipState } from "./leave-states.ts";
import { runQuestion } from "./run-program.ts";
import { waitWhileBusy, type WaitOptions } from "./wait-ready.ts";

/** Two answers to the question for the ID, and the states that the chip was led out of for them. */
export interface ListeningChip {
  readonly idA: Uint8Array;
  readonly idB: Uint8Array;
  readonly states: readonly ChipState[];
}

/** Answers that prove an ID where the first did not come. */
const PROOF_QUESTIONS = 8;

/**
 * Wakes the chip, ends what it does on several lines, and waits while it is at work; one run on a chip that needs nothing. What
 * the chip then answers is for `identify` to judge. Throws EBUSY if it stays at work, and what the bridge throws.
 */
export async function listeningChip(bridge: Bridge, wait: WaitOptions): Promise<ListeningChip> {
  const first = await readIds(bridge);
  // A chip that became ready between two questions answers one of them and not the other.
  if (!isSilent(first.idA) && !isSilent(first.idB) && sameId(first.idA, first.idB)) return { ...first, states: [] };
  const { wasBusy, hadError } = await waitWhileBusy(bridge, { ...wait, level: constantByte(first.idB) });
  const busy = wasBusy ? [chipState(hadError ? "error-flag" : "busy")] : [];
  if (!wasBusy && !isSilent(first.idA) && !isSilent(first.idB)) {
    // Two answers that differ are bad wires, unless from the second on all are alike.
    if (!(await isProven(bridge, first.idB))) return { ...first, states: [] };
    // An AT45 has no such mode: then it was the line.
    const states = isAt45Id(first.idB) ? [] : [chipState("line-mode")];
    return { idA: first.idB, idB: first.idB, states };
  }
  const second = await readIds(bridge);
  const isSteady = isId(second.idA) && !isAt45Id(second.idA) && sameId(second.idA, second.idB);
  const hasEnded = !wasBusy && isSilent(first.idA) && isSteady;
  return { ...second, states: hasEnded ? [chipState("line-mode")] : busy };
}

async function readIds(bridge: Bridge): Promise<{ readonly idA: Uint8Array; readonly idB: Uint8Array }> {
  return valueOf(await runQuestion(bridge, wakeAndReadId()), "identify chip");
}

async function isProven(bridge: Bridge, id: Uint8Array): Promise<boolean> {
  const answers = valueOf(await runQuestion(bridge, readIdTimes(PROOF_QUESTIONS)), "identify chip");
  return answers.every((answer) => sameId(answer, id));
}

function sameId(a: Uint8Array, b: Uint8Array): boolean {
  return sameBytes(a.subarray(0, ID_BYTES), b.subarray(0, ID_BYTES));
}

function isId(id: Uint8Array): boolean {
  return constantByte(id) === undefined && isManufacturer(id[0]);
}

/** Nothing drives the line, or something holds it. */
function isSilent(id: Uint8Array): boolean {
  return constantByte(id) !== undefined;
}
