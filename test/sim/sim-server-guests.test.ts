/** Clients of a served simulator that do not behave: none of them is another one's trouble. */
import { connect, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { realClock } from "../../src/clock.ts";
import { createRandom } from "../../src/sim/random.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { serveSimulation, type SimServer } from "../../src/sim/sim-server.ts";
import { runHere } from "../support/cli.ts";
import { effort } from "../support/effort.ts";

let server: SimServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serve(settings: Record<string, string> = {}, idleUs?: number): Promise<string> {
  const params = parseSimParameters("AT25SF041", new Map(Object.entries({ protocol: "both", ...settings })));
  const idle = idleUs === undefined ? {} : { idleUs };
  server = await serveSimulation({ params, host: "127.0.0.1", port: 0, realtime: false, clock: realClock, ...idle });
  return `tcp://127.0.0.1:${server.address.port}`;
}

function guest(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(server?.address.port ?? 0, "127.0.0.1", () => {
      resolve(socket);
    });
    socket.on("error", reject);
  });
}

/** Sends and leaves; resolves when the server has let go. */
async function visit(bytes: Uint8Array): Promise<void> {
  const socket = await guest();
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("data", () => undefined);
  socket.end(bytes);
  await closed;
}

it("a second client hears that the port is in use, whatever it speaks", async () => {
  const port = await serve();
  const first = await guest();
  try {
    for (const protocol of ["auto", "native", "serprog"]) {
      const done = await runHere(["info", "-p", port, "--protocol", protocol]);
      expect([done.code, done.stderr]).toEqual([
        4,
        expect.stringContaining("another client is connected to this simulator"),
      ]);
    }
  } finally {
    first.destroy();
  }
});

it("a client that has said nothing for long gives way", async () => {
  const port = await serve({}, 0);
  const first = await guest();
  const closed = new Promise<void>((resolve) => first.once("close", () => resolve()));
  first.on("data", () => undefined);
  expect((await runHere(["info", "-p", port])).code).toBe(0);
  await closed;
});

it("whatever a client has left half said, the next one is answered", { timeout: 120_000 }, async () => {
  const random = createRandom("guests");
  const spi = Uint8Array.of(0x13, 0xff, 0xff, 0xff, 0, 0, 0);
  const frame = Uint8Array.of(0xd5, 0x99, 0xc6, 0x30, 0, 0, 0, 0, 1, 2, 3, 4);
  for (let round = 0; round < effort(10, 150); round++) {
    const port = await serve();
    const bytes = random.pick([
      spi.subarray(0, 1 + random.intBelow(7)),
      frame.subarray(0, 1 + random.intBelow(12)),
      Uint8Array.of(0x13, 4, 0, 0, 3, 0, 0, 0x9f),
      random.bytes(1 + random.intBelow(5000)),
      new Uint8Array(70_000).fill(random.intBelow(256)),
    ]);
    await visit(bytes);
    const protocol = random.pick(["auto", "native", "serprog"]);
    const done = await runHere(["info", "-p", port, "--protocol", protocol]);
    expect(done.code, `${Buffer.from(bytes.subarray(0, 20)).toString("hex")} then ${protocol}: ${done.stderr}`).toBe(0);
    await server?.close();
  }
});

it("a client that sends faster than it is worked off waits, and the server does not grow", {
  timeout: 120_000,
}, async () => {
  const port = await serve();
  const socket = await guest();
  socket.on("data", () => undefined);
  const before = process.memoryUsage().rss;
  // NOPs, each of which is answered, as many as go out while the server works; then it is left.
  const chunk = new Uint8Array(1024 * 1024);
  let sent = 0;
  for (let round = 0; round < effort(1, 8); round++) {
    if (!socket.write(chunk)) await new Promise<void>((resolve) => socket.once("drain", () => resolve()));
    sent += chunk.length;
  }
  expect(sent).toBeGreaterThan(1e6);
  // Bytes that pile up cost some fifty times their number.
  expect(process.memoryUsage().rss - before).toBeLessThan(60 * 2 ** 20);
  socket.destroy();
  // What the system still holds for the server is worked off first.
  for (let tries = 0; ; tries++) {
    const done = await runHere(["info", "-p", port]);
    if (done.code === 0) break;
    expect([done.code, tries < 200], done.stderr).toEqual([4, true]);
  }
});
