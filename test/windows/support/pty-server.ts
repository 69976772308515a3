/**
 * Pseudo terminals for tests that run under Wine: Linux makes the terminal and gives it the name of a COM port, and its other
 * end is a socket. One connection a terminal; the first line to the client is the name of the port.
 */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { makePty } from "../../support/pty.ts";

export interface PtyServer {
  /** `HOST:PORT`, for NORBRIDGE_PTY_SERVER. */
  readonly address: string;
  close(): Promise<void>;
}

/** `connectPort` makes a name of Windows for a device of Linux, and returns how to remove it. */
export async function servePtys(
  connectPort: (name: string, device: string) => () => void,
  firstNumber: number,
): Promise<PtyServer> {
  const used = new Set<number>();
  const sockets = new Set<Socket>();
  const serve = async (socket: Socket): Promise<void> => {
    const pty = await makePty();
    const number = lowestFree(used, firstNumber);
    used.add(number);
    const disconnect = connectPort(`COM${number}`, pty.path);
    const left = once(socket, "end");
    socket.write(`COM${number}\n`);
    pty.peer.relay(socket);
    await left.catch(() => undefined);
    await pty.peer.vanish();
    disconnect();
    used.delete(number);
    socket.end();
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
    void serve(socket).catch((error: unknown) => socket.destroy(error instanceof Error ? error : undefined));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function lowestFree(used: ReadonlySet<number>, first: number): number {
  let number = first;
  while (used.has(number)) number++;
  return number;
}
