/** Faults on the line of real firmware: the job ends right, or with an error of the table; never right where it is not. */
import { describe, expect, it } from "vitest";
import { NorbridgeError } from "../../src/errors.ts";
import type { FaultRates, PlannedFault } from "../../src/sim/link/link-faults.ts";
import { pattern } from "../bridge/serprog/serprog-world.ts";
import { effort } from "../support/effort.ts";
import { type BoardKind, BOARDS, firmwareWorld, type FirmwareWorld } from "./support/firmware-world.ts";

const BYTES = 6000;
const ADDRESS = 700;
const IMAGE = pattern(BYTES);
const OLD = pattern(16_384, 9);

/** Writes in the middle of old data; the error's code, if it ends with one. */
async function write(world: FirmwareWorld): Promise<string | undefined> {
  world.sim.chip.load(0, OLD);
  try {
    await world.run((flash) => world.write(flash, ADDRESS, IMAGE));
    return undefined;
  } catch (error) {
    if (error instanceof NorbridgeError) return error.code;
    throw error;
  }
}

function expectRight(world: FirmwareWorld): void {
  const { chip } = world.sim;
  expect(Buffer.compare(chip.peek(ADDRESS, BYTES), IMAGE)).toBe(0);
  expect(Buffer.compare(chip.peek(0, ADDRESS), OLD.subarray(0, ADDRESS))).toBe(0);
  const end = ADDRESS + BYTES;
  expect(Buffer.compare(chip.peek(end, OLD.length - end), OLD.subarray(end))).toBe(0);
  expect(world.sim.violations).toEqual([]);
  expect(world.processor.complaints).toEqual([]);
}

/** The slowest to emulate in CI only. */
const boards: readonly BoardKind[] = [BOARDS.core, BOARDS.avr, BOARDS.rp2040].slice(0, effort(2, 3));

describe.each(boards)("$name", { timeout: 300_000 }, (board) => {
  const rates: readonly [string, FaultRates][] = [
    ["bits flipped, 1 in 10,000", { flip: 1e-4 }],
    ["bytes lost, 1 in 2,000", { drop: 5e-4 }],
    ["bytes doubled, 1 in 2,000", { duplicate: 5e-4 }],
    ["bytes that were not sent, 1 in 2,000", { garbage: 5e-4 }],
  ];
  const seeds = board === BOARDS.core ? effort(4, 20) : effort(1, 3);

  const some = board === BOARDS.core ? rates : rates.slice(0, effort(1, rates.length));
  it.each(some)("%s each way: the image is there, and nothing else has changed", async (_, faults) => {
    for (let seed = 1; seed <= seeds; seed++) {
      const world = firmwareWorld(board, { faults: { up: faults, down: faults }, seed });
      expect(await write(world)).toBeUndefined();
      expectRight(world);
    }
  });

  it("a line that stands still for a second in mid-job", async () => {
    const planned: PlannedFault[] = [
      { at: { direction: "up", atByte: 3000 }, fault: { kind: "stall", direction: "both", forMs: 1000 } },
    ];
    const world = firmwareWorld(board, { faults: { planned } });
    expect(await write(world)).toBeUndefined();
    expectRight(world);
  });

  it.each(board === BOARDS.core ? [1500, 3000, 4500] : effort([3000], [1500, 3000, 4500]))(
    "a restart at byte %d: an error, and nothing beyond the job's sectors has changed",
    async (atByte) => {
      const planned: PlannedFault[] = [
        { at: { direction: "up", atByte }, fault: { kind: "bridge-reset", bootMs: 50 } },
      ];
      const world = firmwareWorld(board, { faults: { planned } });
      // Bytes in front of the image lay in the sector that was being written; the caller has them.
      expect(await write(world)).toBe("INTERRUPTED_FINAL");
      expect(Buffer.compare(world.sim.chip.peek(8192, 8192), OLD.subarray(8192))).toBe(0);
      expect(world.processor.complaints).toEqual([]);
    },
  );
});
