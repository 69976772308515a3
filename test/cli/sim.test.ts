/** `norbridge sim` as a command, in this process: where it listens, whom it warns of, and who gives way to whom. */
import { connect, type Socket } from "node:net";
import { expect, it } from "vitest";
import { runCli } from "../../src/cli/program/run-cli.ts";
import { realClock } from "../../src/clock.ts";
import { runHere } from "../support/cli.ts";
import { type FakeIo, fakeIo } from "../support/fake-io.ts";

interface Running {
  readonly io: FakeIo;
  readonly port: number;
  /** Lets this many seconds pass for the server. */
  readonly pass: (seconds: number) => void;
  /** Ctrl-C; returns the exit code. */
  readonly stop: () => Promise<number>;
}

async function running(...words: readonly string[]): Promise<Running> {
  let passedUs = 0;
  const clock = { ...realClock, us: 0, nowUs: () => realClock.nowUs() + passedUs };
  const io: FakeIo = { ...fakeIo(), clock };
  const done = runCli(["sim", "--chip", "AT25SF041", ...words], io);
  const listening = /listening on \S+:(\d+)$|"type":"listening","host":"[^"]*","port":(\d+)/m;
  let found = listening.exec("");
  while (found === null) {
    await new Promise((resolve) => setImmediate(resolve));
    found = listening.exec(io.stderr.text + io.stdout.text);
  }
  return {
    io,
    port: Number(found[1] ?? found[2]),
    pass: (seconds) => void (passedUs += seconds * 1e6),
    stop() {
      io.interrupt();
      return done;
    },
  };
}

it.each([
  [["--listen", "127.0.0.1:0"], false],
  [["--listen", "localhost:0"], false],
  [["--listen", "0.0.0.0:0"], true],
  [["--listen", "0.0.0.0:0", "-q"], true],
] as const)("%j: others can reach it, and are warned of: %s", async (words, isOpen) => {
  const { io, stop } = await running(...words);
  expect(await stop()).toBe(0);
  expect(/^warning: .*any client can read and change the chip$/m.test(io.stderr.text)).toBe(isOpen);
  // Scripts take the line that begins so, and continue when they have seen it.
  expect(io.stderr.text.search(/^listening on /m)).toBeGreaterThan(io.stderr.text.search(/any client can read/));
});

it("the warning is a note with --json, where stderr says nothing", async () => {
  const { io, stop } = await running("--listen", "0.0.0.0:0", "--json");
  expect(await stop()).toBe(0);
  expect(io.stdout.text).toContain('"level":"warning","message":"0.0.0.0 is reachable from other machines');
  expect(io.stderr.text).toBe("");
});

/** A client that is there, with a promise of its end. */
async function guest(port: number): Promise<{ readonly socket: Socket; readonly closed: Promise<unknown> }> {
  const socket = connect(port, "127.0.0.1");
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.on("error", () => undefined).on("data", () => undefined);
  await new Promise((resolve) => socket.once("connect", resolve));
  return { socket, closed };
}

it.each([
  [[], 60],
  [["--idle-timeout", "20"], 20],
] as const)(
  "sim %j: a client that is silent for %d s gives way to the next, and not before",
  async (words, seconds) => {
    const { io, port, pass, stop } = await running("--listen", "127.0.0.1:0", ...words);
    const info = ["info", "-p", `tcp://127.0.0.1:${port}`];
    const { socket, closed } = await guest(port);
    pass(seconds - 10);
    const refused = await runHere(info);
    expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining("another client is connected")]);
    // A byte, and its time starts again.
    const answered = new Promise((resolve) => socket.once("data", resolve));
    socket.write(Uint8Array.of(0));
    await answered;
    pass(seconds - 10);
    expect((await runHere(info)).code).toBe(4);
    pass(10);
    expect((await runHere(info)).code).toBe(0);
    await closed;
    expect(await stop()).toBe(0);
    expect(io.stderr.text).toMatch(/^note: a client that was silent for \d+ s was replaced by another$/m);
  },
);

it("sim --idle-timeout 0: it never does", async () => {
  const { port, pass, stop } = await running("--listen", "127.0.0.1:0", "--idle-timeout", "0");
  const { socket } = await guest(port);
  pass(1e6);
  expect((await runHere(["info", "-p", `tcp://127.0.0.1:${port}`])).code).toBe(4);
  socket.destroy();
  expect(await stop()).toBe(0);
});

it("doctor says who has the port, and by which option it comes free", async () => {
  const { port, stop } = await running("--listen", "127.0.0.1:0");
  const { socket } = await guest(port);
  const { code, stdout, stderr } = await runHere(["doctor", "-p", `tcp://127.0.0.1:${port}`]);
  expect(code).toBe(1);
  expect(stdout).toContain("another client is connected to this simulator");
  expect(stdout + stderr).toContain("--idle-timeout");
  socket.destroy();
  expect(await stop()).toBe(0);
});

it.each(["-1", "1.5", "86401", "60s", "x"])("--idle-timeout %s is refused", async (text) => {
  const { code, stderr } = await runHere(["sim", "--chip", "AT25SF041", `--idle-timeout=${text}`]);
  expect([code, stderr]).toEqual([2, expect.stringContaining("it takes seconds, a whole number from 0 to 86400")]);
});
