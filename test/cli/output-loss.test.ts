/** Outputs that fail end no job, and are said; a job that is asked to end ends, whatever it waits for. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { realClock } from "../../src/clock.ts";
import { createRandom } from "../../src/sim/random.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { serveSimulation } from "../../src/sim/sim-server.ts";
import { effort } from "../support/effort.ts";
import { cliProgram, ensureBuilt, runCli } from "../support/cli.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-output-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const path = (name: string): string => join(folder, name);
const image = createRandom("output").bytes(9000);
writeFileSync(path("image.bin"), image);

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program in a shell: `redirect` is what the shell does with its outputs. */
function shell(words: string, redirect: string): Ended {
  ensureBuilt();
  const script = `cd ${folder}; node ${cliProgram} ${words} ${redirect}; echo "exit $?" >&3`;
  const options = { env: { ...process.env, XDG_STATE_HOME: path("state") }, encoding: "utf8" as const };
  const said = path("said");
  const stdout = execFileSync("bash", ["-c", `( ${script} ) 3>${said}.code 2>${said}.err`], options);
  const code = Number(/exit (\d+)/.exec(readFileSync(`${said}.code`, "utf8"))?.[1]);
  return { code, stdout, stderr: readFileSync(`${said}.err`, "utf8") };
}

describe.skipIf(!existsSync("/dev/full"))("an output on a full disk", () => {
  it.each(["info -p sim:AT25SF041", "--help", "dump --length 64k -p sim:AT25SF041"])(
    "is exit 9 and a sentence: %s",
    (words) => {
      const { code, stderr } = shell(words, ">/dev/full");
      expect([code, stderr]).toEqual([
        9,
        expect.stringContaining("error: standard output could not be written: no space is left on the disk"),
      ]);
    },
  );

  it.each(["--json >/dev/full", ">/dev/full", "2>/dev/full", "--json >/dev/full 2>/dev/full", "-q >/dev/full"])(
    "ends no job: write %s",
    (redirect) => {
      rmSync(path("chip.bin"), { force: true });
      const { code } = shell("write image.bin -p 'sim:AT25SF041?file=chip.bin'", redirect);
      // With -q there is nothing to write, so nothing is lost.
      expect(code).toBe(redirect.startsWith("-q") ? 0 : 9);
      expect(Buffer.compare(readFileSync(path("chip.bin")).subarray(0, image.length), image)).toBe(0);
    },
  );

  it("loses to the job's own failure", () => {
    const { code, stderr } = shell("write image.bin --offset 1G -p sim:AT25SF041 --json", ">/dev/full");
    expect(code).toBe(9);
    expect(stderr).toContain("the command itself ended with exit 9");
    const usage = shell("write --json", ">/dev/full");
    expect(usage.code).toBe(2);
  });
});

it("a file that takes only a part is noticed, also where it is the last part", () => {
  ensureBuilt();
  const limited = `trap '' XFSZ; ulimit -f 4; node ${cliProgram} dump --length 64k -p sim:AT25SF041 >part.txt`;
  const done = spawnInShell(limited);
  expect(done.code, done.stderr).toBe(9);
  expect(done.stderr).toContain("standard output could not be written: the file is too large for the file system");
});

it("a recording that cannot grow ends no job, and is exit 9", () => {
  const limited = `trap '' XFSZ; ulimit -f 8; node ${cliProgram} write image.bin -p sim:AT25SF041 --record a.rec`;
  ensureBuilt();
  rmSync(path("a.rec"), { force: true });
  const done = spawnInShell(limited);
  expect(done.code, done.stderr).toBe(9);
  expect(done.stdout).toContain("wrote 9000 bytes");
  expect(done.stderr).toContain("the recording a.rec is incomplete: the file is too large for the file system");
  // What is there can be played back up to its end.
  expect(readFileSync(path("a.rec"), "utf8").startsWith('{"v":1,"type":"recording"')).toBe(true);
});

function spawnInShell(script: string): Ended {
  const said = path("said");
  const stdout = execFileSync("bash", ["-c", `cd ${folder}; ( ${script} ) 2>${said}.err; echo "exit $?"`], {
    encoding: "utf8",
    env: { ...process.env, XDG_STATE_HOME: path("state") },
  });
  return {
    code: Number(/exit (\d+)\n$/.exec(stdout)?.[1]),
    stdout,
    stderr: readFileSync(`${said}.err`, "utf8"),
  };
}

