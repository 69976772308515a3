/** Listening on TCP, with a sentence if it cannot be. */
import type { Server } from "node:net";
import { advice } from "../advice.ts";
import { printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";

/**
 * Starts to listen. Returns the port, which the system selects for 0.
 *
 * @throws NorbridgeError PORT_BUSY if another program listens there; PORT_DENIED; PORT_NOT_FOUND for an address that is
 * not one of this machine.
 */
export async function listenOn(server: Server, host: string, port: number): Promise<{ host: string; port: number }> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port }, resolve);
    });
  } catch (error) {
    throw listenError(error, `${printable(host)}:${port}`);
  }
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has an address and a port");
  return { host: address.address, port: address.port };
}

function listenError(error: unknown, place: string): NorbridgeError {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const details = { operation: "listen", cause: error };
  if (code === "EADDRINUSE") {
    const hint = advice("Stop the other program, or use another port.", "set-listen-address");
    return new NorbridgeError("PORT_BUSY", `${place} is in use by another program`, { ...details, hint });
  }
  if (code === "EACCES") {
    const hint = advice("Use a port above 1023.", "set-listen-address");
    return new NorbridgeError("PORT_DENIED", `no permission to listen on ${place}`, { ...details, hint });
  }
  const hint = advice("Use an address of this machine, such as 127.0.0.1:4000.", "set-listen-address");
  const text = printable(error instanceof Error ? error.message : String(error));
  return new NorbridgeError("PORT_NOT_FOUND", `cannot listen on ${place}: ${text}`, { ...details, hint });
}
