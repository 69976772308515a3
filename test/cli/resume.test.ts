/** kill -9 of the real program while it writes to a bridge and a chip that live on: resume ends the job. */
import { closeSync, constants, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { realClock } from "../../src/clock.ts";
import { createRandom } from "../../src/sim/random.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { serveSimulation, type SimServer } from "../../src/sim/sim-server.ts";
import { runCli, runHere } from "../support/cli.ts";
import { effort, sayCount } from "../support/effort.ts";
import { type HeldLine, makeHeldLine } from "../support/held-line.ts";
import { makePty, ptyMissing } from "../support/pty.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-resume-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const OFFSET = 0x1234;
/** That the image touches, each erased once if nothing is cut. */
const SECTORS = 10;
const data = createRandom("image").bytes(40_000);
const image = join(folder, "image.bin");
writeFileSync(image, data);

function serve(settings: Readonly<Record<string, string>> = {}): Promise<SimServer> {
  return serveSimulation({
    params: parseSimParameters(
      "AT25SF041B",
      new Map([["times", "typical"], ["baud", "2000000"], ...Object.entries(settings)]),
    ),
    host: "127.0.0.1",
    port: 0,
    realtime: true,
    clock: realClock,
  });
}

/** A way to a served bridge that outlives every program that uses it: a pseudo terminal where there is one. */
async function portTo(line: HeldLine): Promise<{ readonly words: readonly string[]; close(): Promise<void> }> {
  if (ptyMissing !== undefined) return { words: ["-p", line.port], close: () => Promise.resolve() };
  const pty = await makePty();
  const socket = connect(line.portNumber, "127.0.0.1");
  pty.peer.relay(socket);
  // A terminal that no process has open hangs up; a real adapter does not when a program dies.
  const held = openSync(pty.path, constants.O_RDWR | constants.O_NOCTTY);
  return {
    words: ["-p", pty.path],
    async close() {
      closeSync(held);
      socket.destroy();
      await pty.peer.vanish();
    },
  };
}

/** NORBRIDGE_KILLS says how many. */
const KILLS = Number(process.env["NORBRIDGE_KILLS"] ?? effort(1, 15));

describe("kill -9 in the middle of a write", { timeout: 3_600_000 }, () => {
  it("resume puts back what was around the image, and ends the job", async () => {
    const random = createRandom("kills");
    let resumed = 0;
    let mostTwice = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const server = await serve();
      const journal = join(folder, `jobs-${kill}`);
      const { chip } = server.simulation;
      const old = createRandom(`old ${kill}`).bytes(chip.geometry.capacityBytes);
      chip.load(0, old);
      const expected = old.slice();
      expected.set(data, OFFSET);
      const line = await makeHeldLine(server.address.port);
      const port = await portTo(line);
      try {
        const words = ["write", image, "--offset", String(OFFSET), "--journal", journal, ...port.words];
        // The first one in the middle, the others anywhere.
        const afterBytes = kill === 0 ? data.length / 2 : random.nextUint32() % (data.length + 3000);
        const isThere = line.holdWhen((sentBytes) => sentBytes >= afterBytes);
        await runCli(words, { onStart: (signal) => void isThere.then(() => signal("SIGKILL")) });
        line.release();
        const left = await runCli(["jobs", "--journal", journal, "--json"]);
        expect(left.code).toBe(0);
        if (filesIn(journal) > 0) {
          resumed++;
          const done = await runCli(["resume", "--journal", journal, ...port.words]);
          expect([done.code, done.stderr.includes("error")], done.stderr).toEqual([0, false]);
        } else {
          // Before the first change, or after the last.
          expect((await runCli(words)).code).toBe(0);
        }
        expect(Buffer.compare(chip.peek(0, old.length), expected), `killed after ${afterBytes} bytes`).toBe(0);
        expect(filesIn(journal)).toBe(0);
        mostTwice = Math.max(mostTwice, chip.counters.erases - SECTORS);
      } finally {
        await port.close();
        await line.close();
        await server.close();
      }
    }
    const over = ptyMissing === undefined ? "a pseudo terminal" : "TCP";
    sayCount(
      `kill -9 of a write over ${over}: ${KILLS} times, ${resumed} resumed, at most ${mostTwice} sectors erased twice`,
    );
    expect(resumed).toBeGreaterThan(0);
    // One that was being erased, and those of one window of 64 KiB that had not been verified.
    expect(mostTwice).toBeLessThanOrEqual(1 + 64 / 4);
  });
});

