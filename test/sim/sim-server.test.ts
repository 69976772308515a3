/** A simulated bridge served on TCP, one client at a time. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { FrameDecoder } from "../../firmware-protocol/frame-decoder.ts";
import { type Frame, FRAME_TYPE } from "../../firmware-protocol/frame.ts";
import { encodeHello } from "../../firmware-protocol/hello.ts";
import { realClock } from "../../src/clock.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { serveSimulation, type SimServer } from "../../src/sim/sim-server.ts";
import { openTcp } from "../../src/transport/tcp.ts";
import { noise, open, programSteps, randomFrom, readId, readRange, resultsOf } from "./client.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-server-"));
afterAll(() => rmSync(folder, { recursive: true }));

let server: SimServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serve(settings: Record<string, string> = {}, realtime = false): Promise<SimServer> {
  const params = parseSimParameters("AT25SF041", new Map(Object.entries(settings)));
  server = await serveSimulation({
    params,
    host: "127.0.0.1",
    port: 0,
    realtime,
    clock: realClock,
  });
  return server;
}

function socketTo({ address }: SimServer): Promise<Socket> {
  const socket = connect(address);
  return new Promise((resolve, reject) => {
    socket.once("connect", () => resolve(socket));
    socket.once("error", reject);
  });
}

describe("a simulated bridge on TCP", () => {
  it("answers HELLO on a raw socket", async () => {
    const socket = await socketTo(await serve());
    const decoder = new FrameDecoder(92);
    const answer = new Promise<Frame>((resolve) => {
      socket.on("data", (chunk) => decoder.push(chunk).forEach(resolve));
    });
    const { bytes, hello } = encodeHello(randomFrom(1));
    socket.write(bytes);
    expect(await answer).toMatchObject({ type: FRAME_TYPE.welcome, session: hello.session });
    socket.destroy();
  });

  it.each([{}, { bridge: "small" }])("serves one client after the other and keeps the chip: %j", async (settings) => {
    const file = join(folder, "chip.bin");
    rmSync(file, { force: true });
    const { address, simulation } = await serve({ file, ...settings });
    const image = noise(16 * 1024);
    const first = await open(await openTcp(address.host, address.port), realClock);
    expect(await readId(first)).toEqual([0x1f, 0x84, 0x01]);
    await resultsOf(first, programSteps(image));
    await first.close();
    const second = await open(await openTcp(address.host, address.port), realClock, 2);
    expect(Buffer.compare(await readRange(second, image.length), image)).toBe(0);
    await second.close();
    expect(simulation.violations).toEqual([]);
    await server?.close();
    expect(Buffer.compare(readFileSync(file).subarray(0, image.length), image)).toBe(0);
  });

  it("works in real time too", async () => {
    const { address } = await serve({ usb: "fs", latencyMs: "0" }, true);
    const client = await open(await openTcp(address.host, address.port), realClock);
    expect(await readId(client)).toEqual([0x1f, 0x84, 0x01]);
    expect([...(await readRange(client, 4096)).subarray(0, 2)]).toEqual([0xff, 0xff]);
    await client.close();
  });

  it("tells a second client that it is busy and closes it", async () => {
    const running = await serve();
    const first = await socketTo(running);
    const second = await socketTo(running);
    const told = new Promise<string>((resolve) => second.once("data", (chunk) => resolve(chunk.toString())));
    expect(await told).toContain("another client is connected");
    await new Promise((resolve) => second.once("close", resolve));
    first.destroy();
  });

  it("closes with a client connected, twice", async () => {
    const running = await serve();
    const socket = await socketTo(running);
    const gone = new Promise((resolve) => socket.once("close", resolve));
    await running.close();
    await running.close();
    await gone;
    await running.closed;
  });

  it("says what is wrong with the address", async () => {
    const { address } = await serve();
    const params = parseSimParameters("AT25SF041", new Map());
    const again = serveSimulation({ params, ...address, realtime: false, clock: realClock });
    await expect(again).rejects.toMatchObject({ code: "PORT_BUSY" });
  });
});
