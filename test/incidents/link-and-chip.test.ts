/**
 * What went wrong for users of other programmers, each with its thread: here the same happens to norbridge, and it ends right or
 * with a clear error. This file: links, bridges, chips, planning. The campaign's oracle (src/bench/campaign/oracle.ts) judges
 * where a job runs on a simulated chip.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runScene } from "../../src/bench/campaign/run-seed.ts";
import { realClock } from "../../src/clock.ts";
import { memoryImage } from "../../src/files/image-source.ts";
import { openImage } from "../../src/files/open-image.ts";
import type { FlashDevice, FlashOp, FlashResult } from "../../src/flash/flash-device.ts";
import { eraseRange } from "../../src/jobs/erase-range.ts";
import { writeImage } from "../../src/jobs/write/write-image.ts";
import { createRandom } from "../../src/sim/random.ts";
import type { RunOptions, Stream } from "../../src/stream.ts";
import { smallScene } from "../faults/support/small-scene.ts";
import { NorDouble, TOY } from "../jobs/support/nor-double.ts";
import { runCli } from "../support/cli.ts";
import { effort } from "../support/effort.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-incidents-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const CONTEXT = { clock: realClock };
const REQUEST = { offset: 0, verify: true, assumeBlank: false, retries: 1 };

/** Done and right, or ended with an error that is not a bug and resumed right: what the oracle asks of every job. */
async function judged(...args: Parameters<typeof smallScene>): Promise<string> {
  const verdict = await runScene(smallScene(...args));
  expect(verdict.complaints).toEqual([]);
  return verdict.outcome;
}

describe("a link that loses, doubles and makes up bytes", { timeout: 120_000 }, () => {
  it.each(["up", "down"] as const)(
    "urjaman/frser-duino#3: one byte lost %s, flashrom waits for ever",
    async (direction) => {
      for (let atByte = 0; atByte < 2500; atByte += effort(251, 29)) {
        const planned = [{ at: { direction, atByte }, fault: { kind: "drop", bytes: 1 } }] as const;
        expect(await judged({}, { planned })).toBe("done");
      }
    },
  );

  it("urjaman/frser-duino#3 over serprog, which sends nothing twice: it ends, with a code", async () => {
    for (let atByte = 0; atByte < 2000; atByte += effort(401, 97)) {
      const planned = [{ at: { direction: "down" as const, atByte }, fault: { kind: "drop" as const, bytes: 1 } }];
      const scene = smallScene({ protocol: "serprog" }, { planned }, { bridge: "frser-duino" });
      const { outcome, virtualSeconds } = await runScene(scene);
      expect(outcome).not.toBe("BUG");
      expect(virtualSeconds).toBeLessThan(600);
    }
  });

  it("espressif/esptool#938: the boot log of an application in the middle of the stream", async () => {
    const log = [...Buffer.from("ets Jul 29 2019 12:21:46\r\nrst:0x1 (POWERON_RESET),boot:0x13\r\n".repeat(64))];
    for (const atByte of [0, 40, 300, 1000]) {
      const planned = [{ at: { direction: "down" as const, atByte }, fault: { kind: "garbage" as const, bytes: log } }];
      expect(await judged({}, { planned })).toBe("done");
    }
  });

  it("espressif/esptool#697: answers that come twice, or moved by a few bytes", async () => {
    expect(await judged({}, { down: { duplicate: 2e-3, garbage: 1e-4 } })).toBe("done");
  });

  it("espressif/esptool#298: the same digest asked three times while old answers still come", async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const faults = { down: { duplicate: 3e-3 }, up: { duplicate: 3e-3 } };
      expect(await judged({ seed, kind: "verify" }, faults)).toBe("done");
    }
  });

  it("qmk/qmk_firmware#3804, Proxmark/proxmark3#181: ModemManager writes AT commands into the job", async () => {
    const at = [...Buffer.from("AT\r\nATE1\r\nAT+CGMI\r\n")];
    for (const atByte of [0, 100, 900, 2000]) {
      const planned = [{ at: { direction: "up" as const, atByte }, fault: { kind: "garbage" as const, bytes: at } }];
      expect(await judged({}, { planned })).toBe("done");
    }
  });

  it("zephyrproject-rtos/zephyr#17488, openstenoproject/plover#1273: the port is dead after the laptop slept", async () => {
    const planned = [{ at: { direction: "down" as const, atByte: 700 }, fault: { kind: "disconnect" as const } }];
    expect(await judged({ reconnects: true }, { planned })).toBe("done");
  });

  it("micropython/micropython#15960, hathach/tinyusb#2287: USB stalls where an answer ends with a packet", async () => {
    for (const lengthBytes of [63, 64, 65, 127, 128, 129, 511, 512, 513]) {
      const range = { address: 100, lengthBytes };
      expect(await judged({ kind: "read", range, pieces: [] }, {}, { usb: "fs" })).toBe("done");
    }
  });

  it("serialport/node-serialport#1078, #1229: input comes in pieces of any size", async () => {
    for (let seed = 1; seed <= 10; seed++) expect(await judged({ seed }, {}, { cutReads: "1" })).toBe("done");
  });

  it("microsoft/uf2-samdx1 PR#94: the first check takes so long that the receiver overruns", async () => {
    for (const bridge of ["small", "large"]) expect(await judged({}, {}, { bridge, baud: "2000000" })).toBe("done");
  });

  it("stacksmashing/pico-serprog#10: a bridge loses step with more than it can take, and does not say how much that is", async () => {
    for (const bridge of ["pico-serprog", "pico-serprog-kukrimate", "serprog-pico-jhbdream"]) {
      expect(await judged({ protocol: "serprog" }, {}, { bridge })).toBe("done");
    }
  });
});

