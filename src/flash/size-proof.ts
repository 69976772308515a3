/**
 * Is the upper half of the chip there? Nothing but an ID and an SFDP area reports how large a chip is, and re-marked parts report
 * twice what they have: their addresses begin again at half, and what is written above it destroys what is below.
 *
 * So once in the life of a device, before the first change above half of its size, some places are compared with those
 * half the size below: one round trip. A difference proves the size. If all are alike, all of both halves is compared. If
 * the chip holds nothing that would tell, the first program above half is watched: what it programs must not appear half
 * the size below.
 */
import type { ChipAnswer, ChipDriver, StepProgram } from "../../drivers/chip-driver.ts";
import { type ByteRange, rangeEnd } from "../../drivers/geometry.ts";
import type { SpiStep, StepResult } from "../../firmware-protocol/step.ts";
import { advice } from "../advice.ts";
import { formatSize, sameBytes } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { FlashOp } from "./flash-device.ts";

/** What a look finds: `differs` proves the size; `alike` is what a chip of half the size shows; `blank` does not tell. */
export type HalvesVerdict = "differs" | "alike" | "blank";

/** Places of a quick look (half as many where each is read twice) and of a close one, and bytes of each. */
const QUICK_PLACES = 16;
const CLOSE_PLACES = 256;
const SAMPLE_BYTES = 32;
/** If the bridge takes digests, all bytes are compared, in pieces of this share of half. */
const DIGEST_PIECES = 16;
/** Bytes that are all alike would look like a copy everywhere. */
const TELLING_VALUES = 4;

/** What is known of the size of one device. */
export class SizeProof {
  readonly #driver: ChipDriver;
  readonly #digestsTravel: boolean;
  /** On an unchecked link samples are read twice. */
  readonly #isUnchecked: boolean;
  #state: "open" | "watching" | "proved";

  /** `isSettled`: the size was specified. */
  constructor(
    driver: ChipDriver,
    {
      isSettled,
      digestsTravel,
      isUnchecked,
    }: { readonly isSettled: boolean; readonly digestsTravel: boolean; readonly isUnchecked: boolean },
  ) {
    this.#driver = driver;
    this.#state = isSettled ? "proved" : "open";
    this.#digestsTravel = digestsTravel;
    this.#isUnchecked = isUnchecked;
  }

  /** Whether any change may still need a look. */
  get isOpen(): boolean {
    return this.#state !== "proved";
  }

  /** Whether this change needs a look, or has to be watched. */
  concerns(op: FlashOp): boolean {
    return this.needsLook(op) || this.needsWatch(op);
  }

  /** Whether the halves have to be compared before this. */
  needsLook(op: FlashOp): boolean {
    return this.#state === "open" && this.#isAboveHalf(op);
  }

  /** Whether this has to be watched: a program above half, of a chip whose halves did not tell. */
  needsWatch(op: FlashOp): op is FlashOp & { readonly kind: "program" } {
    return this.#state === "watching" && op.kind === "program" && this.#isAboveHalf(op) && !isOneValue(op.data);
  }

