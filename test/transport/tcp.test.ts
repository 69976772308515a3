/** A TCP port: opening it, errors, and closing against a peer that keeps its side open. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { openTcp } from "../../src/transport/tcp.ts";
import { byteDuplexConformance } from "../conformance/byte-duplex.ts";
import { ReceivedBytes } from "../support/received-bytes.ts";

async function listen(allowHalfOpen = false): Promise<{ server: Server; port: number }> {
  const server = createServer({ allowHalfOpen }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port };
}

byteDuplexConformance("TCP socket", async () => {
  const { server, port } = await listen();
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const duplex = await openTcp("127.0.0.1", port);
  const [socket] = await accepted;
  const received = new ReceivedBytes();
  socket.on("data", (chunk: Buffer) => received.push(chunk));
  socket.on("error", () => undefined);
  return {
    duplex,
    peer: {
      send: (bytes) => new Promise((resolve) => void socket.write(bytes, () => resolve())),
      received: (count) => received.atLeast(count),
      vanish: () => void socket.resetAndDestroy(),
    },
    async close() {
      socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
});

describe("opening a TCP port", () => {
  it("does not take the bytes for checked: a serial server looks like any other", async () => {
    const { server, port } = await listen();
    servers.push(server);
    const duplex = await openTcp("127.0.0.1", port);
    expect(duplex.isChecked).toBe(false);
    await duplex.close();
  });

  const servers: Server[] = [];
  afterEach(() => servers.splice(0).forEach((server) => server.close()));

  async function freePort(): Promise<number> {
    const { server, port } = await listen();
    server.close();
    await once(server, "close");
    return port;
  }

  it.each(["127.0.0.1", "localhost"])("says that nothing listens on %s", async (host) => {
    const port = await freePort();
    await expect(openTcp(host, port)).rejects.toMatchObject({
      code: "PORT_NOT_FOUND",
      message: `tcp://${host}:${port}: no server accepts connections there`,
    });
  });

  it("says that a host name is not known", async () => {
    await expect(openTcp("no-such-host.invalid", 4000)).rejects.toMatchObject({ code: "PORT_NOT_FOUND" });
  });

  it("a peer that never closes its side does not hold up close", async () => {
    const { server, port } = await listen(true);
    servers.push(server);
    const accepted = once(server, "connection") as Promise<[Socket]>;
    const duplex = await openTcp("127.0.0.1", port);
    const [socket] = await accepted;
    socket.pause();
    await duplex.close();
    await expect(duplex.write(Uint8Array.of(1))).rejects.toMatchObject({ code: "ESHUTDOWN" });
    socket.destroy();
  });
});
