/** A pseudo terminal under Wine: its device is a COM port, its other end a socket of the server in test/windows. */
import { connect } from "node:net";
import type { Pty } from "./pty.ts";
import { ReceivedBytes } from "./received-bytes.ts";

/** Where that server listens, `HOST:PORT`; undefined if there is none. */
export const ptyServer = process.platform === "win32" ? process.env["NORBRIDGE_PTY_SERVER"] : undefined;

/** Connects to the server, which makes one. */
export async function makeRemotePty(address: string): Promise<Pty> {
  const [host = "", port = ""] = address.split(":");
  const socket = connect({ host, port: Number(port), noDelay: true, allowHalfOpen: true });
  const received = new ReceivedBytes();
  let name: string | undefined;
  const named = new Promise<string>((resolve, reject) => {
    socket.once("error", reject);
    let first = "";
    socket.on("data", (chunk: Buffer) => {
      if (name !== undefined) {
        received.push(chunk);
        return;
      }
      first += chunk.toString("latin1");
      const end = first.indexOf("\n");
      if (end < 0) return;
      name = first.slice(0, end);
      received.push(Buffer.from(first.slice(end + 1), "latin1"));
      resolve(name);
    });
  });
  const path = await named;
  socket.on("error", () => undefined);
  return {
    path,
    peer: {
      send: (bytes) => new Promise((resolve) => void socket.write(bytes, () => resolve())),
      received: (count) => received.atLeast(count),
      relay(other) {
        socket.pipe(other);
        other.pipe(socket);
      },
      async vanish() {
        if (socket.closed) return;
        // The server closes its side when the terminal is gone.
        const gone = new Promise((resolve) => socket.once("close", resolve));
        socket.end();
        await gone;
      },
    },
  };
}