  /** Compares places of both halves, among them that of `op`. */
  look(op: FlashOp): StepProgram<ChipAnswer<HalvesVerdict>> {
    const places = spread(this.#half, this.#isUnchecked ? QUICK_PLACES / 2 : QUICK_PLACES);
    const own = Math.max(0, op.address - this.#half);
    return this.#compare([...places, Math.min(own, this.#half - SAMPLE_BYTES)]);
  }

  /** Compares both halves as a whole, or many places where that would take too long. */
  lookCloser(): StepProgram<ChipAnswer<HalvesVerdict>> {
    if (this.#digestsTravel) return this.#compare(spread(this.#half, CLOSE_PLACES));
    const lengthBytes = this.#half / DIGEST_PIECES;
    const digests = spread(this.#half, DIGEST_PIECES).flatMap((address) => [
      this.#driver.digest({ address, lengthBytes }),
      this.#driver.digest({ address: address + this.#half, lengthBytes }),
    ]);
    return together(digests, (values) => {
      const isEqual = values.every((value, index) => value === values[index ^ 1]);
      return isEqual ? "alike" : "differs";
    });
  }

  /** The bytes half the size below a program, before and after it. */
  below({ address, data }: FlashOp & { readonly kind: "program" }): StepProgram<ChipAnswer<Uint8Array>> {
    return this.#driver.read(this.#belowOf({ address, lengthBytes: data.length }));
  }

  /** Takes a verdict. Returns the error that ends the run if the size is not what it should be. */
  take(verdict: HalvesVerdict): NorbridgeError | undefined {
    if (verdict === "differs") this.#state = "proved";
    else if (verdict === "blank") this.#state = "watching";
    else return this.#wrong("everything above", "Nothing was written there.");
    return undefined;
  }

  /** Judges a watched program by the bytes below it. Returns the error that ends the run. */
  takeWatched(
    op: FlashOp & { readonly kind: "program" },
    before: Uint8Array,
    after: Uint8Array,
  ): NorbridgeError | undefined {
    const skipped = Math.max(0, this.#half - op.address);
    const data = op.data.subarray(skipped, skipped + before.length);
    const isTelling =
      !isOneValue(data) &&
      !sameBytes(
        before,
        data.map((byte, at) => byte & (before[at] ?? 0)),
      );
    if (!isTelling) return undefined;
    if (sameBytes(before, after)) {
      this.#state = "proved";
      return undefined;
    }
    return this.#wrong("what was programmed above", "Undo the job to restore what it has changed.");
  }

  get #half(): number {
    return this.#driver.geometry.capacityBytes / 2;
  }

  #isAboveHalf(op: FlashOp): boolean {
    if (op.kind !== "program" && op.kind !== "erase") return false;
    const lengthBytes = op.kind === "program" ? op.data.length : op.lengthBytes;
    // An erase of everything destroys no more if it is less than it seems.
    const isAll = op.kind === "erase" && op.address === 0 && lengthBytes === 2 * this.#half;
    return !isAll && lengthBytes > 0 && rangeEnd({ address: op.address, lengthBytes }) > this.#half;
  }

  /** A sample of a range above half, half the size below. */
  #belowOf(range: ByteRange): ByteRange {
    const address = Math.max(range.address, this.#half) - this.#half;
    const lengthBytes = Math.min(SAMPLE_BYTES, rangeEnd(range) - this.#half - address);
    return { address, lengthBytes };
  }

  #compare(places: readonly number[]): StepProgram<ChipAnswer<HalvesVerdict>> {
    const lengthBytes = SAMPLE_BYTES;
    const once = places.flatMap((address) => [
      this.#driver.read({ address, lengthBytes }),
      this.#driver.read({ address: address + this.#half, lengthBytes }),
    ]);
    const rounds = this.#isUnchecked ? 2 : 1;
    return together(rounds === 2 ? [...once, ...once] : once, (samples) => {
      const differs = places.some((_, place) =>
        Array.from({ length: rounds }, (__, round) => 2 * (round * places.length + place)).every(
          (at) => !sameBytes(samples[at] ?? NONE, samples[at + 1] ?? NONE),
        ),
      );
      if (differs) return "differs";
      return samples.some((sample) => new Set(sample).size >= TELLING_VALUES) ? "alike" : "blank";
    });
  }

  #wrong(what: string, state: string): NorbridgeError {
    const [whole, half] = [formatSize(2 * this.#half), formatSize(this.#half)];
    const message = `the chip claims ${whole}, but ${what} ${half} reads the same ${half} below: it has ${half}, or both halves contain the same`;
    const hint = advice(
      `${state} If both halves are to contain the same, specify the size. If the chip is smaller, describe it in a chip file.`,
      "set-chip-size",
      "set-chip-description",
    );
    return new NorbridgeError("CHIP_AMBIGUOUS", message, { operation: "check the size", hint });
  }
}

const NONE = new Uint8Array(0);

function isOneValue(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === bytes[0]);
}

function spread(lengthBytes: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => (index * lengthBytes) / count);
}

/** Several programs as one. */
function together<T, R>(
  programs: readonly StepProgram<ChipAnswer<T>>[],
  judge: (values: T[]) => R,
): StepProgram<ChipAnswer<R>> {
  const steps: SpiStep[] = programs.flatMap((program) => program.steps);
  return {
    steps,
    decode(results: readonly StepResult[]) {
      const values: T[] = [];
      let at = 0;
      for (const program of programs) {
        const answer = program.decode(results.slice(at, at + program.steps.length));
        if (answer.outcome !== "done") return answer;
        values.push(answer.value);
        at += program.steps.length;
      }
      return { outcome: "done", value: judge(values) };
    },
  };
}
