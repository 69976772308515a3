/**
 * The state in which a chip is found: looked at when it is opened, and left, as far as it would make commands be ignored or land
 * elsewhere. Nothing is assumed: what was sent to leave a state is followed by a look whether it is left.
 */
import type { BridgeLimits, ChipAnswer, ChipOutcome, StepProgram } from "../../drivers/chip-driver.ts";
import { readSfdp } from "../../drivers/id-questions.ts";
import { ID_BYTES } from "../../drivers/jedec-id.ts";
import { type ShownState, type StateFamily, stateFamilyOf } from "../../drivers/state/state-family.ts";
import { readAddressWidth, readStates, type ShownStates, together } from "../../drivers/state/state-questions.ts";
import { outcomeOf, sending } from "../../drivers/step-answers.ts";
import type { Bridge } from "../bridge/bridge.ts";
import { NorbridgeError } from "../errors.ts";
import { doneOr, valueOf } from "./chip-failure.ts";
import { presenceOf } from "./presence.ts";
import { runProgram, runQuestion } from "./run-program.ts";
import { readSteadily, type SteadyOptions, twice, type TwoReadings } from "./steady-reading.ts";
import { errorBitsOf, waitWhileBusy, type WaitOptions } from "./wait-ready.ts";

/** A state in which a chip can be found. */
export type ChipStateKind =
  | ShownState
  /** It was busy with an operation of an earlier session. */
  | "busy"
  /** It took commands or read on several data lines (QPI, continuous read). */
  | "line-mode";

/** A state in which the chip was found. */
export interface ChipState {
  /** Which state. */
  readonly kind: ChipStateKind;
  /** What was found and what became of it: a sentence without a full stop. */
  readonly text: string;
  /** Whether the chip is still in it. */
  readonly remains: boolean;
}

const ALL_SET = 0xff;
const ADDRESS_MODE = "read address mode";

const CUT_POWER = "Nothing was changed. Cut the power of the chip, and try again.";

const TEXTS: Readonly<Record<ChipStateKind, string>> = {
  busy: "the chip was busy when it was opened; it was waited for",
  "line-mode": "the chip responded only after FFh: it was left in QPI or in continuous read; this mode has ended",
  "erase-suspended": "an erase was suspended when the chip was opened; it was resumed and has ended",
  "program-suspended": "a program was suspended when the chip was opened; it was resumed and has ended",
  "four-byte-mode": "the chip was in its mode of 4-byte addresses; the mode was left and is not entered again",
  "extended-address": "the extended address register of the chip was not 0; it was set to 0 and is not restored",
  "error-flag": "an earlier operation had left an error flag; it was cleared",
  "block-locks": "each block has a lock of its own (WPS = 1), which replaces the block protection bits",
};

/** The state, once it is left. */
export function chipState(kind: ChipStateKind): ChipState {
  return { kind, text: TEXTS[kind], remains: kind === "block-locks" };
}

/** What was found out with the states. */
export interface LookedAt {
  /** The first bytes of the SFDP area, if the chip has one. */
  readonly sfdp: Uint8Array | undefined;
  /** States that were found, in the order in which they were left. */
  readonly states: readonly ChipState[];
  /** All bits of the status are set: the chip is at work, or it has no status. */
  readonly isAllSet: boolean;
}

/**
 * Looks at a chip whose ID is known and not an AT45's, and leaves what it finds. Two runs on a chip that needs nothing.
 * `hasStatus`: it is known to be a part with a status register. Throws EBUSY, with what helps, if a state cannot be left.
 */
export async function leaveStates(
  bridge: Bridge,
  idA: Uint8Array,
  limits: BridgeLimits,
  wait: WaitOptions,
  hasStatus: boolean,
): Promise<LookedAt> {
  return new StateLook(bridge, [...idA.subarray(0, ID_BYTES)], limits, wait, hasStatus).run();
}

class StateLook {
  readonly #bridge: Bridge;
  readonly #presence: StepProgram<ChipOutcome>;
  /** It is a part with a status register: one with all bits set is that of a chip at work. */
  readonly #hasStatus: boolean;
  readonly #family: StateFamily;
  readonly #registers: StepProgram<ChipAnswer<ShownStates>>;
  readonly #limits: BridgeLimits;
  readonly #wait: WaitOptions;
  readonly #found = new Set<ChipStateKind>();
  #resumes = 0;
  #clears = 0;

  constructor(bridge: Bridge, id: readonly number[], limits: BridgeLimits, wait: WaitOptions, hasStatus: boolean) {
    this.#bridge = bridge;
    this.#presence = presenceOf(id);
    this.#hasStatus = hasStatus;
    this.#family = stateFamilyOf(id);
    this.#registers = readStates(this.#family, id);
    this.#limits = limits;
    // It has said its ID, so it drives the line.
    this.#wait = { ...wait, errorBits: errorBitsOf(this.#family), isDriven: true };
  }

