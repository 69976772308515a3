/** Which bit puts the locks of single blocks in force, where parts with one ID differ. */
import { expect, it } from "vitest";
import { descriptorByName } from "../../../drivers/catalog/catalog.ts";
import { createDriver } from "../../../drivers/create-driver.ts";
import type { StepResult } from "../../../firmware-protocol/step.ts";

const READS: ReadonlyMap<number, string> = new Map([
  [0x05, "SR1"],
  [0x35, "SR2"],
  [0x15, "SR3"],
]);

it.each([
  [{ SR1: 0, SR2: 0, SR3: 0 }, false],
  [{ SR1: 0, SR2: 0x10, SR3: 0 }, true],
  [{ SR1: 0, SR2: 0, SR3: 0x04 }, true],
  // No such register: FF is no bit.
  [{ SR1: 0, SR2: 0x02, SR3: 0xff }, false],
])("XT25F128B and XT25F128F: %j", (registers, areLocksInForce) => {
  const part = descriptorByName("XT25F128B")!;
  const driver = createDriver(part, { maxSendBytes: 300, maxReceiveBytes: 256 });
  const program = driver.protection();
  const results = program.steps.map((step): StepResult => {
    const name = step.kind === "transfer" ? READS.get(step.send[0] ?? 0) : undefined;
    const value = Object.entries(registers).find(([register]) => register === name)?.[1] ?? 0xff;
    return { kind: "transfer", received: Uint8Array.of(value) };
  });
  const answer = program.decode(results);
  if (answer.outcome !== "done") throw new Error(answer.outcome);
  const whole = [{ address: 0, lengthBytes: 2 ** 24 }];
  expect(answer.value.ranges).toEqual(areLocksInForce ? whole : []);
  const detail = driver.protectionDetail?.(answer.value);
  expect(detail === undefined).toBe(!areLocksInForce);
  // One lock for each 64 KiB, and for each 4 KiB at the ends.
  const asked = detail?.steps.filter((step) => step.kind === "transfer" && step.send[0] === 0x3d).length;
  if (areLocksInForce) expect(asked).toBe(256 - 2 + 32);
});
