/** The options of an MTD socket, and windows that bring a chip within reach. */
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

  it("are read in the form of QNX: fields by their place", () => {
    const all = {
      physicalBase: 0xf8000000,
      windowBytes: 65_536,
      baseAddress: 4096,
      sizeBytes: 524_288,
      unitBytes: 4096,
    };
    expect(parseSocketOptions("0xf8000000,64k,4k,512k,4k,1,1")).toEqual(all);
    expect(parseSocketOptions("-s0xf8000000,64k,4k,512k,4k,1,1")).toEqual(all);
    expect(parseSocketOptions("-s 0xf8000000,64k,4k,512k,4k,1,1,clock=8MHz")).toEqual({ ...all, spiClockHz: 8e6 });
    expect(parseSocketOptions("0,64k")).toEqual({ physicalBase: 0, windowBytes: 65_536 });
    expect(parseSocketOptions("0,64k,,0,0,0,0")).toEqual({ physicalBase: 0, windowBytes: 65_536 });
    expect(parseSocketOptions(",,,128k")).toEqual({ sizeBytes: 131_072 });
    expect(parseSocketOptions("size=0")).toEqual({});
  });

  it.each([
    ["0,0", "windowsize"],
    ["0,12k", "power of two"],
    ["0,64k,x", "arrayoffset"],
    ["0,64k,0,-1", "arraysize"],
    ["0,64k,0,0,4k,2", "buswidth"],
    ["0,64k,0,0,4k,1,2", "interleave"],
    ["0,64k,0,0,4k,1,1,1", "at most 7 fields"],
    ["0,64k,window=4k", "specifies this already"],
    ["base=0,base=4k", "given twice"],
    ["chip=AT25SF041,0", "options are"],
  ])("%s is refused: %s", (text, why) => {
    expect(() => parseSocketOptions(text)).toThrow(why);
    expect(() => parseSocketOptions(text)).toThrow(expect.objectContaining({ code: "EINVAL" }) as Error);
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
      expect([window.offsetInWindow, window.restBytes]).toEqual([70_000 - 65_536, 98_304 - 70_000]);
      expect(await window.read(70_000 - 65_536, 10)).toEqual(chip.peek(4096 + 70_000, 10));
      const last = socket.page(100 * 1024 - 1);
      expect([last.address, last.lengthBytes]).toEqual([4096 + 98_304, 4096]);
      expect([last.offsetInWindow, last.restBytes]).toEqual([4095, 1]);
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

  it("takes the erase unit that is specified, and windows of a power of two", async () => {
    const { device } = await simulatedFlash("AT25SF041");
    const socket = FlashSocket.on(device, parseSocketOptions("0x0,128k,64k,0,64k,1,1"));
    expect(socket.array).toEqual({ address: 65_536, lengthBytes: 7 * 65_536 });
    expect([socket.windowBytes, socket.eraseUnit.name]).toEqual([131_072, "64 KiB block"]);
    expect(FlashSocket.on(device).windowBytes).toBe(65_536);
    expect(FlashSocket.on(device, { sizeBytes: 12_288 }).page(5000).restBytes).toBe(12_288 - 5000);
    for (const wrong of [{ baseAddress: -4096 }, { sizeBytes: Number.NaN }, { windowBytes: 0 }, { unitBytes: 5 }]) {
      expect(() => FlashSocket.on(device, wrong)).toThrow(expect.objectContaining({ code: "EINVAL" }) as Error);
    }
  });

  it("on pages of 264 bytes: windows of 1, 2, 4, 8 ... erase blocks", async () => {
    const { device } = await simulatedFlash("AT45DB041E");
    const { windowBytes } = FlashSocket.on(device);
    expect([windowBytes % 264, Math.log2(windowBytes / 264) % 1]).toEqual([0, 0]);
    expect(() => FlashSocket.on(device, { windowBytes: 3 * 264 })).toThrow("1, 2, 4, 8");
  });

  it.each(["window=5000", "window=12k", "window=2k", "base=100", "size=1M", "base=512k", "size=4097"])(
    "%s makes no sense",
    async (text) => {
      const { device } = await simulatedFlash("AT25SF041");
      expect(() => FlashSocket.on(device, parseSocketOptions(text))).toThrow(
        expect.objectContaining({ code: "EINVAL" }) as Error,
      );
    },
  );
});
