/** The command line over serprog, as a user types it: child processes, sockets, real time. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { realClock } from "../../src/clock.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { serveSimulation, type SimServer } from "../../src/sim/sim-server.ts";
import { pattern } from "../bridge/serprog/serprog-world.ts";
import { runQuickly as runCli } from "../support/cli.ts";
import { effort } from "../support/effort.ts";
import { makePty, ptyMissing } from "../support/pty.ts";

let folder: string;
const file = (name: string): string => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "norbridge-serprog-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function serve(settings: Record<string, string>): Promise<SimServer> {
  return serveSimulation({
    params: parseSimParameters("AT25SF041", new Map(Object.entries(settings))),
    host: "127.0.0.1",
    port: 0,
    realtime: false,
    clock: realClock,
  });
}

/** The last line of `--json`. */
async function lastLine(words: readonly string[]): Promise<unknown> {
  const { stdout } = await runCli([...words, "--json"]);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}

describe("a serprog bridge on a socket", { timeout: 60_000 }, () => {
  it.each([
    ["frser-duino", [], false, "frser-duino has a UART"],
    ["pico-serprog", ["--checked"], true, "specified by --checked"],
  ] as const)("%s %j is found by itself, written, read and verified", async (bridge, words, isChecked, why) => {
    const server = await serve({ bridge });
    try {
      const port = ["-p", `tcp://127.0.0.1:${server.address.port}`, ...words];
      expect(await lastLine(["info", ...port])).toMatchObject({
        ok: true,
        bridge: { protocol: "serprog", boardName: bridge, isUnchecked: !isChecked },
        line: { isChecked, why },
      });
      const image = pattern(100_000);
      writeFileSync(file("image.bin"), image);
      const write = await runCli(["write", file("image.bin"), ...port]);
      expect(write.code, write.stderr).toBe(0);
      expect(Buffer.compare(server.simulation.chip.peek(0, image.length), image)).toBe(0);
      const read = await lastLine(["read", file("read.bin"), ...port, "--length", "100000"]);
      expect(read).toMatchObject({ ok: true, readsTwice: !isChecked });
      expect(Buffer.compare(readFileSync(file("read.bin")), image)).toBe(0);
      const verify = await runCli(["verify", file("image.bin"), ...port, "--protocol", "serprog"]);
      expect(verify.code, verify.stderr).toBe(0);
    } finally {
      await server.close();
    }
  });

  it("on tcp:// a bridge may be behind a serial server, so reads are made twice unless --checked is given", async () => {
    const server = await serve({ bridge: "pico-serprog" });
    try {
      const port = ["-p", `tcp://127.0.0.1:${server.address.port}`, "--protocol", "serprog"];
      expect(await lastLine(["info", ...port])).toMatchObject({
        bridge: { isUnchecked: true },
        line: { isChecked: false, why: expect.stringContaining("tcp:// may lead to a serial server") as unknown },
      });
      const read = ["read", file("read.bin"), "--length", "4096", ...port];
      expect(await lastLine(read)).toMatchObject({ ok: true, readsTwice: true });
      expect(await lastLine([...read, "--checked"])).toMatchObject({ ok: true, readsTwice: false });
      const { stdout } = await runCli(["info", ...port]);
      expect(stdout).toMatch(/^ {2}link +unchecked: tcp:\/\/ may lead to a serial server; add --checked/m);
    } finally {
      await server.close();
    }
  });

  it("--unchecked says that there is a UART, --checked that there is none; not both, and not against what is known", async () => {
    const sim = (bridge: string): string[] => ["info", "-p", `sim:AT25SF041?bridge=${bridge}`];
    const said = "specified by --unchecked";
    expect(await lastLine([...sim("pico-serprog"), "--unchecked"])).toMatchObject({
      line: { isChecked: false, why: said },
    });
    expect(await lastLine(sim("pico-serprog"))).toMatchObject({ line: { isChecked: true } });
    expect(await lastLine(sim("large"))).toMatchObject({ line: { isChecked: true, why: "every frame has a CRC" } });
    const against = await runCli([...sim("frser-duino"), "--checked"]);
    expect([against.code, against.stderr]).toEqual([0, expect.stringContaining("has a UART")]);
    const both = await runCli([...sim("pico-serprog"), "--checked", "--unchecked"]);
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining("cannot be used together")]);
  });

  it.skipIf(ptyMissing !== undefined)(
    `over a pseudo terminal and the real serial binding (${ptyMissing ?? "there is one"})`,
    async () => {
      const server = await serve({ bridge: "pico-serprog" });
      const pty = await makePty();
      pty.peer.relay(connect(server.address.port, "127.0.0.1"));
      try {
        const image = pattern(20_000);
        writeFileSync(file("image.bin"), image);
        const write = await runCli(["write", file("image.bin"), "-p", pty.path]);
        expect(write.code, write.stderr).toBe(0);
        expect(Buffer.compare(server.simulation.chip.peek(0, image.length), image)).toBe(0);
        // What a terminal is connected to is not known: its bytes count as unchecked.
        const read = await runCli(["read", file("read.bin"), "-p", pty.path, "--length", "20000"]);
        expect(read.stderr + read.stdout).toContain("read twice");
        expect(Buffer.compare(readFileSync(file("read.bin")), image)).toBe(0);
      } finally {
        await pty.peer.vanish();
        await server.close();
      }
    },
  );

  it("--fast reads once, --paranoid twice and the rest of the chip as well, and the two exclude each other", async () => {
    const port = "sim:AT25SF041?bridge=frser-duino&file=" + file("chip.bin");
    const readsTwice = async (...care: string[]): Promise<unknown> => {
      const { stdout } = await runCli(["read", file("read.bin"), "-p", port, "--length", "64k", "--json", ...care]);
      const last: unknown = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
      return typeof last === "object" && last !== null ? Reflect.get(last, "readsTwice") : undefined;
    };
    expect(await readsTwice()).toBe(true);
    expect(await readsTwice("--fast")).toBe(false);
    expect(await readsTwice("--paranoid")).toBe(true);
    writeFileSync(file("image.bin"), pattern(5000));
    const write = await runCli(["write", file("image.bin"), "-p", port, "--offset", "0x3000", "--paranoid"]);
    expect(write.code, write.stderr).toBe(0);
    const both = await runCli(["info", "-p", port, "--paranoid", "--fast"]);
    expect(both.code).toBe(2);
  });

  it("a bridge that asks for native where it has only serprog is told so", async () => {
    const { code, stderr } = await runCli(["info", "-p", "sim:AT25SF041?bridge=frser-duino", "--protocol", "native"]);
    expect(code).toBe(5);
    expect(stderr).toContain("hint:");
  });
});

