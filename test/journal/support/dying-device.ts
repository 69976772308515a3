/** A device whose program dies: after a given number of changes nothing goes out and nothing comes back. */
import type { FlashDevice, FlashOp, FlashResult } from "../../../src/flash/flash-device.ts";
import type { RunOptions, Stream } from "../../../src/stream.ts";

export interface DyingDevice {
  readonly device: FlashDevice;
  readonly hasDied: () => boolean;
}

/** `device` up to its `most`-th program or erase. */
export function dyingAfter(device: FlashDevice, most: number): DyingDevice {
  let changes = 0;
  let isDead = false;
  const dying: FlashDevice = Object.create(device) as FlashDevice;
  const run = async function* (ops: Stream<FlashOp>, options?: RunOptions): AsyncGenerator<FlashResult> {
    async function* counted(): AsyncGenerator<FlashOp> {
      for await (const op of ops) {
        if (op.kind === "erase" || op.kind === "program") changes++;
        if (changes > most) {
          isDead = true;
          throw new Error("killed");
        }
        yield op;
      }
    }
    yield* device.run(counted(), options);
  };
  Object.defineProperty(dying, "run", { value: run });
  return { device: dying, hasDied: () => isDead };
}
