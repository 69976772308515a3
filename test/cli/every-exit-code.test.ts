/** One way to each exit code, through the real program. What a program cannot be brought to (70) is tested inside. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureBuilt, runCli, runQuickly } from "../support/cli.ts";
import { effort } from "../support/effort.ts";
import { jsonLines } from "../support/fake-io.ts";
import { makeHeldLine } from "../support/held-line.ts";

let folder = "";
beforeAll(() => {
  ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), "norbridge-exit-"));
  writeFileSync(join(folder, "image.bin"), Buffer.alloc(65_536, "norbridge "));
}, 120_000);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A TCP server that answers every chunk with `answer`; nothing if that is empty. */
async function listen(answer: string): Promise<{ readonly port: string; readonly server: Server }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", () => answer !== "" && socket.write(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.on("close", () => undefined);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  const close = server.close.bind(server);
  server.close = (callback) => {
    for (const socket of sockets) socket.destroy();
    return close(callback);
  };
  return { port: `tcp://127.0.0.1:${address.port}`, server };
}

async function expectCode(words: readonly string[], code: number, name: string): Promise<void> {
  const people = await runQuickly(words, { cwd: folder });
  expect(people.stderr).toMatch(/^(warning: .*\n)*error: .*\n/m);
  expect(people.code).toBe(code);
  const machine = await runQuickly([...words, "--json"], { cwd: folder });
  expect(machine.code).toBe(code);
  expect(machine.stderr).toBe("");
  expect(jsonLines(machine.stdout).at(-1)).toMatchObject({ v: 1, type: "result", ok: false, code: name });
}

describe("exit codes", () => {
  it("0: done", async () => {
    expect((await runCli(["info", "-p", "sim:AT25SF041"])).code).toBe(0);
  });

  it("1: the check says no", async () => {
    const { code, stdout } = await runCli(["verify", "image.bin", "-p", "sim:AT25SF041"], { cwd: folder });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^the chip differs from the file in /);
  });

  it("2: bad usage", () => expectCode(["read"], 2, "USAGE"));

  it("3: no such port", () => expectCode(["info", "-p", "/dev/norbridge-no-such-port"], 3, "PORT_NOT_FOUND"));

  it("3: nothing listens", async () => {
    const { port, server } = await listen("");
    server.close();
    await expectCode(["info", "-p", port], 3, "PORT_NOT_FOUND");
  });

  const python = spawnSync("python3", ["-c", "import pty, fcntl"]).status === 0;
  it.skipIf(!python)("4: another process has the port", async () => {
    const script =
      "import pty, os, fcntl, sys\n_, slave = pty.openpty()\nfcntl.flock(slave, fcntl.LOCK_EX)\n" +
      "print(os.ttyname(slave), flush=True)\nsys.stdin.read()\n";
    const holder = spawn("python3", ["-c", script]);
    try {
      const name = await new Promise<string>((resolve) => {
        holder.stdout.setEncoding("utf8").once("data", (text: string) => {
          resolve(text.trim());
        });
      });
      await expectCode(["info", "-p", name], 4, "PORT_BUSY");
    } finally {
      holder.stdin.end();
    }
  });

  it("5: the bridge is silent", async () => {
    const { port, server } = await listen("");
    await expectCode(["info", "-p", port], 5, "BRIDGE_SILENT");
    server.close();
  });

  it("5: another device", async () => {
    const { port, server } = await listen("login: \r\n");
    const { code } = await runCli(["info", "-p", port]);
    expect(code).toBe(5);
    server.close();
  });

  it.each(["ff", "00"])("6: no chip, all %s", async (level) => {
    await expectCode(["info", "-p", `sim:AT25SF041?missing=${level}`], 6, "CHIP_MISSING");
  });

  it("9: no such file", () => expectCode(["write", "missing.bin", "-p", "sim:AT25SF041"], 9, "FILE_INVALID"));

  it("130: Ctrl-C before any change", async () => {
    const { port, server } = await listen("");
    server.once("connection", () => {
      // The program is connected and waits for an answer that never comes.
      running.kill?.("SIGINT");
    });
    const running: { kill?: (signal: NodeJS.Signals) => void } = {};
    const { code, stderr } = await runCli(["write", "image.bin", "-p", port], {
      cwd: folder,
      onStart: (kill) => {
        running.kill = kill;
      },
    });
    server.close();
    expect(code).toBe(130);
    expect(stderr).toMatch(/^warning: stopping .*\nerror: cancelled before anything was changed\nhint: {2}.*\n$/);
  });
});

