/**
 * Clients that send faster than the bridge works, or read nothing of what it returns: what the server keeps for them is
 * bounded at every moment, and gone when they are.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { encodeFrame, FRAME_TYPE } from "../../firmware-protocol/frame.ts";
import { encodeHello } from "../../firmware-protocol/hello.ts";
import { OPCODE } from "../../firmware-protocol/serprog/command.ts";
import { openBridge, type ProtocolChoice } from "../../src/bridge/open-bridge.ts";
import { realClock } from "../../src/clock.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { serveSimulation, type SimServer } from "../../src/sim/sim-server.ts";
import { openTcp } from "../../src/transport/tcp.ts";
import { cliProgram, ensureBuilt } from "../support/cli.ts";
import { effort, sayCount } from "../support/effort.ts";
import { randomFrom, readId } from "./client.ts";

const MIB = 2 ** 20;
/** The world's 32 KiB, 64 KiB read ahead and what the system hands over at once. */
const BOUND_BYTES = MIB / 2;
/** Where answers are longer than questions: what those become (33 bytes for one), 1 MiB for the socket, a slice of work. */
const BOUND_OF_ANSWERS_BYTES = 4 * MIB;
const FLOOD_BYTES = effort(1, 8) * MIB;

let server: SimServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serve(settings: Record<string, string>, realtime = false): Promise<SimServer> {
  const params = parseSimParameters("AT25SF041", new Map(Object.entries(settings)));
  server = await serveSimulation({ params, host: "127.0.0.1", port: 0, realtime, clock: realClock });
  return server;
}

const repeated = (...word: readonly number[]): Uint8Array =>
  new Uint8Array(65_536 - (65_536 % word.length)).map((_, index) => word[index % word.length] ?? 0);
const framed = (type: number): Uint8Array =>
  repeated(...encodeFrame({ type, session: 1, offset: 0, ack: 0, payload: Uint8Array.of(1, 2, 3, 4) }));

interface Flood {
  readonly word: Uint8Array;
  readonly boundBytes: number;
}

/** What is sent again and again. */
const FLOODS: readonly (readonly [string, Flood])[] = [
  ["answers 33 times as long", { word: repeated(OPCODE.queryCommandMap), boundBytes: BOUND_OF_ANSWERS_BYTES }],
  [
    "reads of 16 MiB",
    {
      word: repeated(OPCODE.spiOperation, 4, 0, 0, 0xff, 0xff, 0xff, 0x03, 0, 0, 0),
      boundBytes: BOUND_OF_ANSWERS_BYTES,
    },
  ],
  ["answers as long as the question", { word: repeated(OPCODE.nop), boundBytes: BOUND_BYTES }],
  [
    "native: the same greeting",
    { word: repeated(...encodeHello(randomFrom(1)).bytes), boundBytes: BOUND_OF_ANSWERS_BYTES },
  ],
  ["unknown commands", { word: repeated(0xee), boundBytes: BOUND_BYTES }],
  [
    "programs without write enable",
    { word: repeated(OPCODE.spiOperation, 5, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0x55), boundBytes: BOUND_BYTES },
  ],
  [
    "data for operations of 16 MiB",
    { word: repeated(OPCODE.spiOperation, 0xff, 0xff, 0xff, 0, 0, 0, 0x01), boundBytes: BOUND_BYTES },
  ],
  ["native: frames of no session", { word: framed(FRAME_TYPE.ping), boundBytes: BOUND_BYTES }],
  ["native: nonsense behind a marker", { word: repeated(0xd5, 0x5a, 1), boundBytes: BOUND_BYTES }],
];

/** Sends until all is sent, or this many turns of the event loop have moved nothing. Returns what the server held at most. */
async function flood(socket: Socket, word: Uint8Array, running: SimServer): Promise<number> {
  let most = 0;
  let sent = 0;
  let idleTurns = 0;
  while (sent < FLOOD_BYTES && idleTurns < 300) {
    if (socket.writableLength < MIB) {
      socket.write(word);
      sent += word.length;
      idleTurns = 0;
    }
    idleTurns++;
    await new Promise((resolve) => setImmediate(resolve));
    most = Math.max(most, running.heldBytes);
  }
  return most;
}

async function client({ address }: SimServer, reads: boolean): Promise<Socket> {
  const socket = connect(address);
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.on("error", () => undefined);
  if (reads) socket.on("data", () => undefined);
  else socket.pause();
  return socket;
}

