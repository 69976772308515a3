import { describe, expect, it } from "vitest";
import { openBridge } from "../../../src/bridge/open-bridge.ts";
import { FlashSocket, parseSocketOptions } from "../../../src/flash/mtd/socket.ts";
import { createRandom } from "../../../src/sim/random.ts";
import { parseSimParameters } from "../../../src/sim/sim-parameters.ts";
import { openSimulation } from "../../../src/sim/sim-port.ts";
import { simulatedFlash } from "../simulated-flash.ts";

describe("options", () => {
  it("are read", () => {
    expect(parseSocketOptions("")).toEqual({});
    expect(parseSocketOptions("window=64k,base=0x1000,size=256k,chip=AT25SF041,clock=1.5MHz")).toEqual({
      windowBytes: 65_536,
      baseAddress: 0x1000,
      sizeBytes: 262_144,
      chip: "AT25SF041",
      spiClockHz: 1_500_000,
    });
  });

  it.each(["window", "window=", "window=0", "window=4k5", "clock=8", "clock=0MHz", "speed=1", "=1"])(
    "%s is refused",
    (text) => {
      expect(() => parseSocketOptions(text)).toThrow(expect.objectContaining({ code: "EINVAL" }) as Error);
    },
  );
});

describe("a socket", () => {
  it("opens a chip behind a bridge and brings it within reach, window by window", async () => {
    const simulation = await openSimulation(parseSimParameters("AT25SF041", new Map()));
    const { clock, duplex, chip } = simulation;
    chip.load(0, createRandom("socket").bytes(512 * 1024));
    await simulation.run(async () => {
      const bridge = await openBridge(duplex, { clock, protocol: "native", random: () => 1 });
      const socket = await FlashSocket.open(bridge, "window=32k,base=4k,size=100k");
      const window = socket.page(70_000);
      expect([window.address, window.lengthBytes]).toEqual([4096 + 65_536, 32_768]);
      expect(await window.read(70_000 - 65_536, 10)).toEqual(chip.peek(4096 + 70_000, 10));
      const last = socket.page(100 * 1024 - 1);
      expect([last.address, last.lengthBytes]).toEqual([4096 + 98_304, 4096]);
      await expect(last.read(4090, 7)).rejects.toMatchObject({ code: "ERANGE" });
      expect(() => socket.page(100 * 1024)).toThrow(expect.objectContaining({ code: "ERANGE" }) as Error);
      expect(await socket.status()).toBe("present");
      chip.powerCut(clock.nowUs() * 1000, createRandom("gone"));
      expect(await socket.status()).toBe("absent");
      await socket.close();
      await socket.close();
      expect(() => socket.page(0)).toThrow(expect.objectContaining({ code: "ESHUTDOWN" }) as Error);
      await expect(socket.status()).rejects.toMatchObject({ code: "ESHUTDOWN" });
    });
  });

  it.each(["window=5000", "base=100", "size=1M", "base=512k", "size=4097"])("%s makes no sense", async (text) => {
    const { device } = await simulatedFlash("AT25SF041");
    expect(() => FlashSocket.on(device, parseSocketOptions(text))).toThrow(
      expect.objectContaining({ code: "EINVAL" }) as Error,
    );
  });
});
