/** `norbridge firmware`: what it says of bridges, and that its images are the ones of this package. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  compareFirmware,
  FIRMWARE_BOARDS,
  firmwareImagePath,
  SHIPPED_FIRMWARE_VERSION,
} from "../../src/cli/host-files/firmware-images.ts";
import { realClock } from "../../src/clock.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { serveSimulation } from "../../src/sim/sim-server.ts";
import { AvrBoard } from "../firmware/support/avr-board.ts";
import { FirmwareModel } from "../firmware/support/processor.ts";
import { runQuickly as runCli } from "../support/cli.ts";

describe("the images of this package", () => {
  it.each(FIRMWARE_BOARDS)("$title: there is one", ({ image }) => {
    const path = firmwareImagePath(image);
    expect(path !== undefined && existsSync(path)).toBe(true);
  });

  it("have the version that the command speaks of", () => {
    const header = new URL("../../firmware-protocol/firmware/core/hello.h", import.meta.url);
    expect(readFileSync(header, "utf8")).toContain(`#define FIRMWARE_VERSION "${SHIPPED_FIRMWARE_VERSION}"`);
    const uf2 = readFileSync(firmwareImagePath("norbridge-rp2040.uf2")!, "latin1");
    expect(uf2).toContain(SHIPPED_FIRMWARE_VERSION);
  });
});

describe("the command that installs an image", () => {
  const [pico, uno] = FIRMWARE_BOARDS;

  it.each([
    ["linux", `cp '/a b/x.uf2' "$(findmnt -rno TARGET LABEL=RPI-RP2)"`],
    ["macos", "cp -X '/a b/x.uf2' /Volumes/RPI-RP2/"],
    ["unix", "cp '/a b/x.uf2' /mnt/"],
  ] as const)("copies to the drive of a Pico where %s has it", (platform, command) => {
    expect(pico?.command("/a b/x.uf2", "PORT", platform)).toBe(command);
  });

  it("names a drive on Windows, and says that its letter may be another", () => {
    expect(pico?.command("C:\\my files\\x.uf2", "PORT", "windows")).toBe('copy "C:\\my files\\x.uf2" D:\\');
    expect(pico?.notes("windows").join()).toContain("replace D: with the letter of that drive");
    expect(pico?.notes("linux").join()).not.toContain("D:");
  });

  it("is avrdude's for an Arduino, quoted as the shell wants it", () => {
    const start = "avrdude -p atmega328p -c arduino -P";
    expect(uno?.command("C:\\my files\\x.hex", "COM7", "windows")).toBe(
      `${start} COM7 -b 115200 -D -U "flash:w:C:\\my files\\x.hex:i"`,
    );
    expect(uno?.command("/a b/x.hex", "/dev/ttyUSB0", "linux")).toBe(
      `${start} /dev/ttyUSB0 -b 115200 -D -U 'flash:w:/a b/x.hex:i'`,
    );
  });
});

it.each([
  ["0.9.9", "older"],
  ["1.0.0", "older"],
  ["1.0.1", "older"],
  ["1.1.0", "older"],
  ["1.2.0", "same"],
  ["1.2.1", "newer"],
  ["2.0.0", "newer"],
  ["1.2.0-sim", "unknown"],
  ["", "unknown"],
])("a bridge with %s is %s", (version, verdict) => {
  expect(compareFirmware(version)).toBe(verdict);
});

describe("norbridge firmware", { timeout: 60_000 }, () => {
  it("of a board that runs ours: the same, and the command for it alone", async () => {
    const server = await serveSimulation({
      params: parseSimParameters("AT25SF041", new Map([["usb", "fs"]])),
      wire: (chip) => new FirmwareModel(new AvrBoard(chip), false),
      host: "127.0.0.1",
      port: 0,
      realtime: true,
      clock: realClock,
    });
    try {
      const port = `tcp://127.0.0.1:${server.address.port}`;
      const { code, stdout } = await runCli(["firmware", "-p", port, "--json"]);
      expect(code).toBe(0);
      // The last line: a slow machine is told before that what it waits for.
      const fields = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as {
        install: { board: string; command: string }[];
      };
      expect(fields).toMatchObject({ boardName: "ATmega328P", runs: SHIPPED_FIRMWARE_VERSION, verdict: "same" });
      expect(fields.install.map(({ board }) => board)).toEqual(["uno", "nano", "pro-mini"]);
    } finally {
      await server.close();
    }
  });

  it("of a bridge that is something else: all boards there are", async () => {
    const { code, stdout } = await runCli(["firmware", "-p", "sim:AT25SF041?bridge=frser-duino"]);
    expect(code).toBe(0);
    expect(stdout).toContain("not norbridge firmware");
    for (const { name } of FIRMWARE_BOARDS) expect(stdout).toContain(`--board ${name}`);
  });

  it("for a board that runs nothing yet: a command that can be pasted, and nothing is opened", async () => {
    const { code, stdout } = await runCli(["firmware", "--board", "uno", "-p", "/dev/no such port"]);
    expect(code).toBe(0);
    expect(stdout).toContain("avrdude -p atmega328p -c arduino -P '/dev/no such port' -b 115200 -D -U flash:w:");
    expect(stdout).toContain("level shifter");
  });

  it("of an image file: it has no bridge", async () => {
    const { code, stderr } = await runCli(["firmware", "-p", "image:chip.bin"]);
    expect(code).toBe(2);
    expect(stderr).toContain("no bridge");
  });
});