/** The next one who comes reads the chip's name. */
async function nextIsServed({ address }: SimServer, protocol: ProtocolChoice): Promise<void> {
  const duplex = await openTcp(address.host, address.port);
  const bridge = await openBridge(duplex, { clock: realClock, protocol, random: randomFrom(1) });
  expect(await readId(bridge)).toEqual([0x1f, 0x84, 0x01]);
  await bridge.close();
}

describe.each([
  ["reads its answers", true, effort(4, FLOODS.length)],
  ["reads nothing", false, effort(2, FLOODS.length)],
] as const)("a client that floods and %s", (_, reads, count) => {
  it.each(FLOODS.slice(0, count))("%s", async (what, { word, boundBytes }) => {
    const running = await serve({ bridge: "large", protocol: "both", usb: "fs" });
    const socket = await client(running, reads);
    expect(await flood(socket, word, running), what).toBeLessThan(boundBytes);
    socket.destroy();
    await nextIsServed(running, "auto");
    expect(running.heldBytes).toBeLessThan(65_536);
    expect(running.simulation.violations.length).toBeLessThanOrEqual(30_000);
  });
});

it("a client that floods a slow line and leaves is not waited for", async () => {
  // What it has sent would take minutes.
  const running = await serve({ bridge: "frser-duino", baud: "115200" }, true);
  const socket = await client(running, true);
  expect(await flood(socket, repeated(OPCODE.nop), running)).toBeLessThan(BOUND_BYTES);
  socket.destroy();
  await nextIsServed(running, "serprog");
});

it("clients that are refused and never hang up are let go of", async () => {
  // Waits of the server end at once.
  const clock = {
    nowUs: () => realClock.nowUs(),
    wait: (_: number, signal?: AbortSignal) => realClock.wait(0, signal),
  };
  const params = parseSimParameters("AT25SF041", new Map([["protocol", "both"]]));
  server = await serveSimulation({ params, host: "127.0.0.1", port: 0, realtime: false, clock });
  const first = await client(server, true);
  const socketCount = (): number => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
  const before = socketCount();
  const stubborn: Socket[] = [];
  // Each sends, keeps its side open and stays.
  for (let count = 0; count < 20; count++) {
    const socket = connect({ ...server.address, allowHalfOpen: true });
    socket.on("error", () => undefined);
    const told = new Promise((resolve) => socket.once("data", resolve));
    socket.write(new Uint8Array(1000));
    expect(String(await told)).toContain("another client is connected");
    stubborn.push(socket);
  }
  for (let turns = 0; turns < 10_000 && socketCount() > before + stubborn.length; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  // Their own ends are left, and none of the server's.
  expect(socketCount()).toBeLessThanOrEqual(before + stubborn.length);
  for (const socket of stubborn) socket.destroy();
  first.destroy();
});

const isLinux = process.platform === "linux";
it.runIf(isLinux && effort(false, true))("seconds of each flood: the memory of the server stays flat", async () => {
  ensureBuilt();
  const words = ["sim", "--chip", "AT25SF041", "--listen", "127.0.0.1:0"];
  const child = spawn(process.execPath, [cliProgram, ...words], { stdio: ["ignore", "ignore", "pipe"] });
  try {
    const port = await new Promise<number>((resolve) => {
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        const found = /listening on 127\.0\.0\.1:(\d+)/.exec(text)?.[1];
        if (found !== undefined) resolve(Number(found));
      });
    });
    const residentMiB = (): number => {
      const status = readFileSync(`/proc/${child.pid ?? 0}/status`, "utf8");
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
    };
    const before = residentMiB();
    let most = before;
    for (const [, { word }] of FLOODS) {
      const socket = connect(port, "127.0.0.1");
      socket.on("data", () => undefined).on("error", () => undefined);
      const endUs = realClock.nowUs() + 1e6;
      while (realClock.nowUs() < endUs) {
        if (socket.writableLength < MIB) socket.write(word);
        await new Promise((resolve) => setImmediate(resolve));
        most = Math.max(most, residentMiB());
      }
      socket.destroy();
    }
    sayCount(`server under floods: ${before.toFixed(0)} MiB resident before, ${most.toFixed(0)} MiB at most`);
    expect(most - before).toBeLessThan(128);
  } finally {
    child.kill("SIGKILL");
  }
});