  async run(): Promise<LookedAt> {
    let looked = await this.#look();
    while (await this.#leaveShown(looked.shown)) looked = await this.#look();
    const inMode = shows(looked.shown, "four-byte-mode");
    if (inMode || (await this.#takesFour())) {
      await this.#leaveFourByteMode();
      this.#found.add("four-byte-mode");
      looked = await this.#look();
    }
    if (shows(looked.shown, "extended-address")) {
      await this.#clearExtendedAddress();
      this.#found.add("extended-address");
    }
    const isAllSet = looked.shown.status1 === ALL_SET;
    return { sfdp: looked.sfdp, states: [...this.#found].map(chipState), isAllSet };
  }

  async #look(): Promise<{ readonly shown: ShownStates; readonly sfdp: Uint8Array | undefined }> {
    const operation = "read status";
    const [first, sfdp] = await this.#ask(together(twice(this.#registers), readSfdp(this.#limits)), operation);
    const shown = await this.#readRegisters(operation, first);
    // Its ID was read beside it, so the line is driven: this is a chip at work.
    const isBusy = shown.isBusy || (shown.status1 === ALL_SET && this.#hasStatus);
    return { shown: { ...shown, isBusy }, sfdp };
  }

  /** Leaves the first of these states that is shown; false if none is, and nothing was sent. */
  async #leaveShown(shown: ShownStates): Promise<boolean> {
    if (shown.isBusy) {
      const { hadError } = await waitWhileBusy(this.#bridge, this.#wait);
      this.#found.add(hadError ? "error-flag" : "busy");
      return true;
    }
    if (shows(shown, "block-locks")) this.#found.add("block-locks");
    const { resumes, clearErrors } = this.#family;
    for (const kind of ["erase-suspended", "program-suspended"] as const) {
      if (!shows(shown, kind)) continue;
      const opcode = resumes[this.#resumes++];
      if (opcode === undefined) throw cannotLeave(kind, shown);
      await this.#send([[opcode]], "resume");
      await waitWhileBusy(this.#bridge, this.#wait);
      this.#found.add(kind);
      return true;
    }
    if (!shows(shown, "error-flag") || clearErrors === undefined) return false;
    if (this.#clears++ > 0) throw cannotLeave("error-flag", shown);
    await this.#send([[clearErrors]], "clear error flags");
    this.#found.add("error-flag");
    return true;
  }

  /** Whether reads show it. An unsteady line shows it too, so it has to show twice in the same way. */
  async #takesFour(): Promise<boolean> {
    const first = await this.#ask(readAddressWidth(), ADDRESS_MODE);
    return first === "four" && (await readSteadily(readAddressWidth(), this.#steadily(ADDRESS_MODE))) === "four";
  }

  /** By the ways of the family; after each it is looked whether the mode is left. */
  async #leaveFourByteMode(): Promise<void> {
    for (const way of this.#family.leaveFourByteMode) {
      await this.#send(way, ADDRESS_MODE);
      const shown = await this.#readRegisters(ADDRESS_MODE);
      if (!shows(shown, "four-byte-mode") && !(await this.#takesFour())) return;
    }
    throw new NorbridgeError("EBUSY", "the chip is in its mode of 4-byte addresses and does not leave it", {
      operation: "leave 4-byte address mode",
      hint: CUT_POWER,
    });
  }

  async #clearExtendedAddress(): Promise<void> {
    const operation = "clear the extended address register";
    await this.#send(this.#family.clearExtendedAddress ?? [], operation);
    const { states } = await this.#readRegisters(operation);
    const left = states.find(({ state }) => state === "extended-address");
    if (left === undefined) return;
    throw new NorbridgeError("EBUSY", `${left.register} of the chip stays at ${left.value}, not 0`, {
      operation,
      hint: CUT_POWER,
    });
  }

  async #send(transfers: readonly (readonly number[])[], operation: string): Promise<void> {
    const steps = transfers.map((bytes) => sending(...bytes));
    doneOr(await runProgram(this.#bridge, { steps, decode: outcomeOf }), operation);
  }

  async #ask<T>(program: StepProgram<ChipAnswer<T>>, operation: string): Promise<T> {
    return valueOf(await runQuestion(this.#bridge, program), operation);
  }

  #readRegisters(operation: string, first?: TwoReadings<ShownStates>): Promise<ShownStates> {
    const isAtWork = ({ isBusy }: ShownStates): boolean => isBusy;
    return readSteadily(this.#registers, { ...this.#steadily(operation), isAtWork }, first);
  }

  #steadily(operation: string): Pick<SteadyOptions<unknown>, "operation" | "run" | "presence"> {
    return { operation, run: (program) => runProgram(this.#bridge, program), presence: this.#presence };
  }
}

function shows({ states }: ShownStates, kind: ShownState): boolean {
  return states.some(({ state }) => state === kind);
}

function cannotLeave(
  kind: "erase-suspended" | "program-suspended" | "error-flag",
  { states }: ShownStates,
): NorbridgeError {
  const what = { "erase-suspended": "an erase", "program-suspended": "a program", "error-flag": "an error flag" }[kind];
  const how = kind === "error-flag" ? "is set and does not clear" : "is suspended and does not resume";
  const shown = states.find(({ state }) => state === kind);
  const read = shown === undefined ? "" : `: ${shown.register} reads 0x${shown.value.toString(16).padStart(2, "0")}`;
  return new NorbridgeError("EBUSY", `${what} ${how}${read}`, { operation: "open chip", hint: CUT_POWER });
}
