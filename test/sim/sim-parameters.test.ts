/** Settings of a simulated bridge and chip as they are typed after sim:. */
import { describe, expect, it } from "vitest";
import { parseSimParameters, type SimParameters } from "../../src/sim/sim-parameters.ts";
import { SIM_SETTINGS } from "../../src/sim/sim-settings.ts";
import { errorNow } from "../support/thrown.ts";

function parse(query: string, chip = "AT25SF041"): SimParameters {
  return parseSimParameters(
    chip,
    new Map(query === "" ? [] : query.split("&").map((pair) => pair.split("=") as [string, string])),
  );
}

describe("settings of a simulated bridge", () => {
  it("has sound defaults", () => {
    expect(parse("")).toMatchObject({
      chip: "AT25SF041",
      seed: 1,
      times: "varying",
      isRealtime: false,
      link: { baudRate: 2_000_000, latencyUs: 500, latencyTimerUs: 0 },
      bridge: { bufferBytes: 102_400, spiClockHz: 8_000_000, baudRate: 2_000_000, maxBaud: 2_000_000 },
      faults: { up: {}, down: {}, planned: [] },
      chipFaults: {},
    });
    expect(parse("").file).toBeUndefined();
  });

  it.each<[string, object]>([
    ["file=a b.bin", { file: "a b.bin" }],
    ["baud=115200", { link: { baudRate: 115_200 }, bridge: { baudRate: 115_200, maxBaud: 115_200 } }],
    ["baud=115200&maxBaud=921600", { bridge: { baudRate: 115_200, maxBaud: 921_600 } }],
    ["usb=fs", { link: { baudRate: 0, bytesPerSecond: 1_000_000 }, bridge: { baudRate: 0, maxBaud: 0 } }],
    ["bytesPerSecond=5000", { link: { baudRate: 0, bytesPerSecond: 5000 } }],
    ["latencyMs=0.25&latencyTimerMs=16", { link: { latencyUs: 250, latencyTimerUs: 16_000 } }],
    ["bridge=small", { bridge: { bufferBytes: 800, maxFrameUnits: 68, maxSendBytes: 272 } }],
    ["bufferBytes=800", { bridge: { bufferBytes: 800, maxSendBytes: 768 } }],
    ["bufferBytes=64k", { bridge: { bufferBytes: 65_536 } }],
    ["spiClock=20MHz", { bridge: { spiClockHz: 20_000_000 } }],
    ["spiClock=1000000", { bridge: { spiClockHz: 1_000_000 } }],
    ["seed=42&times=maximum", { seed: 42, times: "maximum" }],
    ["pageBytes=256", { pageBytes: 256 }],
    [
      "flipRate=1e-5&dropRate=0.001",
      { faults: { up: { flip: 1e-5, drop: 0.001 }, down: { flip: 1e-5, drop: 0.001 } } },
    ],
    ["muteAtMs=20", { faults: { planned: [{ at: { atMs: 20 }, fault: { kind: "mute", direction: "both" } }] } }],
    ["powerCutAt=777", { chipFaults: { powerCutAtByte: 777 }, bridge: { pollsEveryWindow: true } }],
    ["stuckAt=0x1234:3", { chipFaults: { stuckAt: { address: 0x1234, bit: 3 } } }],
    ["otherDevice=00EFaa21", { chipFaults: { otherDevice: Uint8Array.of(0x00, 0xef, 0xaa, 0x21) } }],
    ["busyForever=12&missing=ff", { chipFaults: { busyForeverFrom: 12, missing: 0xff } }],
    ["realtime=1", { isRealtime: true }],
  ])("%s", (query, expected) => {
    expect(parse(query)).toMatchObject(expected);
  });

  it.each<[string, string, object]>([
    ["W25Q256JV", "mode4=on&earBank=1", { found: { isFourByteMode: true, bank: 1 } }],
    ["W25Q128JV", "wps=1&sr1=4&sr3=2", { found: { hasBlockLocks: true }, statusRegisters: [4, 0, 2] }],
    ["W25Q128JV", "sr1=0x1C&sr2=0x2", { statusRegisters: [28, 2, 0] }],
    ["W25Q64JV", "suspended=64k", { found: { suspended: { kind: "erase", address: 65_536 } } }],
    ["W25Q64JV", "suspended=0x1000:program", { found: { suspended: { kind: "program", address: 4096 } } }],
    ["AT25SF041", "busyMs=2500&busyReads=00", { found: { busyMs: 2500, busyReads: "00" } }],
    ["W25Q64FV", "qpi=on&asleep=off", { found: { isInQpi: true } }],
    ["W25Q64FV", "continuous=on", { found: { continuousRead: "eb" } }],
    ["W25Q64FV", "continuous=bb", { found: { continuousRead: "bb" } }],
    ["AT45DB041E", "asleep=1", { found: { isAsleep: true } }],
    ["S25FL128S", "stickyError=on", { found: { hasStickyError: true } }],
    ["W25Q128JV", "status2Cleared=on&oneByteStatus=off", { odd: { status2Cleared: true } }],
    ["W25Q128JV", "noVolatile=on&sfdp=none", { odd: { noVolatile: true, sfdp: "none" } }],
    ["W25Q128JV", "cellsBytes=8M", { odd: { cellsBytes: 8_388_608 } }],
  ])("%s with %s", (chip, query, expected) => {
    expect(parse(query, chip)).toMatchObject(expected);
  });

  it.each([
    ["AT25SF041", "mode4=on", "AT25SF041 cannot be simulated like this: it has no mode of four address bytes"],
    ["W25Q128JV", "qpi=on", "it takes no commands on four data lines (QPI)"],
    ["AT45DB041E", "wps=1", "an AT45 can be found busy or asleep, and nothing else"],
    ["W25Q64JV", "suspended=16M", "it has 8 MiB"],
    ["W25Q64JV", "suspended=0:read", "suspended=0:read: expected ADDRESS or ADDRESS:program, such as 0x1000"],
    ["W25Q64JV", "asleep=yes", "asleep=yes: expected on or off"],
  ])("%s refuses %s", (chip, query, message) => {
    const error = errorNow(() => parse(query, chip));
    expect(error.code).toBe("USAGE");
    expect(error.message).toContain(message);
  });

  it("offers no faster rate without a line rate", () => {
    expect(parse("usb=fs").bridge.features).not.toContain("baud");
    expect(parse("").bridge.features).toContain("baud");
  });

  it.each([
    ["latencyms=1", 'no setting is named "latencyms"; did you mean latencyMs?'],
    ["buffer=1", 'no setting is named "buffer"; did you mean bufferBytes?'],
    ["xyzzy=1", 'no setting is named "xyzzy"'],
    ["__proto__=1", 'no setting is named "__proto__"'],
    ["bufferBytes=4k5", "bufferBytes=4k5: expected a size from 320 to 16777216 bytes, such as 800 or 64k"],
    ["bufferBytes=100", "bufferBytes=100: expected a size from 320"],
    ["baud=-1", "baud=-1: expected a whole number from 1200 to 12000000 (baud)"],
    ["flipRate=2", "flipRate=2: expected a number from 0 to 1 (per bit)"],
    ["latencyMs=", "latencyMs=: expected a number from 0 to 60000 (milliseconds)"],
    ["latencyMs=NaN", "latencyMs=NaN: expected a number"],
    ["bridge=medium", "bridge=medium: expected small or large"],
    ["realtime=yes", "realtime=yes: expected 0 or 1"],
    ["spiClock=40MHz", "spiClock: this bridge supports 100000 to 30000000 Hz"],
    ["bridge=small&spiClock=9MHz", "spiClock: this bridge supports 62500 to 8000000 Hz"],
    ["usb=fs&baud=9600", "baud cannot be combined with usb or bytesPerSecond"],
    ["usb=fs&maxBaud=9600", "maxBaud: this link has no baud rate"],
    ["stuckAt=0x10:8", "stuckAt=0x10:8: expected ADDRESS or ADDRESS:BIT"],
    ["otherDevice=04", "otherDevice=04: expected 3 to 16 bytes as hex digits, such as 00efaa21"],
    ["missing=\u001b[31m", "missing=\\x1b[31m: expected ff or 00"],
  ])("refuses %j", (query, message) => {
    const error = errorNow(() => parse(query));
    expect(error.code).toBe("USAGE");
    expect(error.message).toContain(message);
  });

  it("refuses a chip that is not simulated and names the nearest", () => {
    expect(errorNow(() => parse("", "AT25SF42")).message).toMatch(
      /no simulated chip is named "AT25SF42"; did you mean AT25SF/,
    );
  });

  it("lists every setting once", () => {
    const names = SIM_SETTINGS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain("latencyTimerMs");
  });
});
