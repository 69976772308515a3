/** The tests of the example: a provisioning program against a simulated bridge and chip, as a CI job would run it. */
import { openMockSerial } from "norbridge";
import { createMockBridge, type MockBridge } from "norbridge/sim";
import { SerialPortMock } from "serialport";
import { afterEach, beforeEach, expect, it } from "vitest";
import { encodeUnit, provision } from "./provision.ts";

const path = "/dev/ttyMOCK0";
const unit = { serialNumber: "A-1042", calibration: 0.997 };
let bridge: MockBridge;

beforeEach(() => {
  bridge = createMockBridge({ binding: SerialPortMock.binding, path, chip: "AT25SF041" });
});

afterEach(() => {
  bridge.remove();
  SerialPortMock.binding.reset();
});

it("writes the unit's data into the last sector and breaks no rule of the chip", async () => {
  const address = await provision(await openMockSerial(path, 115_200), unit);
  const expected = encodeUnit(unit);
  expect(address).toBe(0x7f000);
  expect(bridge.chip.peek(address, expected.length)).toEqual(expected);
  expect(bridge.violations).toEqual([]);
});

it("replaces older data and keeps what lies in the same sector", async () => {
  bridge.chip.load(0x7f000, new TextEncoder().encode("something older than it, and longer".repeat(3)));
  bridge.chip.load(0x7ff00, Uint8Array.of(1, 2, 3));
  const address = await provision(await openMockSerial(path, 115_200), unit);
  const expected = encodeUnit(unit);
  expect(bridge.chip.peek(address, expected.length)).toEqual(expected);
  expect([...bridge.chip.peek(0x7ff00, 3)]).toEqual([1, 2, 3]);
});

it("says so when the bridge is pulled off", async () => {
  const port = await openMockSerial(path, 115_200);
  const failing = provision(port, unit).catch((error: unknown) => error);
  setImmediate(() => bridge.unplug());
  expect(await failing).toMatchObject({ name: "NorbridgeError" });
});