describe("a simulated chip keeps its bytes between runs", () => {
  it("write, verify, read, compare", async () => {
    const port = ["-p", "sim:AT25SF041?file=chip.bin"];
    const write = await runQuickly(["write", "image.bin", ...port], { cwd: folder });
    expect(write.stderr).not.toMatch(/warning|error/);
    expect(write.code).toBe(0);
    expect((await runQuickly(["verify", "image.bin", ...port], { cwd: folder })).code).toBe(0);
    expect((await runQuickly(["read", "back.bin", "--length", "64k", ...port], { cwd: folder })).code).toBe(0);
    expect(readFileSync(join(folder, "back.bin")).equals(readFileSync(join(folder, "image.bin")))).toBe(true);
    expect((await runQuickly(["erase", "--range", "0,64k", ...port], { cwd: folder })).code).toBe(0);
    expect((await runQuickly(["blank-check", ...port], { cwd: folder })).code).toBe(0);
  });
});

describe("sim", () => {
  /** Serves a chip, runs `use` with the port to give, then stops the server by Ctrl-C. Returns the server's exit code. */
  async function served(words: readonly string[], use: (port: readonly string[]) => Promise<void>): Promise<number> {
    let using: Promise<unknown> | undefined;
    const server = await runCli(["sim", "--chip", "AT25SF041", "--listen", "127.0.0.1:0", ...words], {
      cwd: folder,
      onStderr: (text, kill) => {
        const place = /^listening on (127\.0\.0\.1:\d+)$/m.exec(text)?.[1];
        if (place === undefined || using !== undefined) return;
        using = use(["-p", `tcp://${place}`])
          .then(
            () => "used",
            (error: unknown) => error,
          )
          .finally(() => {
            kill("SIGINT");
          });
      },
    });
    expect(await using).toBe("used");
    return server.code;
  }

  it("serves until Ctrl-C, and keeps the chip's bytes", async () => {
    const code = await served(["--image", "served.bin"], async (port) => {
      expect((await runQuickly(["write", "image.bin", ...port], { cwd: folder })).code).toBe(0);
      expect((await runQuickly(["verify", "image.bin", ...port], { cwd: folder })).code).toBe(0);
    });
    expect(code).toBe(0);
    const image = readFileSync(join(folder, "image.bin"));
    expect(readFileSync(join(folder, "served.bin")).subarray(0, image.length).equals(image)).toBe(true);
  });

  it("10: Ctrl-C in the middle of a write; the same command again ends it", async () => {
    const bytes = Buffer.alloc(effort(131_072, 524_288));
    for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE(Math.imul(at + 1, 0x9e3779b1) >>> 0, at);
    writeFileSync(join(folder, "large.bin"), bytes);
    await served(["--image", "slow.bin"], async ([, port = ""]) => {
      const line = await makeHeldLine(Number(/\d+$/.exec(port)?.[0]));
      // A third of the image is on its way, and no more goes before the program knows that it is to stop.
      const isMiddle = line.holdWhen((sentBytes) => sentBytes > bytes.length / 3);
      const first = await runCli(["write", "large.bin", "-p", line.port], {
        cwd: folder,
        onStart: (kill) => void isMiddle.then(() => kill("SIGINT")),
        onStderr: (text) => {
          if (/^warning: stopping /m.test(text)) line.release();
        },
      });
      await line.close();
      expect(first.stderr).toMatch(/^hint: {2}Repeat the command: data that already matches is skipped/m);
      expect(first.code).toBe(10);
      expect((await runQuickly(["write", "large.bin", "-p", port], { cwd: folder })).code).toBe(0);
    });
    expect(readFileSync(join(folder, "slow.bin")).subarray(0, bytes.length).equals(bytes)).toBe(true);
  });
});
