/**
 * The core on QEMU's Aspeed machine, with QEMU's own models of Atmel flash connected to it: the one chip here that another
 * project wrote. What it does wrong is in the comments. Needs qemu-system-arm and arm-none-eabi-gcc.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeStep } from "../../firmware-protocol/record.ts";
import type { SpiStep, StepResult } from "../../firmware-protocol/step.ts";
import type { Bridge } from "../../src/bridge/bridge.ts";
import { openBridge } from "../../src/bridge/open-bridge.ts";
import { realClock } from "../../src/clock.ts";
import { openPort } from "../../src/transport/open-port.ts";
import { effort } from "../support/effort.ts";
import { programSteps, randomFrom, noise, resultsOf } from "../sim/client.ts";

const FIRMWARE = fileURLToPath(new URL("../../firmware-protocol/firmware/", import.meta.url));
const missing =
  effort(0, 1) === 0
    ? "it is run in CI"
    : ["qemu-system-arm", "arm-none-eabi-gcc", "make"].find(
        (program) => spawnSync(program, ["--version"], { stdio: "ignore" }).error !== undefined,
      );

const CHIPS = [
  { model: "at25df041a", id: [0x1f, 0x44, 0x01], capacityBytes: 512 * 1024 },
  { model: "at25df321a", id: [0x1f, 0x47, 0x01], capacityBytes: 4 * 1024 * 1024 },
] as const;

/** The models complain here about programs and erases without a write enable and the like. */
const COMPLAINT = /^M25P80:.*$/gm;

let folder: string;
let qemu: ChildProcess | undefined;
let log = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "norbridge-qemu-"));
  log = "";
});

afterEach(() => {
  qemu?.kill("SIGKILL");
  qemu = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function openQemu(model: string): Promise<Bridge> {
  const port = await freePort();
  qemu = spawn(
    "qemu-system-arm",
    [
      ...["-M", `ast2500-evb,fmc-model=${model}`, "-nic", "none", "-display", "none", "-monitor", "none"],
      ...["-kernel", join(FIRMWARE, "build/qemu-aspeed.elf"), "-d", "guest_errors"],
      ...["-drive", `file=${join(folder, "chip.img")},format=raw,if=mtd,index=0`],
      ...["-serial", `tcp:127.0.0.1:${port},server=on,wait=off`],
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  qemu.stderr!.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const exited = new Promise<never>((_, reject) => {
    qemu!.once("exit", (code) => reject(new Error(`qemu ended with ${code ?? "a signal"}: ${log}`)));
  });
  exited.catch(() => undefined);
  for (;;) {
    try {
      const spec = { kind: "tcp", host: "127.0.0.1", port } as const;
      const duplex = await Promise.race([openPort(spec), exited]);
      return await openBridge(duplex, { clock: realClock, protocol: "native", random: randomFrom(1) });
    } catch (error) {
      if (qemu.exitCode !== null) throw error;
    }
  }
}

const command = (...send: number[]): SpiStep => ({ kind: "transfer", send: Uint8Array.from(send), receiveBytes: 0 });
const WRITE_ENABLE = command(6);
const READY: SpiStep = { kind: "poll", send: Uint8Array.of(5), mask: 1, value: 0, intervalUs: 0, timeoutMs: 1000 };
const read = (address: number, receiveBytes: number): SpiStep => ({
  kind: "transfer",
  send: Uint8Array.of(3, address >> 16, (address >> 8) & 255, address & 255),
  receiveBytes,
});

function bytesOf(results: readonly StepResult[]): Uint8Array {
  return Uint8Array.from(results.flatMap((result) => (result.kind === "transfer" ? [...result.received] : [])));
}

describe.skipIf(missing !== undefined)(`QEMU (${missing ?? "is there"})`, () => {
  it.each(CHIPS)("$model: identify, program, read, digest, erase", async ({ model, id, capacityBytes }) => {
    execFileSync("make", ["-s", "-C", FIRMWARE, "build/qemu-aspeed.elf"]);
    const file = join(folder, "chip.img");
    writeFileSync(file, new Uint8Array(capacityBytes).fill(0xff));
    const bridge = await openQemu(model);
    try {
      expect(bridge.info.boardName).toBe("QEMU ast2500-evb");
      expect([...bytesOf(await resultsOf(bridge, [{ ...command(0x9f), receiveBytes: 3 } as SpiStep]))]).toEqual(id);
      const probed = log.length;
      const image = noise(64 * 1024);
      const results = await resultsOf(bridge, programSteps(image));
      expect(results.every(({ kind }) => kind !== "failed" && kind !== "skipped")).toBe(true);
      expect(Buffer.compare(bytesOf(await resultsOf(bridge, [read(0, image.length)])), image)).toBe(0);
      const [digest] = await resultsOf(bridge, [
        { kind: "digest", send: Uint8Array.of(3, 0, 0, 0), lengthBytes: 65_536 },
      ]);
      expect(digest).toMatchObject({ kind: "digest" });
      expect(Buffer.compare(readFileSync(file).subarray(0, image.length), image)).toBe(0);
      // A run of FF and one of 5A travel in run-length code.
      const coded = {
        kind: "transfer",
        send: Uint8Array.of(2, 1, 0, 0, ...new Uint8Array(200).fill(0x5a)),
        receiveBytes: 0,
      } as const;
      expect(encodeStep(coded).length).toBeLessThan(20);
      await resultsOf(bridge, [WRITE_ENABLE, coded, READY]);
      expect(
        readFileSync(file)
          .subarray(65_536, 65_736)
          .every((byte) => byte === 0x5a),
      ).toBe(true);
      await resultsOf(bridge, [WRITE_ENABLE, command(0x20, 0, 0x10, 0), READY]);
      const after = readFileSync(file);
      expect(after.subarray(4096, 8192).every((byte) => byte === 0xff)).toBe(true);
      expect(Buffer.compare(after.subarray(8192, image.length), image.subarray(8192))).toBe(0);
      expect(log.slice(probed).match(COMPLAINT)).toBeNull();
    } finally {
      await bridge.close();
    }
  });

  it("a program without write enable is noticed: the complaint that the others must not have", async () => {
    execFileSync("make", ["-s", "-C", FIRMWARE, "build/qemu-aspeed.elf"]);
    writeFileSync(join(folder, "chip.img"), new Uint8Array(512 * 1024).fill(0xff));
    const bridge = await openQemu("at25df041a");
    try {
      await resultsOf(bridge, [command(2, 0, 0, 0, 1, 2, 3), READY]);
      expect(log).toMatch(COMPLAINT);
    } finally {
      await bridge.close();
    }
  });
});
