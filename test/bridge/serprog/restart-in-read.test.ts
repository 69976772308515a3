/**
 * A bridge that restarts inside of an answer types its boot message in place of the rest: bytes that nothing in the protocol
 * tells from the chip's until the next answer does not begin as it must. What came last before that does not count.
 */
import { expect, it } from "vitest";
import { NorbridgeError } from "../../../src/errors.ts";
import { readFlash } from "../../../src/jobs/read-flash.ts";
import type { PlannedFault } from "../../../src/sim/link/link-faults.ts";
import { effort, sayCount } from "../../support/effort.ts";
import { pattern, serprogWorld, type SerprogWorldOptions } from "./serprog-world.ts";

const RANGE = { address: 0x1000, lengthBytes: 700 };
const LOG = "\r\nboot 1.0\r\nready\r\n";

interface Read {
  readonly bytes: Uint8Array;
  /** How many bytes had come from the bridge when the read began and ended. */
  readonly down: readonly number[];
}

async function read(options: SerprogWorldOptions): Promise<Read> {
  const world = serprogWorld(options);
  world.sim.chip.load(RANGE.address, pattern(RANGE.lengthBytes));
  const bytes: number[] = [];
  const down: number[] = [];
  await world.run(async (flash, bridge) => {
    down.push(bridge.statistics.bytesReceived);
    await readFlash(flash, RANGE, (_, data) => void bytes.push(...data), world.context);
    down.push(bridge.statistics.bytesReceived);
  });
  return { bytes: Uint8Array.from(bytes), down };
}

it.each([
  ["pico-serprog", { usb: "fs" }],
  ["stm32-serprog-rs", { usb: "fs" }],
  ["stm32-vserprog", { usb: "fs" }],
  ["frser-duino", { baud: "115200" }],
] as const)("%s: at every byte of a read", { timeout: 120_000 }, async (bridge, line) => {
  const settings = { bridge, ...line };
  const [from = 0, to = 0] = (await read({ settings })).down;
  expect(to - from).toBeGreaterThan(RANGE.lengthBytes);
  const counts = { right: 0, refused: 0 };
  for (let atByte = from; atByte < to; atByte += effort(41, 3)) {
    const fault: PlannedFault = {
      at: { direction: "down", atByte },
      fault: { kind: "bridge-reset", bootMs: 0, log: LOG },
    };
    try {
      const { bytes } = await read({ settings, faults: { planned: [fault] } });
      expect(Buffer.compare(bytes, pattern(RANGE.lengthBytes)), `at ${atByte - from}`).toBe(0);
      counts.right++;
    } catch (error) {
      // A question about the chip that got lost: said, and nothing was called read.
      if (!(error instanceof NorbridgeError)) throw error;
      expect(error.code).toBe("LINK_SLIPPED");
      counts.refused++;
    }
  }
  expect(counts.right).toBeGreaterThan(counts.refused);
  sayCount(`serprog, ${bridge}, a restart within a read: ${JSON.stringify(counts)}`);
});