describe("kill -9 in the middle of an erase", { timeout: 60_000 }, () => {
  it("resume keeps what lies around the range, ends the erase, and protects what was protected before it", async () => {
    const journal = join(folder, "erase");
    // BP2..0: all of it.
    const server = await serve({ sr1: "28" });
    const { chip } = server.simulation;
    const old = createRandom("erase").bytes(chip.geometry.capacityBytes);
    chip.load(0, old);
    const line = await makeHeldLine(server.address.port);
    const port = ["-p", line.port];
    try {
      const isErasing = line.holdWhen(() => chip.counters.erases >= 3);
      await runCli(["erase", "--range", "0x1234,60000", "--unprotect", "--journal", journal, ...port], {
        onStart: (signal) => void isErasing.then(() => signal("SIGKILL")),
      });
      line.release();
      expect(filesIn(journal)).toBe(1);
      const isProtected = expect.stringContaining("0x000000..0x07ffff") as unknown;
      const between = await runCli(["protect", "status", ...port]);
      expect([between.code, between.stdout]).toEqual([0, expect.stringMatching(/^protected +nothing/)]);
      const done = await runCli(["resume", "--journal", journal, ...port]);
      expect([done.code, done.stdout]).toEqual([0, expect.stringContaining("written again")]);
      expect((await runCli(["protect", "status", ...port])).stdout).toEqual(isProtected);
      const expected = old.slice().fill(0xff, 0x1234, 0x1234 + 60_000);
      expect(Buffer.compare(chip.peek(0, old.length), expected)).toBe(0);
    } finally {
      await line.close();
      await server.close();
    }
  });
});

describe("what is not this job is refused", { timeout: 60_000 }, () => {
  it("another chip, another image, a job that runs, none at all", async () => {
    const journal = join(folder, "refused");
    const server = await serve();
    const line = await makeHeldLine(server.address.port);
    const port = ["-p", line.port];
    const { chip } = server.simulation;
    chip.load(0, new Uint8Array(65_536));
    try {
      const isWriting = line.holdWhen(() => chip.counters.erases > 0);
      await runCli(["write", image, "--offset", "0x100", "--journal", journal, ...port], {
        onStart: (signal) => void isWriting.then(() => signal("SIGKILL")),
      });
      line.release();
      expect(filesIn(journal)).toBe(1);
      const other = await runCli(["resume", "--journal", journal, "-p", "sim:AT25SF041B?seed=7"]);
      expect([other.code, other.stderr]).toEqual([6, expect.stringContaining("another unique ID")]);
      const wrong = join(folder, "wrong.bin");
      writeFileSync(wrong, data.slice(1));
      const stale = await runCli(["resume", "--journal", journal, "--image", wrong, ...port]);
      expect([stale.code, stale.stderr]).toEqual([9, expect.stringContaining("not the image")]);
      const again = await runCli(["write", image, "--offset", "0x100", "--journal", journal, ...port]);
      expect(again.stderr).toContain("an earlier job on this AT25SF041B was interrupted. `norbridge resume ");
      const done = await runCli(["resume", "--journal", journal, ...port]);
      expect(done.code).toBe(0);
      const none = await runCli(["resume", "--journal", journal, ...port]);
      expect([none.code, none.stderr]).toEqual([1, expect.stringContaining("there is no job to resume")]);
    } finally {
      await line.close();
      await server.close();
    }
  });
});

describe("one program works on a job", { timeout: 60_000 }, () => {
  it("the first run and its resume are known as running, also to each other, and a dead one at once", async () => {
    const journal = join(folder, "locked");
    const server = await serve();
    const line = await makeHeldLine(server.address.port);
    const port = ["-p", line.port];
    const { chip } = server.simulation;
    const old = createRandom("locked").bytes(chip.geometry.capacityBytes);
    chip.load(0, old);
    const others = async (): Promise<unknown[]> => {
      const [name = ""] = readdirSync(journal).filter((one) => one.endsWith(".journal"));
      const id = name.slice(0, -".journal".length);
      const list = await runHere(["jobs", "--journal", journal]);
      const discarded = await runHere(["jobs", "--discard", id, "--journal", journal]);
      const resumed = await runHere(["resume", id, "--journal", journal, ...port]);
      return [/^[0-9a-f]{8} +([a-z]+)/.exec(list.stdout)?.[1], discarded.code, resumed.code, filesIn(journal)];
    };
    try {
      // Of the first run, and of its resume.
      for (const words of [["write", image, "--offset", "0x100"], ["resume"]]) {
        let seen: unknown[] = [];
        const before = chip.counters.programs;
        const isWriting = line.holdWhen(() => chip.counters.programs > before);
        await runCli([...words, "--journal", journal, ...port], {
          onStart: (signal) => {
            void isWriting.then(async () => {
              // It stands still, with all that it has, until the others have looked.
              signal("SIGSTOP");
              seen = await others();
              signal("SIGKILL");
            });
          },
        });
        line.release();
        expect(seen, words[0]).toEqual(["running", 8, 8, 1]);
        expect((await runHere(["jobs", "--journal", journal])).stdout).toMatch(/^[0-9a-f]{8} +interrupted/);
      }
      const done = await runCli(["resume", "--journal", journal, ...port]);
      expect([done.code, filesIn(journal)], done.stderr).toEqual([0, 0]);
      expect(readdirSync(journal)).toEqual([]);
      const expected = old.slice();
      expected.set(data, 0x100);
      expect(Buffer.compare(chip.peek(0, old.length), expected)).toBe(0);
    } finally {
      await line.close();
      await server.close();
    }
  });
});

function filesIn(path: string): number {
  try {
    return readdirSync(path).filter((name) => name.endsWith(".journal")).length;
  } catch {
    return 0;
  }
}
