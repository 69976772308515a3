/** A simulated bridge on the mock binding of serialport, opened through the same code as a real port. */
import { SerialPortMock } from "serialport";
import { afterEach, describe, expect, it } from "vitest";
import { realClock } from "../../src/clock.ts";
import { createMockBridge, type MockBridge } from "../../src/sim/mock-port.ts";
import { openMockSerial } from "../../src/transport/serial.ts";
import { noise, open, programSteps, readId, readRange, resultsOf } from "./client.ts";

const path = "/dev/ttyMOCK0";
let made: MockBridge | undefined;

function make(settings: Record<string, string> = {}): MockBridge {
  made = createMockBridge({ binding: SerialPortMock.binding, path, chip: "AT25SF041", settings });
  return made;
}

afterEach(() => {
  made?.remove();
  SerialPortMock.binding.reset();
});

describe("a bridge on a path of the mock binding", () => {
  it.each([{}, { bridge: "small" }, { baud: "115200" }])(
    "is found by every program that opens it: %j",
    async (settings) => {
      const bridge = make(settings);
      const image = noise(16 * 1024);
      const client = await open(await openMockSerial(path, 115_200), realClock);
      expect(await readId(client)).toEqual([0x1f, 0x84, 0x01]);
      await resultsOf(client, programSteps(image));
      expect(Buffer.compare(await readRange(client, image.length), image)).toBe(0);
      expect(Buffer.compare(bridge.chip.peek(0, image.length), image)).toBe(0);
      expect(bridge.violations).toEqual([]);
      await client.close();
    },
  );

  it("is there again after a close and a new open", async () => {
    make();
    for (let i = 0; i < 3; i++) {
      const client = await open(await openMockSerial(path, 115_200), realClock, i + 1);
      expect(await readId(client)).toEqual([0x1f, 0x84, 0x01]);
      await client.close();
    }
  });

  it("does not understand another line rate when it was told one", async () => {
    make({ baud: "115200" });
    const duplex = await openMockSerial(path, 9600);
    await duplex.write(new Uint8Array(200).map(() => 0x55));
    expect(made?.violations).toEqual([]);
    await duplex.close();
  });

  it("two bridges are two bridges", async () => {
    const other = createMockBridge({ binding: SerialPortMock.binding, path: "/dev/ttyMOCK1", chip: "AT25SF041" });
    make();
    other.chip.load(0, Uint8Array.of(0x12, 0x34));
    const client = await open(await openMockSerial("/dev/ttyMOCK1", 115_200), realClock);
    expect([...(await readRange(client, 4096)).subarray(0, 3)]).toEqual([0x12, 0x34, 0xff]);
    await client.close();
    other.remove();
  });

  it("closes the port when the cable is pulled", async () => {
    const bridge = make();
    const port = new SerialPortMock({ path, baudRate: 115_200, autoOpen: false });
    await new Promise<void>((resolve) => port.open(() => resolve()));
    port.resume();
    await new Promise((resolve) => setImmediate(resolve));
    const closed = new Promise<{ disconnected?: boolean }>((resolve) => port.once("close", resolve));
    bridge.unplug();
    expect(await closed).toMatchObject({ disconnected: true });
  });

  it("refuses what a sim: port refuses", () => {
    const chip = "AT25SF041";
    expect(() => createMockBridge({ binding: SerialPortMock.binding, path, chip, settings: { sed: "1" } })).toThrow(
      /did you mean seed/,
    );
  });
});
