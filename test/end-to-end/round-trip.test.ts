/**
 * The whole way with the real program: a file goes to the chip and comes back, on a simulated port, over TCP, and over a
 * pseudo terminal with the real serial binding. The image is Debian's BIOS for QEMU where it is installed.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createRandom } from "../../src/sim/random.ts";
import { cliProgram, ensureBuilt, runCli, runQuickly } from "../support/cli.ts";
import { effort } from "../support/effort.ts";
import { makeHeldLine } from "../support/held-line.ts";
import { makePty, ptyMissing } from "../support/pty.ts";

const SEABIOS = "/usr/share/seabios/bios-256k.bin";
const folder = mkdtempSync(join(tmpdir(), "norbridge-e2e-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** 256 KiB, a quarter of that unless it is CI: the BIOS, or noise with blank and repeated parts. */
function bigImage(): Uint8Array {
  if (existsSync(SEABIOS)) return readFileSync(SEABIOS);
  const random = createRandom("bios");
  return new Uint8Array(256 * 1024).map((_, i) =>
    i % 0x8000 < 0x5000 ? random.intBelow(256) : i % 0x8000 < 0x6000 ? 0 : 0xff,
  );
}
const imageName = existsSync(SEABIOS) ? "Debian's bios-256k.bin" : "a made-up image of 256 KiB (no seabios here)";
const imagePath = join(folder, "bios.bin");
writeFileSync(imagePath, bigImage().subarray(effort(192, 0) * 1024));

interface Served {
  readonly port: number;
  readonly child: ChildProcess;
  stop(): Promise<number | null>;
}

async function serve(chip: string, ...words: string[]): Promise<Served> {
  ensureBuilt();
  const child = spawn(process.execPath, [cliProgram, "sim", "--chip", chip, "--listen", "127.0.0.1:0", ...words], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  let text = "";
  const port = await new Promise<number>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      text += chunk.toString();
      const found = /listening on 127\.0\.0\.1:(\d+)/.exec(text)?.[1];
      if (found !== undefined) resolve(Number(found));
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("close", () => reject(new Error(`sim ended: ${text}`)));
  });
  return {
    port,
    child,
    stop() {
      child.kill("SIGINT");
      return closed;
    },
  };
}

/** Writes, reads back, compares; then writes again and expects that nothing is left to do. */
async function roundTrip(port: string, capacityBytes: number): Promise<void> {
  const back = join(folder, "back.bin");
  const written = await runQuickly(["write", imagePath, "-p", port, "--json"], { cwd: folder });
  expect(written.stderr).not.toContain("rule");
  expect(written).toMatchObject({ code: 0 });
  expect(JSON.parse(written.stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({ type: "result", ok: true });
  const read = await runQuickly(["read", back, "-p", port], { cwd: folder });
  expect(read).toMatchObject({ code: 0 });
  const [image, chip] = [readFileSync(imagePath), readFileSync(back)];
  expect(chip.length).toBe(capacityBytes);
  expect(Buffer.compare(chip.subarray(0, image.length), image)).toBe(0);
  const again = await runQuickly(["write", imagePath, "-p", port, "--json"], { cwd: folder });
  expect(again).toMatchObject({ code: 0 });
  expect(JSON.parse(again.stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({
    programmedPages: 0,
    erasedUnits: 0,
  });
  expect((await runQuickly(["verify", imagePath, "-p", port], { cwd: folder })).code).toBe(0);
}

describe(`write, read, compare: ${imageName}`, () => {
  const ports: readonly (readonly [string, number])[] = [
    ["sim:AT25SF041?file=a.bin", 524_288],
    ["sim:AT25SF041?file=b.bin&bridge=small&baud=115200&latencyTimerMs=16", 524_288],
    ["sim:AT45DB041E?file=c.bin", 540_672],
    ["sim:AT45DB041E?file=d.bin&pageBytes=256&bridge=small", 524_288],
    ["sim:AT25SF321?file=e.bin&flipRate=1e-5&dropRate=1e-5&duplicateRate=1e-5", 4_194_304],
    ["sim:W25Q128JV?file=f.bin&usb=fs", 16_777_216],
  ];
  // The first one, but in CI.
  it.each(ports.slice(0, effort(1, ports.length)))("on %s", (port, capacityBytes) => roundTrip(port, capacityBytes));

  it.each(effort(["AT45DB041E"], ["AT25SF041", "AT45DB041E"]))("over TCP on %s", async (chip) => {
    const image = join(folder, `tcp-${chip}.bin`);
    const served = await serve(chip, "--image", image);
    await roundTrip(`tcp://127.0.0.1:${served.port}`, chip === "AT25SF041" ? 524_288 : 540_672);
    expect(await served.stop()).toBe(0);
    const written = readFileSync(imagePath);
    expect(Buffer.compare(readFileSync(image).subarray(0, written.length), written)).toBe(0);
  });

  it.skipIf(ptyMissing !== undefined)(
    `over a pseudo terminal with the real serial binding${ptyMissing === undefined ? "" : ` (skipped: ${ptyMissing})`}`,
    async () => {
      const served = await serve("AT25SF041?usb=fs");
      const pty = await makePty();
      const socket = connect(served.port, "127.0.0.1");
      pty.peer.relay(socket);
      try {
        await roundTrip(pty.path, 524_288);
      } finally {
        await pty.peer.vanish();
        socket.destroy();
        await served.stop();
      }
    },
  );
});

// Elsewhere test/cli/every-exit-code.test.ts has it, with less to write.
const inCi = effort("in CI", "");
it.skipIf(inCi !== "")(
  `Ctrl-C in the middle of a write ends with 10, and the same command then finishes the job ${inCi}`,
  async () => {
    const served = await serve("AT25SF041", "--image", join(folder, "slow.bin"));
    const line = await makeHeldLine(served.port);
    const isMiddle = line.holdWhen((sentBytes) => sentBytes > 100_000);
    const first = await runCli(["write", imagePath, "-p", line.port], {
      cwd: folder,
      onStart: (kill) => void isMiddle.then(() => kill("SIGINT")),
      onStderr: (text) => {
        if (/^warning: stopping /m.test(text)) line.release();
      },
    });
    await line.close();
    await served.stop();
    expect(first.stderr).toMatch(/error: write: cancelled; stopped after .* programmed/);
    expect(first.code).toBe(10);
    expect(await runQuickly(["write", imagePath, "-p", "sim:AT25SF041?file=slow.bin"], { cwd: folder })).toMatchObject({
      code: 0,
    });
    const chip = readFileSync(join(folder, "slow.bin"));
    const image = readFileSync(imagePath);
    expect(Buffer.compare(chip.subarray(0, image.length), image)).toBe(0);
  },
);
