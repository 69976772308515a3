/**
 * The core as a process of this machine, on TCP and on a pseudo terminal of its own, from the command line to a strict chip
 * on the other side of a socket. Needs cc and make.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes.ts";
import { realClock } from "../../src/clock.ts";
import { createChip } from "../../src/sim/chip/chip-catalog.ts";
import type { ChipModel } from "../../src/sim/chip/core/chip-model.ts";
import { pattern } from "../bridge/serprog/serprog-world.ts";
import { runCli } from "../support/cli.ts";
import { effort } from "../support/effort.ts";

const FIRMWARE = fileURLToPath(new URL("../../firmware-protocol/firmware/", import.meta.url));
const missing =
  effort(0, 1) === 0
    ? "it is built and tested in CI"
    : ["cc", "make"].find((program) => spawnSync(program, ["--version"], { stdio: "ignore" }).error !== undefined);

const [SELECT, DESELECT, WRITE, READ, PINS] = Buffer.from("SDWRP");
const NOTHING = new Uint8Array(0);

/** Plays the chip on a socket, as the head of ports/host/main.c says. */
function playChip(chip: ChipModel, socket: Socket): void {
  const startUs = realClock.nowUs();
  const nowNs = (): number => (realClock.nowUs() - startUs) * 1000;
  let held: Uint8Array = NOTHING;
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    held = concatBytes([held, chunk]);
    for (let used = act(); used > 0; used = act()) held = held.subarray(used);
  });
  /** Does the first command that is whole; returns its length. */
  function act(): number {
    const [what, low = 0, high = 0] = held;
    const count = low | (high << 8);
    switch (what) {
      case SELECT:
        chip.select(nowNs());
        return 1;
      case DESELECT:
        chip.deselect(nowNs());
        return 1;
      case WRITE:
        if (held.length < 3 + count) return 0;
        chip.exchangeBlock(held.slice(3, 3 + count), 0, nowNs(), 100);
        return 3 + count;
      case READ:
        if (held.length < 3) return 0;
        socket.write(chip.exchangeBlock(NOTHING, count, nowNs(), 100));
        return 3;
      case PINS:
        if (held.length < 3) return 0;
        chip.setPins({ wp: (high & 2) !== 0, hold: (high & 4) !== 0 });
        return 3;
      default:
        return 0;
    }
  }
}

describe.skipIf(missing !== undefined)(`the host's port (${missing ?? "can be built"})`, { timeout: 60_000 }, () => {
  it.each([
    ["TCP", ["--listen", "0"], "AT25SF041"],
    ["a pseudo terminal", ["--pty"], "AT45DB041E"],
  ])("on %s: write over old data, verify, read", async (_, line, chipName) => {
    execFileSync("make", ["-s", "-C", FIRMWARE, "build/norbridge-host"]);
    const folder = mkdtempSync(join(tmpdir(), "norbridge-host-"));
    const file = (name: string): string => join(folder, name);
    const chip = createChip(chipName);
    const server = createServer((socket) => playChip(chip, socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const child = spawn(join(FIRMWARE, "build/norbridge-host"), [...line, "--spi", String(address.port)]);
    const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    try {
      const port = await new Promise<string>((resolve, reject) => {
        child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString().trim()));
        child.once("exit", (code) => reject(new Error(`ended with ${code ?? "a signal"}`)));
      });
      const run = async (...args: string[]): Promise<string> => {
        const { code, stdout, stderr } = await runCli([...args, "-p", port]);
        expect(code, stderr).toBe(0);
        return stdout;
      };
      expect(await run("info")).toContain("norbridge host");
      const image = pattern(30_000);
      const old = pattern(40_000, 7);
      chip.load(0, old);
      writeFileSync(file("image.bin"), image);
      await run("write", file("image.bin"), "--offset", "1000");
      expect(Buffer.compare(chip.peek(1000, image.length), image)).toBe(0);
      expect(Buffer.compare(chip.peek(0, 1000), old.subarray(0, 1000))).toBe(0);
      await run("verify", file("image.bin"), "--offset", "1000");
      await run("read", file("back.bin"), "--offset", "1000", "--length", "30000");
      expect(Buffer.compare(readFileSync(file("back.bin")), image)).toBe(0);
      expect(chip.violations).toEqual([]);
    } finally {
      server.close();
      child.kill();
      await exited;
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("says how it is used", () => {
    execFileSync("make", ["-s", "-C", FIRMWARE, "build/norbridge-host"]);
    const { status, stderr } = spawnSync(join(FIRMWARE, "build/norbridge-host"), ["--listen"], { encoding: "utf8" });
    expect(status).toBe(2);
    expect(stderr).toContain("usage:");
  });
});
