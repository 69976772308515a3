/** The exact steps that the AT25 driver sends for each operation, and what it reads out of the answers. */
import { describe, expect, test } from "vitest";
import { descriptorByName } from "../../../drivers/catalog/catalog.ts";
import { createDriver } from "../../../drivers/create-driver.ts";
import { createAt25Driver } from "../../../drivers/at25/at25-driver.ts";
import { AT25SF_ROWS } from "../../../drivers/catalog/at25sf.ts";
import type { At25Descriptor } from "../../../drivers/chip-descriptor.ts";
import { ABORTED, listing, ran, SKIPPED, TIMEOUT } from "../step-text.ts";

const SF041 = AT25SF_ROWS[0]!.descriptor();
const LIMITS = { maxSendBytes: 300, maxReceiveBytes: 256 };
const driver = createAt25Driver(SF041, LIMITS);
const REPORTING: At25Descriptor = { ...SF041, name: "reports errors", reportsErrors: true };

function unit(name: string) {
  return driver.geometry.eraseUnits.find((candidate) => candidate.name === name)!;
}

describe("what goes over the wire", () => {
  test("a page program is three steps", () => {
    expect(listing(driver.programPage(0x1200, Uint8Array.of(0xaa, 0xbb, 0xcc)))).toEqual([
      "06",
      "02 00 12 00 aa bb cc",
      "poll 05 &01=00 every 0 us, 15 ms",
    ]);
  });

  test("first and last step of every page are the same objects", () => {
    const [a, b] = [driver.programPage(0, Uint8Array.of(1)), driver.programPage(0x7ff00, Uint8Array.of(2))];
    expect(a.steps[0]).toBe(b.steps[0]);
    expect(a.steps[2]).toBe(b.steps[2]);
  });

  test.each([
    ["4 KiB sector", 0x07f000, ["06", "20 07 f0 00", "poll 05 &01=00 every 500 us, 1500 ms"]],
    ["32 KiB block", 0x008000, ["06", "52 00 80 00", "poll 05 &01=00 every 500 us, 4500 ms"]],
    ["64 KiB block", 0x010000, ["06", "d8 01 00 00", "poll 05 &01=00 every 500 us, 7500 ms"]],
    ["chip", 0, ["06", "c7", "poll 05 &01=00 every 500 us, 30000 ms"]],
  ])("erase of a %s", (name, address, steps) => {
    expect(listing(driver.erase(address, unit(name)))).toEqual(steps);
  });

  test("a read is cut to what the bridge can receive", () => {
    expect(listing(driver.read({ address: 0x1ff, lengthBytes: 600 }))).toEqual([
      "0b 00 01 ff 00 > 256",
      "0b 00 02 ff 00 > 256",
      "0b 00 03 ff 00 > 88",
    ]);
    expect(listing(driver.read({ address: 5, lengthBytes: 0 }))).toEqual([]);
  });

  test("a digest is one step of any length", () => {
    expect(listing(driver.digest({ address: 0x10, lengthBytes: 524_272 }))).toEqual(["digest 0b 00 00 10 00 > 524272"]);
  });

  test("wake and protection", () => {
    expect(listing(driver.wake())).toEqual(["ab", "delay 200 us", "poll 05 &01=00 every 500 us, 3000 ms"]);
    expect(listing(driver.protection())).toEqual(["05 > 1", "35 > 1"]);
  });

  test("a bridge of short transfers gets smaller pages", () => {
    const short = createAt25Driver(SF041, { maxSendBytes: 100, maxReceiveBytes: 64 });
    expect(short.geometry.pageBytes).toBe(64);
    expect(() => createAt25Driver(SF041, { maxSendBytes: 4, maxReceiveBytes: 64 })).toThrow(RangeError);
  });
});

describe("what the answers mean", () => {
  const page = driver.programPage(0, Uint8Array.of(1));

  test.each([
    ["done", ran([], [], 0x00)],
    ["timeout", [...ran([], []), TIMEOUT]],
    ["aborted", [...ran([]), ABORTED, SKIPPED]],
    ["skipped", [SKIPPED, SKIPPED, SKIPPED]],
  ])("a program ends %s", (outcome, results) => {
    expect(page.decode(results)).toBe(outcome);
  });

  test("only a family with an error bit reads one: on AT25SF the bit is TB", () => {
    const reporting = createAt25Driver(REPORTING, LIMITS);
    expect(page.decode(ran([], [], 0x20))).toBe("done");
    expect(reporting.programPage(0, Uint8Array.of(1)).decode(ran([], [], 0x20))).toBe("program-failed");
    expect(reporting.erase(0, unit("chip")).decode(ran([], [], 0x20))).toBe("erase-failed");
    expect(reporting.erase(0, unit("chip")).decode(ran([], [], 0x00))).toBe("done");
  });

  test("a read puts its pieces together", () => {
    const wide = createAt25Driver(SF041, { maxSendBytes: 300, maxReceiveBytes: 3 });
    const program = wide.read({ address: 0, lengthBytes: 5 });
    expect(program.decode(ran([1, 2, 3], [4, 5]))).toEqual({ outcome: "done", value: Uint8Array.of(1, 2, 3, 4, 5) });
    expect(program.decode([...ran([1, 2, 3]), ABORTED])).toEqual({ outcome: "aborted" });
    expect(() => program.decode(ran([1, 2, 3], [4]))).toThrow(/requested 5 bytes/);
  });

  test("a digest is the bridge's number; of nothing it is 0", () => {
    const program = driver.digest({ address: 0, lengthBytes: 9 });
    expect(program.decode([{ kind: "digest", check: 0xcbf43926 }])).toEqual({ outcome: "done", value: 0xcbf43926 });
    expect(driver.digest({ address: 0, lengthBytes: 0 }).decode([])).toEqual({ outcome: "done", value: 0 });
  });
});

test("one bit in any byte of a block-protection register protects the chip", () => {
  const part = descriptorByName("SST26VF032B");
  if (part === undefined) throw new Error("it is not in the catalogue");
  const program = createDriver(part, { maxSendBytes: 300, maxReceiveBytes: 256 }).protection();
  const step = program.steps[0];
  const length = step?.kind === "transfer" ? step.receiveBytes : 0;
  for (let at = 0; at < length; at++) {
    const received = new Uint8Array(length);
    received[at] = 0x10;
    expect(program.decode([{ kind: "transfer", received }])).toMatchObject({
      outcome: "done",
      value: { ranges: [{ address: 0, lengthBytes: part.geometry.capacityBytes }] },
    });
  }
  expect(program.decode([{ kind: "transfer", received: new Uint8Array(length) }])).toMatchObject({
    value: { ranges: [] },
  });
});
