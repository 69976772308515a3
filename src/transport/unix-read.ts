/**
 * Reading of a serial port on Linux and macOS in place of the binding's own. Once a port has hung up (cable pulled,
 * other end of a pseudo terminal gone) a read returns 0 bytes, without end; the binding takes that for "try again" and
 * reads in circles until memory ends (serialport/bindings-cpp, issue 162). Here it is the end of the port.
 */
import { read } from "node:fs";
import { promisify } from "node:util";
import { inNextTurn } from "../clock.ts";

const readSome = promisify(read);

/** What is used of an open port of the native binding. */
export interface UnixPort {
  /** Null once it is closed. */
  fd: number | null;
  readonly poller: { once(event: string, callback: (error: unknown) => void): unknown };
  read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }>;
}

/**
 * Replaces the port's `read`. The new one rejects with `canceled` when the port was closed here, and with `disconnect`
 * when it hung up: the two words by which serialport distinguishes a close from an unplug.
 */
export function readUntilHangUp(port: UnixPort): void {
  const openFile = (): number => {
    if (port.fd === null) throw Object.assign(new Error("the port is not open"), { canceled: true });
    return port.fd;
  };
  port.read = async (buffer, offset, length) => {
    for (;;) {
      const bytesRead = await tryToRead(openFile(), buffer, offset, length);
      if (bytesRead === "nothing yet") {
        // Asked again: the poller of a port that was closed meanwhile is gone, and to touch it ends the process.
        openFile();
        await untilReadable(port);
      } else if (bytesRead > 0) {
        return { buffer, bytesRead };
      } else {
        openFile();
        throw Object.assign(new Error("the port hung up"), { disconnect: true });
      }
    }
  };
}

async function tryToRead(fd: number, buffer: Buffer, offset: number, length: number): Promise<number | "nothing yet"> {
  try {
    // A minimum of one byte is set in the driver (VMIN 1) and the port does not block: no data is EAGAIN and never 0.
    return (await readSome(fd, buffer, offset, length, null)).bytesRead;
  } catch (error) {
    if (isWait(error)) return "nothing yet";
    throw Object.assign(error instanceof Error ? error : new Error(String(error)), { disconnect: true });
  }
}

function isWait(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^(EAGAIN|EWOULDBLOCK|EINTR)$/.test(String(error.code));
}

/** Rejects with `canceled` when the port is closed meanwhile. */
function untilReadable(port: UnixPort): Promise<void> {
  return new Promise((resolve, reject) => {
    port.poller.once("readable", (error) => {
      // The binding calls this outside of any callback of Node.js. On Node.js 26 the promises that it settles are then
      // looked at only when something else happens, often a timer: each answer came up to seconds late.
      if (error === null || error === undefined) inNextTurn(resolve);
      else reject(error instanceof Error ? error : new Error("the port cannot be polled", { cause: error }));
    });
  });
}
