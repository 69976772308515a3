/**
 * Makes a change of protection and proves it: the ways of the driver one after the other until every register reads as
 * expected. If none works, the registers go back to what they were, and the error reports what was tried and why it failed.
 */
import type {
  ChipAnswer,
  ChipDriver,
  ExpectedRegister,
  ProtectionChange,
  ProtectionControl,
  ProtectionState,
  ProtectionTerm,
  StepProgram,
} from "../../drivers/chip-driver.ts";
import { readsAs } from "../../drivers/protection-change.ts";
import type { ByteRange } from "../../drivers/geometry.ts";
import { advice } from "../advice.ts";
import { formatRange } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { doneOr } from "./chip-failure.ts";

/** How the chip is talked to. */
export interface ProtectionTools {
  run<T>(program: StepProgram<T>): Promise<T>;
  /**
   * Reads until two readings agree: bits that do not protect are written back, and some are permanent. Throws EIO and
   * related codes.
   */
  ask<T>(program: StepProgram<ChipAnswer<T>>, operation: string): Promise<T>;
  /** The bytes are not checked on the way: a command may have been another one. */
  readonly isUnchecked: boolean;
}

/** A change that is to be made. */
export interface WantedChange {
  /** For messages. */
  readonly operation: string;
  readonly before: ProtectionState;
  readonly change: ProtectionChange;
  /** What is protected after it. */
  readonly ranges: readonly ByteRange[];
  readonly term: ProtectionTerm;
}

/** A way may have to be gone again: it mends what another moved. */
const MAX_ROUNDS = 4;
/** This many registers are named in a message. */
const MAX_NAMED = 6;

/** How a change came out. */
interface Settled {
  readonly now: ProtectionState;
  /** What should be read. */
  readonly expected: readonly ExpectedRegister[];
  /** What does not read so; empty if all does. */
  readonly wrong: readonly ExpectedRegister[];
  /** The commands that were sent, for messages. */
  readonly tried: readonly string[];
}

/** Changes the protection of one chip. */
export class ProtectionChanger {
  readonly #driver: ChipDriver;
  readonly #tools: ProtectionTools;
  /** The last requested protection of a chip that does not return its locks; undefined: as it reads. */
  #unread: readonly ByteRange[] | undefined;

  constructor(driver: ChipDriver, tools: ProtectionTools) {
    this.#driver = driver;
    this.#tools = tools;
  }

  /** The whole state. A chip that does not return its locks has them as they were set last. */
  async read(): Promise<ProtectionState> {
    return this.#believed(await this.#readChip());
  }