describe("what a user is told", { timeout: 60_000 }, () => {
  const image = join(folder, "image.bin");
  const bytes = createRandom("incident").bytes(3000);
  writeFileSync(image, bytes);

  it("flashrom/flashrom#342, #72: FAILED, your flash chip is in an unknown state, and nothing to do next", async () => {
    const done = await runCli(["write", image, "--offset", "0x100", "-p", "sim:AT25SF041?powerCutAt=6500"]);
    expect(done.code).toBe(10);
    expect(done.stderr).toMatch(/may be partially written: 0x[0-9a-f]+/);
    expect(done.stderr).toMatch(/hint: .*(Repeat the command|norbridge resume)/);
  });

  it("flashrom/flashrom#295: spispeed=32768 meant kilohertz", async () => {
    const done = await runCli(["info", "--spi-clock", "32768", "-p", "sim:AT25SF041"]);
    expect([done.code, done.stderr]).toEqual([2, expect.stringContaining("8MHz, 500kHz")]);
  });

  it("fwupd/fwupd#3649, flashrom/flashrom#360: protection is met late, when half is erased", async () => {
    const chip = join(folder, "protected.bin");
    const old = createRandom("protected").bytes(524_288);
    writeFileSync(chip, old);
    const done = await runCli(["write", image, "--offset", "0x7f000", "-p", `sim:AT25SF041?file=${chip}&sr1=28`]);
    expect([done.code, done.stderr]).toEqual([7, expect.stringContaining("protected")]);
    expect(Buffer.compare(readFileSync(chip), old)).toBe(0);
  });

  it("trabucayre/openFPGALoader#124: protection is lifted without being asked", async () => {
    const chip = join(folder, "locked.bin");
    writeFileSync(chip, createRandom("locked").bytes(524_288));
    const port = `sim:AT25SF041?file=${chip}&sr1=28`;
    expect((await runCli(["erase", "--range", "0x7f000,4k", "-p", port])).code).toBe(7);
    const lifted = await runCli(["erase", "--range", "0x7f000,4k", "--unprotect", "-p", port]);
    expect([lifted.code, lifted.stderr]).toEqual([0, expect.stringContaining("restored at the end")]);
  });

  it("espressif/esptool#662, #220, #256, #510: the link is fine, and the content is not", async () => {
    const at = `0x${(0x100 + bytes.findIndex((byte) => (byte & 0x08) !== 0)).toString(16).padStart(6, "0")}`;
    const done = await runCli(["write", image, "--offset", "0x100", "-p", `sim:AT25SF041?stuckAt=${at}:3`]);
    expect([8, 11]).toContain(done.code);
    expect(done.stderr).toContain(`at ${at} expected 0x`);
    expect(done.stderr).toContain("(bits 0x08 stay 0: not erased, or stuck)");
  });

  it("probe-rs/probe-rs#2789: a verify that can only fail: what reads 00 everywhere is no chip, and not a difference", async () => {
    const done = await runCli(["verify", image, "-p", "sim:AT25SF041?missing=00"]);
    expect([done.code, done.stderr]).toEqual([6, expect.stringContaining("no chip responds")]);
  });

  it("flashrom/flashrom#367, #80: the wrong size is taken: what wraps is called by its name", async () => {
    const big = join(folder, "big.bin");
    const half = createRandom("half").bytes(262_144);
    writeFileSync(big, Buffer.concat([half, createRandom("other half").bytes(262_144)]));
    const chip = join(folder, "wrapped.bin");
    writeFileSync(chip, Buffer.concat([half, half]));
    const done = await runCli(["verify", big, "-p", `sim:AT25SF041?file=${chip}`]);
    expect([done.code, done.stdout]).toEqual([1, expect.stringContaining("addresses wrap around there")]);
    expect(done.stderr).toContain("--size");
  });
});

/** A device with something between it and the job. */
function between(device: FlashDevice, change: (op: FlashOp) => FlashOp): FlashDevice {
  const run = async function* (ops: Stream<FlashOp>, options?: RunOptions): AsyncGenerator<FlashResult> {
    async function* changed(): AsyncGenerator<FlashOp> {
      for await (const op of ops) yield change(op);
    }
    yield* device.run(changed(), options);
  };
  const all = Object.create(device) as FlashDevice;
  Object.defineProperty(all, "run", { value: run });
  return all;
}

