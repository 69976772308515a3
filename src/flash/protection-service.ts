/**
 * Protection as promises. A change is made by one of several ways, read back register by register, and taken back if it
 * did not come out as asked: parts with the same ID take different commands, and none of them reports what it ignored.
 */
import type { ChipDriver, ProtectionState, ProtectionTerm } from "../../drivers/chip-driver.ts";
import type { ByteRange } from "../../drivers/geometry.ts";
import { advice, type Advice } from "../advice.ts";
import { formatRange } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { ProtectionChanger, type ProtectionTools } from "./protection-change.ts";

/** Protection as it is, and changes of it. After a change the chip is asked what came of it. */
export interface ProtectionService {
  /** Reads the protection registers of the chip. Throws EIO, EBUSY and link errors. */
  read(): Promise<ProtectionState>;
  /** Absent if it is not known how to change it, or where a change would erase the chip. */
  readonly control?:
    | {
        /** The terms that this chip distinguishes, at least one. The first is the shorter. */
        readonly terms: readonly [ProtectionTerm, ...ProtectionTerm[]];
        /**
         * Frees what can be freed and leaves every other register bit as it was; returns what is left. Throws EROFS, with
         * the registers named and as they were before, if the chip does not take it.
         */
        lift(term: ProtectionTerm): Promise<ProtectionState>;
        /** Every register as it was in `before`. Throws EROFS with the registers named that are not. */
        restore(before: ProtectionState, term: ProtectionTerm): Promise<ProtectionState>;
        /**
         * Exactly `range` and nothing else. Throws ERANGE, with what is possible, if the chip cannot; EROFS as `lift`.
         */
        protect(range: ByteRange, term: ProtectionTerm): Promise<ProtectionState>;
      }
    | undefined;
  /** Why `control` is absent, and what helps. */
  readonly noControl?: Advice | undefined;
}

/** The protection of a chip. */
export function protectionService(driver: ChipDriver, tools: ProtectionTools): ProtectionService {
  const changer = new ProtectionChanger(driver, tools);
  const read = (): Promise<ProtectionState> => changer.read();
  const { protectionControl: control } = driver;
  if (control === undefined) return { read, noControl: whyNone(driver) };
  return {
    read,
    control: {
      terms: control.terms,
      async lift(term) {
        const operation = "lift protection";
        const lifted = async (before: ProtectionState): Promise<ProtectionState> =>
          changer.change(control, { operation, before, change: control.lift(before, term), ranges: [], term });
        const before = await read();
        const state = await lifted(before);
        // What the chip did not seem to return it returns now: then it can be proved.
        const isProvable = before.isUncertain === true && state.isUncertain !== true;
        return isProvable && state.ranges.length > 0 ? lifted(state) : state;
      },
      async restore(before, term) {
        return changer.restore(control, before, await read(), term);
      },
      async protect(range, term) {
        const before = await read();
        const change = control.protect(before, range, term);
        if ("choices" in change) throw notProtectable(range, change.choices);
        return changer.change(control, { operation: "protect", before, change, ranges: [range], term });
      },
    },
  };
}

function whyNone({ protectionHazard }: ChipDriver): Advice {
  return protectionHazard === undefined
    ? advice(
        "norbridge does not know how to change it on this part; a description of the part can name the scheme.",
        "set-chip-description",
      )
    : advice(`norbridge does not lift it: ${protectionHazard}.`, "set-chip-description");
}

/** How many of the ranges that are possible a message names. */
const CHOICES_SHOWN = 12;

function notProtectable(range: ByteRange, choices: readonly ByteRange[]): NorbridgeError {
  const shown = choices.slice(0, CHOICES_SHOWN).map(formatRange);
  const more = choices.length > CHOICES_SHOWN ? ` and ${choices.length - CHOICES_SHOWN} more` : "";
  const hint =
    choices.length === 0
      ? "At each power-up it protects the whole chip; the range cannot be chosen."
      : `It can protect ${shown.join("; ")}${more}.`;
  return new NorbridgeError("ERANGE", `the chip cannot protect exactly ${formatRange(range)}`, {
    operation: "protect",
    range,
    hint,
  });
}