  #believed(state: ProtectionState): ProtectionState {
    return state.isUncertain === true && this.#unread !== undefined ? { ...state, ranges: this.#unread } : state;
  }

  async #readChip(): Promise<ProtectionState> {
    const tools = this.#tools;
    const first = await tools.ask(this.#driver.protection(), "read protection");
    const more = this.#driver.protectionDetail?.(first);
    return more === undefined ? first : tools.ask(more, "read protection");
  }

  /**
   * Makes a change. Throws EROFS if the chip does not take it: the registers are as before then, or the error names those
   * that are not.
   */
  async change(control: ProtectionControl, wanted: WantedChange): Promise<ProtectionState> {
    const { operation, before, change, ranges, term } = wanted;
    const settled = await this.#settle(change, before, operation);
    if (settled.wrong.length === 0) {
      if (change.unread !== undefined) this.#unread = ranges;
      return this.#believed(settled.now);
    }
    const why = await this.#whyNot(control, before, settled);
    const left = await this.#goBack(control, before, settled.now, term);
    throw notDone(operation, before, settled, why, left);
  }

  /** Every register as in `before`. Throws EROFS with those that are not. */
  async restore(
    control: ProtectionControl,
    before: ProtectionState,
    now: ProtectionState,
    term: ProtectionTerm,
  ): Promise<ProtectionState> {
    const operation = "restore protection";
    const settled = await this.#settle(control.restore(before, now, term), now, operation);
    if (settled.wrong.length === 0) {
      this.#unread = undefined;
      return settled.now;
    }
    const why = await this.#whyNot(control, now, settled);
    throw new NorbridgeError("EROFS", `${operation}: ${wrongText(settled)}: ${why}`, { operation });
  }

  async #settle(
    { expected, attempts, unread }: ProtectionChange,
    before: ProtectionState,
    operation: string,
  ): Promise<Settled> {
    const tools = this.#tools;
    const { isUnchecked } = tools;
    const tried = new Set<string>();
    let now = before;
    const wrong = (): ExpectedRegister[] => expected.filter((register) => !readsAs(now, register));
    if (unread !== undefined) {
      for (let times = isUnchecked ? 2 : 1; times > 0; times--) doneOr(await tools.run(unread), operation);
      now = await this.#readChip();
    }
    // If a command may have been lost on the way, one that had no effect is sent again.
    for (let round = 1, hasMoved = true; round <= MAX_ROUNDS && (hasMoved || (isUnchecked && round === 2)); round++) {
      hasMoved = false;
      for (const attempt of attempts) {
        const program = wrong().length === 0 ? undefined : attempt.write(now);
        if (program === undefined) continue;
        tried.add(attempt.commands);
        doneOr(await tools.run(program), operation);
        const next = await this.#readChip();
        hasMoved ||= hasDifference(expected, now, next);
        now = next;
      }
    }
    return { now, expected, wrong: wrong(), tried: [...tried] };
  }

  /** Back to `before`, by all means. Returns what is not; empty if all is. */
  async #goBack(
    control: ProtectionControl,
    before: ProtectionState,
    from: ProtectionState,
    term: ProtectionTerm,
  ): Promise<Settled> {
    let settled: Settled = { now: from, expected: [], wrong: [], tried: [] };
    for (const each of [term, ...control.terms.filter((other) => other !== term)]) {
      settled = await this.#settle(control.restore(before, settled.now, each), settled.now, "restore protection");
      if (settled.wrong.length === 0) break;
    }
    return settled;
  }

  /** Only what was tried or read counts as a reason. */
  async #whyNot(control: ProtectionControl, before: ProtectionState, settled: Settled): Promise<string> {
    const { now, expected, wrong } = settled;
    if (now.lockedBy !== "") return `locked by ${now.lockedBy}`;
    if (hasDifference(expected, before, now))
      return `the chip took the change of other registers, but not of ${namesOf(wrong)}`;
    if (before.ifRefused !== undefined) return before.ifRefused;
    const program = control.acceptsEnable;
    if (program === undefined) return "the chip refused the command";
    return (await this.#tools.ask(program(), "enable writes"))
      ? "the chip accepted write enable and refused the write; the WP# pin may be low, or the registers may be locked permanently"
      : "the chip does not accept write enable (06h)";
  }
}

/** Whether a bit that counts differs in two states. */
function hasDifference(
  expected: readonly ExpectedRegister[],
  first: ProtectionState,
  second: ProtectionState,
): boolean {
  return expected.some(({ name, mask }) => (((valueIn(first, name) ?? 0) ^ (valueIn(second, name) ?? 0)) & mask) !== 0);
}

function valueIn({ registers }: ProtectionState, name: string): number | undefined {
  return registers.find((register) => register.name === name)?.value;
}

function notDone(
  operation: string,
  before: ProtectionState,
  settled: Settled,
  why: string,
  left: Settled,
): NorbridgeError {
  const [range] = before.ranges;
  const held =
    before.ranges.length === 0 ? "" : `${before.ranges.map(formatRange).join(", ")} is protected by ${before.heldBy}; `;
  const back = left.wrong.length === 0 ? "Nothing was changed." : `Not as before: ${wrongText(left)}.`;
  return new NorbridgeError("EROFS", `${operation}: ${held}${wrongText(settled)}: ${why}`, {
    operation,
    range,
    hint: advice(back, "show-protection"),
  });
}

/** "SR1 reads 1ch instead of 00h after 01h with two bytes after 50h". */
function wrongText({ now, wrong, tried }: Settled): string {
  const named = wrong.slice(0, MAX_NAMED).map(({ name, value, mask }) => {
    const is = (valueIn(now, name) ?? 0) & mask;
    return `${name} reads ${hex(is)} instead of ${hex(value)}`;
  });
  const more = wrong.length > MAX_NAMED ? ` and ${wrong.length - MAX_NAMED} more registers differ` : "";
  return `${named.join(", ")}${more}${tried.length === 0 ? "" : ` (tried ${tried.join(", then ")})`}`;
}

function namesOf(wrong: readonly ExpectedRegister[]): string {
  return wrong
    .slice(0, MAX_NAMED)
    .map(({ name }) => name)
    .join(", ");
}

function hex(value: number): string {
  return `${value.toString(16).padStart(2, "0")}h`;
}
