/**
 * What a decision rests on is read until two readings agree: status registers on a bus that another master uses now and then,
 * and the same by hand with scripted answers.
 */
import { describe, expect, it } from "vitest";
import type { StepProgram } from "../../drivers/chip-driver.ts";
import { answerOf, asking, receivedByte } from "../../drivers/step-answers.ts";
import type { StepResult } from "../../firmware-protocol/step.ts";
import { NorbridgeError } from "../../src/errors.ts";
import { presenceOf } from "../../src/flash/presence.ts";
import { readSteadily } from "../../src/flash/steady-reading.ts";
import { effort } from "../support/effort.ts";
import { simulatedFlash } from "./simulated-flash.ts";

const ID = [0xef, 0x40, 0x18];
const STATUS = asking(1, 0x05);
const reading = {
  steps: [STATUS],
  decode: (results: readonly StepResult[]) => answerOf(results, () => receivedByte(results, 0)),
};

/** Returns the scripted bytes for 05h, and for 9Fh `id`; counts the runs. */
function scripted(bytes: readonly (number | "lost")[], id: readonly number[] = ID) {
  const left = [...bytes];
  let runs = 0;
  const run = <R>(program: StepProgram<R>): Promise<R> => {
    runs++;
    return Promise.resolve(
      program.decode(
        program.steps.map((step): StepResult => {
          if (step.kind === "transfer" && step.send[0] === 0x9f) {
            return { kind: "transfer", received: Uint8Array.from([...id, 0, 0, 0, 0, 0]) };
          }
          const next = left.shift() ?? 0;
          return next === "lost"
            ? { kind: "failed", reason: "lost" }
            : { kind: "transfer", received: Uint8Array.of(next) };
        }),
      ),
    );
  };
  const value = readSteadily(reading, { operation: "read status", run, presence: presenceOf(ID) }).catch(
    (error: unknown) => (error instanceof NorbridgeError ? error.code : error),
  );
  return { value, runs: () => runs };
}

describe("a register", () => {
  it.each<[string, (number | "lost")[], number | string, number]>([
    ["that reads twice alike is read in one run", [0x1c, 0x1c], 0x1c, 1],
    ["that differs is read again", [0x1c, 0x00, 0x00, 0x00], 0x00, 2],
    ["counts only if both readings of one run agree", [0x1c, 0x00, 0x00, 0x1c, 0x04, 0x04], 0x04, 3],
    ["that is lost on the line is read again", ["lost", 0x00, 0x04, 0x04], 0x04, 2],
    ["that reads FF counts if it repeats beside the right ID", [0xff, 0xff, 0xff, 0xff], 0xff, 3],
    ["that reads FF once is not FF", [0xff, 0xff, 0x00, 0x00], 0x00, 3],
    ["that never repeats is refused", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], "EIO", 6],
  ])("%s", async (_, bytes, expected, runs) => {
    const read = scripted(bytes);
    expect([await read.value, read.runs()]).toEqual([expected, runs]);
  });

  it("that reads FF while the ID does too is that of a chip that is gone", async () => {
    expect(await scripted(new Array<number>(30).fill(0xff), [0xff, 0xff, 0xff]).value).toBe("ENODEV");
  });
});

/** What a chip with these registers is opened and asked with a share of its transfers taken; undefined: refused as disturbed. */
async function protectedOn(
  busTaken: number,
  seed: number,
  registers: Record<string, string>,
): Promise<number | undefined> {
  try {
    const { simulation, device } = await simulatedFlash("W25Q32JV", {
      busTaken: String(busTaken),
      seed: String(seed),
      ...registers,
    });
    const { ranges } = await simulation.run(() => device.protectedRanges());
    return ranges.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
  } catch (error) {
    expect(error).toBeInstanceOf(NorbridgeError);
    expect(String(error)).not.toContain("protected");
    return undefined;
  }
}

describe("a bus with another master", () => {
  it.each([
    ["nothing", {}, 0],
    ["two blocks of 64 KiB", { sr1: "8" }, 131_072],
  ])("never shows protection that is not there: %s is protected", async (_, registers, expected) => {
    let right = 0;
    for (const busTaken of [0.02, 0.1, 0.3]) {
      for (let seed = 1; seed <= effort(25, 400); seed++) {
        const found = await protectedOn(busTaken, seed, registers);
        if (found === undefined) continue;
        expect({ busTaken, seed, found }).toEqual({ busTaken, seed, found: expected });
        right++;
      }
    }
    expect(right).toBeGreaterThan(effort(25, 400));
  });
});