describe("planning", () => {
  it("rusefi/rusefi#8515, pellepl/spiflash_driver#11, skiphansen/panog2_ldr PR#1: an erase ends one unit too far or too early", async () => {
    const old = createRandom("ends").bytes(TOY.capacityBytes);
    for (let address = 0; address < TOY.capacityBytes; address += effort(3, 1)) {
      for (let lengthBytes = 1; address + lengthBytes <= TOY.capacityBytes; lengthBytes += effort(5, 1)) {
        const double = new NorDouble(TOY, { bytes: old });
        await eraseRange(double, { address, lengthBytes }, { keepOutside: true }, CONTEXT);
        const expected = old.slice().fill(0xff, address, address + lengthBytes);
        expect(Buffer.compare(double.bytes, expected), `${address}+${lengthBytes}`).toBe(0);
      }
    }
  });

  it("ARMmbed/mbed-os PR#13947: a large erase command at an address that is not a multiple of it", async () => {
    for (let address = 0; address + 40 <= TOY.capacityBytes; address += 4) {
      const double = new NorDouble(TOY, { bytes: createRandom("large").bytes(TOY.capacityBytes) });
      await eraseRange(double, { address, lengthBytes: 40 }, { keepOutside: true }, CONTEXT);
      // The double complains of a block that the chip has not at that place.
      expect(double.violations).toEqual([]);
    }
  });

  it("raspberrypi/pico-bootrom-rp2040#19: images with holes leave sectors unerased, or erase them after they were written", async () => {
    const random = createRandom("sparse");
    for (let run = 0; run < effort(100, 1000); run++) {
      const old = random.bytes(TOY.capacityBytes);
      const expected = old.slice();
      const pieces = [];
      for (let address = random.intBelow(20); address < TOY.capacityBytes - 1; ) {
        const data = random.bytes(1 + random.intBelow(Math.min(20, TOY.capacityBytes - address)));
        pieces.push({ address, data });
        expected.set(data, address);
        address += data.length + 1 + random.intBelow(20);
      }
      const double = new NorDouble(TOY, { bytes: old });
      if (pieces.length > 0) await writeImage(double, memoryImage("sparse", pieces), REQUEST, CONTEXT);
      expect(Buffer.compare(double.bytes, expected)).toBe(0);
      expect(double.violations).toEqual([]);
    }
  });

  it("avrdudes/avrdude#1508, #1713: what lies in the holes of a file is written as FF", async () => {
    const file = join(folder, "holes.hex");
    writeFileSync(file, ":0400000001020304F2\n:04000C000D0E0F10B6\n:00000001FF\n");
    const image = await openImage(file);
    const old = createRandom("holes").bytes(TOY.capacityBytes);
    const double = new NorDouble(TOY, { bytes: old });
    await writeImage(double, image, REQUEST, CONTEXT);
    const expected = old.slice();
    expected.set([1, 2, 3, 4], 0);
    expected.set([13, 14, 15, 16], 12);
    expect(Buffer.compare(double.bytes, expected)).toBe(0);
    await image.close();
  });

  it("probe-rs/probe-rs#3775, esp-rs/espflash#708, shumatech/BOSSA#109: success, and nothing was programmed", async () => {
    const data = createRandom("nothing")
      .bytes(64)
      .map((byte) => byte & 0x7f);
    for (const every of [1, 2, 3, 5]) {
      const double = new NorDouble(TOY);
      let programs = 0;
      double.faultAt = (_, op) => (op.kind === "program" && ++programs % every === 0 ? "ignore" : undefined);
      const image = memoryImage("image", [{ address: 8, data }]);
      const ended = await writeImage(double, image, REQUEST, CONTEXT).then(
        () => "done",
        (error: unknown) => error,
      );
      const isRight = Buffer.compare(double.bytes.subarray(8, 72), data) === 0;
      if (ended === "done") expect(isRight).toBe(true);
      else expect(ended).toMatchObject({ code: expect.stringMatching(/EROFS|INTERRUPTED_FINAL/) as unknown });
    }
  });

  it("espressif/esptool#33: a loader that erases more than it was asked to: --paranoid sees it", async () => {
    const double = new NorDouble(TOY, { bytes: createRandom("more").bytes(TOY.capacityBytes) });
    const greedy = between(double, (op) =>
      op.kind === "erase" && op.address === 64 ? { ...op, lengthBytes: op.lengthBytes * 2 } : op,
    );
    const image = memoryImage("image", [{ address: 64, data: createRandom("image").bytes(8) }]);
    await expect(writeImage(greedy, image, { ...REQUEST, checkUntouched: true }, CONTEXT)).rejects.toMatchObject({
      code: expect.stringMatching(/EIO|INTERRUPTED/) as unknown,
    });
  });

  it("littlefs-project/littlefs#748: a layer that rewrites 4 KiB for a few bytes loses the rest in a power cut", async () => {
    for (let at = 0; at < 14_000; at += effort(1400, 140)) {
      const outcome = await judged({ chipFaults: { powerCutAtByte: at }, seed: at });
      expect(outcome).toMatch(/done|INTERRUPTED|ENODEV|CHIP_MISSING/);
    }
  });
});
