/**
 * The world around a write: another program on the port, a full disk, a state folder that cannot be, a laptop that
 * sleeps, a reader that leaves.
 */
import { spawn, spawnSync } from "node:child_process";
import { closeSync, constants, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { realClock } from "../../src/clock.ts";
import { createRandom } from "../../src/sim/random.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { serveSimulation, type SimServer } from "../../src/sim/sim-server.ts";
import { cliProgram, ensureBuilt, runCli } from "../support/cli.ts";
import { makeHeldLine } from "../support/held-line.ts";
import { makePty, ptyMissing } from "../support/pty.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-world-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const image = join(folder, "image.bin");
const data = createRandom("world").bytes(40_000);
writeFileSync(image, data);
const OFFSET = 0x1234;

function serve(): Promise<SimServer> {
  const settings = new Map(Object.entries({ times: "typical", baud: "2000000", maxBaud: "2000000" }));
  const params = parseSimParameters("AT25SF041B", settings);
  return serveSimulation({ params, host: "127.0.0.1", port: 0, realtime: true, clock: realClock });
}

const isWritten = ({ simulation: { chip } }: SimServer): boolean =>
  Buffer.compare(chip.peek(OFFSET, data.length), data) === 0;

describe("the world around a write", { timeout: 60_000 }, () => {
  it.skipIf(ptyMissing !== undefined)(
    "two programs on one port: the second is refused, the first ends right",
    async () => {
      const server = await serve();
      const line = await makeHeldLine(server.address.port);
      const pty = await makePty();
      pty.peer.relay(connect(line.portNumber, "127.0.0.1"));
      const held = openSync(pty.path, constants.O_RDWR | constants.O_NOCTTY);
      try {
        const isMiddle = line.holdWhen((sentBytes) => sentBytes > data.length / 2);
        const words = ["write", image, "--offset", String(OFFSET), "-p", pty.path, "--no-journal"];
        let second: ReturnType<typeof runCli> | undefined;
        const first = await runCli(words, {
          onStart: (signal) =>
            void isMiddle.then(() => {
              // It stands still, and so does its line, until the other one has come and gone.
              signal("SIGSTOP");
              second = runCli(["info", "-p", pty.path]).finally(() => {
                line.release();
                signal("SIGCONT");
              });
            }),
        });
        expect(first.code, first.stderr).toBe(0);
        expect(isWritten(server)).toBe(true);
        const refused = await second;
        expect([refused?.code, refused?.stderr]).toEqual([4, expect.stringContaining("another program uses the port")]);
      } finally {
        closeSync(held);
        await pty.peer.vanish();
        await line.close();
        await server.close();
      }
    },
  );

  it("a state folder that cannot be: nothing is changed, and the message says what to do", async () => {
    const server = await serve();
    const port = ["-p", `tcp://127.0.0.1:${server.address.port}`];
    try {
      for (const state of ["/dev/null", "/proc/1/nothing"]) {
        const done = await runCli(["write", image, ...port], { env: { XDG_STATE_HOME: state } });
        expect([done.code, done.stderr]).toEqual([9, expect.stringContaining("--no-journal")]);
      }
      expect(server.simulation.chip.counters.programs).toBe(0);
      const without = await runCli(["write", image, "--no-journal", ...port], { env: { XDG_STATE_HOME: "/dev/null" } });
      expect(without.code).toBe(0);
    } finally {
      await server.close();
    }
  });

  it("a disk that is full: the write stops before the erase that it could not keep, and can be gone on with", async (context) => {
    const disk = join(folder, "disk");
    mkdirSync(disk);
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=16k", "tmpfs", disk]);
    if (mounted.status !== 0) context.skip("no small file system can be mounted here");
    const server = await serve();
    const { chip } = server.simulation;
    const old = createRandom("full").bytes(chip.geometry.capacityBytes);
    chip.load(0, old);
    const port = ["-p", `tcp://127.0.0.1:${server.address.port}`];
    try {
      const words = ["write", image, "--offset", String(OFFSET), "--keep-old", "--journal", disk, ...port];
      const done = await runCli(words);
      expect([9, 10]).toContain(done.code);
      expect(done.stderr).toContain("cannot be written");
      // What was erased is written or kept: resumed where there is room, all is right.
      spawnSync("mount", ["-o", "remount,size=4m", disk]);
      const [left] = readdirSync(disk);
      const next = await runCli(left === undefined ? [...words] : ["resume", "--journal", disk, ...port]);
      expect(next.code, next.stderr).toBe(0);
      const expected = old.slice();
      expected.set(data, OFFSET);
      expect(Buffer.compare(chip.peek(0, old.length), expected)).toBe(0);
    } finally {
      await server.close();
      spawnSync("umount", [disk]);
    }
  });

  it("a laptop that sleeps for some seconds in the middle: the write ends right", async () => {
    const server = await serve();
    try {
      let isAsleep = false;
      const words = ["write", image, "--offset", String(OFFSET), "--no-journal", "-v"];
      const done = await runCli([...words, "-p", `tcp://127.0.0.1:${server.address.port}`], {
        onStderr(_, signal) {
          if (isAsleep) return;
          isAsleep = true;
          signal("SIGSTOP");
          setTimeout(() => signal("SIGCONT"), 6000);
        },
      });
      expect(done.code, done.stderr).toBe(0);
      expect(isWritten(server)).toBe(true);
    } finally {
      await server.close();
    }
  });

  it("a clock on the wall that jumps by years, there and back: nothing waits for it, and a journal is gone on with", async () => {
    // What the program asks about the time of day is another time at each question; the steady clock is left alone.
    const jumping = join(folder, "jumping.mjs");
    writeFileSync(
      jumping,
      "const real = Date.now; let asked = 0; const years = () => (asked++ % 2 === 0 ? -9 : 9) * 365 * 86400e3;" +
        "Date.now = () => real() + years();" +
        "globalThis.Date = class extends Date { constructor(...given) { if (given.length > 0) super(...given); else super(Date.now()); } };",
    );
    const env = { NODE_OPTIONS: `--import=${pathToFileURL(jumping).href}`, XDG_STATE_HOME: join(folder, "jumping") };
    const server = await serve();
    const line = await makeHeldLine(server.address.port);
    const port = ["-p", line.port];
    try {
      const isMiddle = line.holdWhen((sentBytes) => sentBytes > data.length / 2);
      const killed = await runCli(["write", image, "--offset", String(OFFSET), ...port], {
        env,
        onStart: (signal) => void isMiddle.then(() => signal("SIGKILL")),
      });
      line.release();
      expect(killed.code).toBe(-1);
      const jobs = await runCli(["jobs"], { env });
      expect([jobs.code, jobs.stdout]).toEqual([0, expect.stringContaining("AT25SF041B")]);
      const resumed = await runCli(["resume", ...port], { env });
      expect(resumed.code, resumed.stderr).toBe(0);
      expect(isWritten(server)).toBe(true);
    } finally {
      await line.close();
      await server.close();
    }
  });

  it("a reader that leaves: a dump ends, a write goes on to its end", async () => {
    ensureBuilt();
    const server = await serve();
    const port = ["-p", `tcp://127.0.0.1:${server.address.port}`, "--no-journal"];
    try {
      const child = spawn(process.execPath, [
        cliProgram,
        "write",
        image,
        "--offset",
        String(OFFSET),
        "--json",
        ...port,
      ]);
      child.stdout.once("data", () => child.stdout.destroy());
      const code = await new Promise((resolve) => child.once("close", resolve));
      expect(code).toBe(0);
      expect(isWritten(server)).toBe(true);
    } finally {
      await server.close();
    }
    const dump = spawnSync("sh", [
      "-c",
      `"$0" "$1" read - -p sim:AT25SF041 | head -c 100 | wc -c`,
      process.execPath,
      cliProgram,
    ]);
    expect(dump.stdout.toString().trim()).toBe("100");
  });
});
