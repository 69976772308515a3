/**
 * Protection around a job: looked at before anything is touched, lifted where the user said so, and restored on every way
 * out. What the chip does for a time only is preferred: if power or link go in between, power-up restores it.
 */
import type { ProtectionState, ProtectionTerm } from "../../drivers/chip-driver.ts";
import { type Advice, advice, type Remedy } from "../advice.ts";
import { formatRange } from "../bytes.ts";
import { notValid } from "../checks.ts";
import { NorbridgeError } from "../errors.ts";
import type { ProtectionService } from "../flash/protection-service.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import { Turns } from "../turns.ts";
import { checkLiftOptions } from "./check-request.ts";

/** What protected a chip before a job lifted it. */
export type LiftedProtection = ProtectionState;

/** What `withProtectionLifted` is called for, and who receives its messages. */
export interface LiftOptions {
  /** For error messages: "write", "erase". */
  readonly operation: string;
  /** Something a person should know although the job continues. */
  readonly note: (message: string) => void;
  /** What is not as it should be when the job is over; `note` if left out. */
  readonly warn?: ((message: string, remedies?: readonly Remedy[]) => void) | undefined;
}

/**
 * Runs `job` with nothing of the chip protected. Throws what `job` throws; EROFS, before anything was changed, if
 * protection cannot be lifted: hardware locks it, or the way is unknown. A chip that is not protected is not changed.
 */
export async function withProtectionLifted<T>(
  device: FlashDevice,
  options: LiftOptions,
  job: () => Promise<T>,
): Promise<T> {
  checkLiftOptions(options);
  if (typeof job !== "function") throw notValid(options.operation, "job", "a function", job);
  const lift = new ProtectionLift(options);
  try {
    return await lift.around(device, job);
  } finally {
    lift.end();
  }
}

/**
 * The same for a job that continues over a new connection where the bridge was lost: what the protection was before the first
 * one is what the last one restores. `end` is for when there is no other.
 */
export class ProtectionLift {
  readonly #options: LiftOptions;
  #before: ProtectionState | undefined;
  /** Why the protection is not back; undefined if it is. */
  #notBack: Advice | undefined;
  /** How long the lift lasts by itself; undefined if this program lifted nothing. */
  #term: ProtectionTerm | undefined;

  /** `before`: what an earlier run of this program found, where it was killed in the middle of the job. */
  constructor(options: LiftOptions, before?: ProtectionState) {
    this.#options = options;
    this.#before = before;
  }

  /** What is to be restored; undefined if nothing is. */
  get #toPutBack(): LiftedProtection | undefined {
    return this.#before?.ranges.length === 0 ? undefined : this.#before;
  }

  /**
   * As `withProtectionLifted`, on one connection. `prove` comes before anything is changed, and throws if the chip is another
   * one than before: what the first was protected with is nothing for that. It hears what is going to be restored.
   */
  around<T>(
    device: FlashDevice,
    job: () => Promise<T>,
    prove: (before: LiftedProtection | undefined) => Promise<void> = () => Promise.resolve(),
  ): Promise<T> {
    // Of two at the same time one would put back what the other still needs lifted.
    return liftsOf(device).run(() => this.#around(device, job, prove));
  }

  async #around<T>(
    device: FlashDevice,
    job: () => Promise<T>,
    prove: (before: LiftedProtection | undefined) => Promise<void>,
  ): Promise<T> {
    const protection = device.services?.protection;
    const now = await protection?.read();
    // A chip that is gone reads FF, which looks like every protection bit set.
    if (now !== undefined && now.ranges.length > 0) await device.checkIdentity();
    this.#before ??= now;
    const before = this.#toPutBack;
    await prove(before);
    if (protection === undefined || now === undefined || before === undefined) return job();
    const { control, noControl } = protection;
    const { operation, note } = this.#options;
    if (control === undefined || now.lockedBy !== "") throw held(operation, now, noControl);
    try {
      if (now.ranges.length > 0) {
        const { state, term } = await liftShortest(control, now);
        this.#term = term;
        if (state.ranges.length > 0) throw held(operation, state, undefined);
        note(`protection of ${listOf(now)} is lifted and will be restored at the end${remarksOn(state, term)}`);
      }
      return await job();
    } finally {
      this.#notBack = await putBack(control, before, this.#term);
    }
  }

  /** Warns if the protection is not as it was. */
  end(): void {
    const { note, warn = note } = this.#options;
    if (this.#notBack !== undefined) warn(this.#notBack.text, this.#notBack.remedies);
    this.#notBack = undefined;
  }
}

const LIFTS = new WeakMap<FlashDevice, Turns>();

function liftsOf(device: FlashDevice): Turns {
  const turns = LIFTS.get(device) ?? new Turns();
  LIFTS.set(device, turns);
  return turns;
}

type Control = NonNullable<ProtectionService["control"]>;

/** Until power goes if the chip can do that, and else for longer. Throws what the last attempt throws. */
async function liftShortest(
  control: Control,
  now: ProtectionState,
): Promise<{ readonly state: ProtectionState; readonly term: ProtectionTerm }> {
  const [first, ...others] = now.terms ?? control.terms;
  for (let term = first; ; ) {
    try {
      return { state: await control.lift(term), term };
    } catch (error) {
      const next = others.shift();
      // A chip may lack the command for a change that ends with its supply.
      if (next === undefined || !(error instanceof NorbridgeError) || error.code !== "EROFS") throw error;
      term = next;
    }
  }
}

function remarksOn({ isUncertain }: ProtectionState, term: ProtectionTerm): string {
  const lasting = term === "lasting" ? "; until then the chip keeps it lifted even without power" : "";
  const uncertain =
    isUncertain === true ? "; the chip does not return its block locks, so the first change has to show it" : "";
  return lasting + uncertain;
}

/**
 * Nothing thrown: what the job threw matters more. Returns what is wrong, if anything. `lifted`: how this program lifted it;
 * undefined if an earlier one did.
 */
async function putBack(
  control: Control,
  before: ProtectionState,
  lifted: ProtectionTerm | undefined,
): Promise<Advice | undefined> {
  const terms = before.terms ?? control.terms;
  const own = lifted === undefined ? [] : [lifted];
  let why = "";
  for (const term of [...own, ...terms.filter((other) => other !== lifted)]) {
    try {
      await control.restore(before, term);
      return undefined;
    } catch (error) {
      why ||= error instanceof Error ? error.message : String(error);
      if (!(error instanceof NorbridgeError) || error.code !== "EROFS") break;
    }
  }
  const what = `protection of ${listOf(before)} was lifted and could not be restored (${why})`;
  return (lifted ?? terms[0]) === "until-power-off"
    ? advice(`${what}; it returns at the next power-up`)
    : advice(`${what}; set it again`, "set-protection");
}

function listOf({ ranges }: ProtectionState): string {
  return ranges.length === 0 ? "nothing" : ranges.map(formatRange).join(", ");
}

/** Only what the chip reports: nothing was tried. */
function held(operation: string, state: ProtectionState, noControl: Advice | undefined): NorbridgeError {
  const [range] = state.ranges;
  const why = state.lockedBy === "" ? state.heldBy : `${state.heldBy}, locked by ${state.lockedBy}`;
  const { text, remedies } = noControl ?? advice("");
  return new NorbridgeError("EROFS", `${operation}: ${listOf(state)} is protected by ${why}`, {
    operation,
    range,
    hint: advice(
      ["Nothing was changed.", text].filter((part) => part !== "").join(" "),
      ...remedies,
      "show-protection",
    ),
  });
}
