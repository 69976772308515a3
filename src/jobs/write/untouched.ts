/**
 * Whether a write left the rest of the chip unchanged: digests of all that it must not change, before and after. Over an
 * unchecked link an address may arrive as another one, and the verify of what was written does not detect that.
 */
import { type ByteRange, rangeEnd, smallestEraseUnit } from "../../../drivers/geometry.ts";
import { advice } from "../../advice.ts";
import { formatRange } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashDevice } from "../../flash/flash-device.ts";
import type { JobTools } from "../job-tools.ts";
import { piecesOf } from "../op-pipe.ts";
import { type JobFrame, runJob } from "../run-job.ts";
import { blocksTouched, type Target } from "../target.ts";

const PIECE_BYTES = 64 * 1024;

export class Untouched {
  readonly #device: FlashDevice;
  readonly #frame: JobFrame;
  readonly #ranges: readonly ByteRange[];
  #before: readonly number[] = [];

  constructor(device: FlashDevice, target: Target, frame: JobFrame) {
    this.#device = device;
    this.#frame = frame;
    this.#ranges = [...restOf(device, target)];
  }

  /** To be called before anything is changed. */
  async look(context: JobTools): Promise<void> {
    this.#before = await this.#digests(context);
  }

  /** Throws EIO that names what is no longer as it was. */
  async compare(context: JobTools): Promise<void> {
    const after = await this.#digests(context);
    const changed = this.#ranges.filter((_, index) => after[index] !== this.#before[index]);
    const [first] = changed;
    if (first === undefined) return;
    const places = changed.map(formatRange).join(", ");
    const { operation } = this.#frame;
    throw new NorbridgeError("EIO", `${operation}: bytes outside the written range have changed: ${places}`, {
      operation,
      range: first,
      hint: advice(
        "The chip has fewer cells or larger erase blocks than assumed, or an address was changed on the link. Write these ranges again from a copy. Specify the part or its size, or lower the baud rate.",
        "set-chip-size",
        "set-baud-rate",
      ),
    });
  }

  #digests(context: JobTools): Promise<readonly number[]> {
    return runJob(this.#device, context, this.#frame, (pipe) =>
      Promise.all(this.#ranges.map((range) => pipe.digest(range))),
    );
  }
}

function* restOf({ geometry }: FlashDevice, target: Target): Generator<ByteRange> {
  let address = 0;
  for (const block of blocksTouched(target, smallestEraseUnit(geometry))) {
    yield* piecesOf({ address, lengthBytes: block.address - address }, PIECE_BYTES);
    address = rangeEnd(block);
  }
  yield* piecesOf({ address, lengthBytes: geometry.capacityBytes - address }, PIECE_BYTES);
}