describe("something on the port that is no bridge", { timeout: 60_000 }, () => {
  async function strangerAt(answer: (socket: Socket) => void, job: (port: string) => Promise<void>): Promise<void> {
    const sockets = new Set<Socket>();
    const server: Server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      answer(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no address");
    try {
      await job(`tcp://127.0.0.1:${address.port}`);
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  }

  it.each(effort(["auto"], ["auto", "serprog"]))(
    "%s: one that never answers ends with exit code 5",
    async (protocol) => {
      await strangerAt(
        (socket) => void socket.resume(),
        async (port) => {
          const { code, stderr } = await runCli(["info", "-p", port, "--protocol", protocol]);
          expect(code).toBe(5);
          expect(stderr).toContain("does not respond");
        },
      );
    },
  );

  it("one that never stops sending ends with exit code 5", async () => {
    await strangerAt(
      (socket) => {
        const talk = (): void => {
          if (!socket.destroyed) socket.write("noise noise noise ", () => setImmediate(talk));
        };
        talk();
      },
      async (port) => {
        const { code, stderr } = await runCli(["info", "-p", port, "--protocol", "serprog"]);
        expect(code).toBe(5);
        // On a busy machine the noise has gaps.
        expect(stderr).toMatch(/does not stop sending|is not a serprog bridge/);
      },
    );
  });
});