/** C33. */
it("a reader that goes away ends a dump quietly, and no write", () => {
  const dump = spawnInShell(`set -o pipefail; node ${cliProgram} dump -p sim:AT25SF041 | head -n 1`);
  expect([dump.code, dump.stderr]).toEqual([0, ""]);
  // Only what was asked is the exit code: they differ, and a line of that was read.
  const diff = spawnInShell(`set -o pipefail; node ${cliProgram} diff image.bin -q -p sim:AT25SF041 | head -n 1`);
  expect(diff.code, diff.stderr).toBe(1);
  rmSync(path("chip.bin"), { force: true });
  const write = spawnInShell(
    `set -o pipefail; node ${cliProgram} write image.bin --json -p 'sim:AT25SF041?file=chip.bin' | head -c 1 >/dev/null`,
  );
  expect(write.code, write.stderr).toBe(0);
  expect(Buffer.compare(readFileSync(path("chip.bin")).subarray(0, image.length), image)).toBe(0);
});

/**
 * In front of a simulated bridge; after this many bytes up nothing goes through any more, and `chatter` is said instead. Calls
 * `onFrozen` when the host has sent into the freeze.
 */
async function freezingProxy(
  target: AddressInfo,
  afterBytes: number,
  chatter: Uint8Array,
  onFrozen: () => void,
): Promise<Server> {
  const server = createServer((host) => {
    const bridge: Socket = connect(target.port, "127.0.0.1");
    let up = 0;
    let timer: NodeJS.Timeout | undefined;
    host.on("data", (bytes) => {
      up += bytes.length;
      if (up < afterBytes) {
        bridge.write(bytes);
        return;
      }
      timer ??= setInterval(() => host.write(chatter), 50);
      onFrozen();
    });
    bridge.on("data", (bytes) => {
      if (up < afterBytes) host.write(bytes);
    });
    const end = (): void => {
      clearInterval(timer);
      host.destroy();
      bridge.destroy();
    };
    for (const socket of [host, bridge]) socket.on("error", end).on("close", end);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

describe("asked to end", () => {
  const freezes = [
    ["SIGTERM", 4000, Uint8Array.of(0xd5, 0x80)],
    ["SIGINT", 4000, Uint8Array.of(0xd5, 0x80)],
    ["SIGINT", 0, new Uint8Array()],
    ["SIGTERM", 9000, new Uint8Array(64)],
  ] as const;
  it.each(freezes.slice(0, effort(1, 4)))(
    "%s ends a write whose bridge freezes after %d bytes",
    { timeout: 60_000 },
    async (signal, bytes, chatter) => {
      ensureBuilt();
      const params = parseSimParameters("AT25SF041", new Map());
      const sim = await serveSimulation({ params, host: "127.0.0.1", port: 0, realtime: false, clock: realClock });
      // In the middle, and before any deadline of the link.
      let ask: () => void = () => undefined;
      const proxy = await freezingProxy(sim.address as AddressInfo & typeof sim.address, bytes, chatter, () => {
        ask();
      });
      try {
        const port = `tcp://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
        const ended = await new Promise<{ code: number | null; killed: boolean; stderr: string }>((resolve) => {
          const words = ["write", path("image.bin"), "-p", port, "--protocol", "native"];
          const child = spawn(process.execPath, [cliProgram, ...words], {
            env: { ...process.env, XDG_STATE_HOME: path("state") },
          });
          let stderr = "";
          let killed = false;
          child.stderr.on("data", (said: Buffer) => (stderr += said.toString()));
          ask = () => {
            ask = () => undefined;
            child.kill(signal);
          };
          // This is what fails the test.
          const kill = setTimeout(() => {
            killed = true;
            child.kill("SIGKILL");
          }, 12_000);
          child.on("close", (code) => {
            clearTimeout(kill);
            resolve({ code, killed, stderr });
          });
        });
        expect(ended.killed, ended.stderr).toBe(false);
        expect([10, 130], ended.stderr).toContain(ended.code);
      } finally {
        proxy.close();
        await sim.close();
      }
    },
  );
});

/** Runs the words on a terminal of their own, and closes that when they have said something; says how they ended. */
const HANG_UP = `
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
said = os.read(fd, 1000)
os.close(fd)
status = os.waitpid(pid, 0)[1]
print(said.decode().strip(), end=" ")
print("signal", os.WTERMSIG(status)) if os.WIFSIGNALED(status) else print("exit", os.WEXITSTATUS(status))
`;
const hasPython = spawnSync("python3", ["--version"]).error === undefined;

it.skipIf(process.platform === "win32" || !hasPython)(
  "a terminal that is closed ends a server, without a crash",
  () => {
    ensureBuilt();
    const words = [process.execPath, cliProgram, "sim", "--chip", "AT25SF041", "--listen", "127.0.0.1:0"];
    const ended = execFileSync("python3", ["-c", HANG_UP, ...words], { encoding: "utf8" });
    // Node 20 would abort with a core dump (6 or 11); 1 is SIGHUP.
    expect(ended).toMatch(/^listening on [0-9.:]+ signal 1\n$/);
  },
);

it("a foreign chip name cannot speak to the terminal at the end of a command either", async () => {
  const done = await runCli(["chips", "\u001b]0;PWN\u0007"]);
  expect(done.stdout + done.stderr).not.toMatch(/[\u001b\u0007]/);
});
