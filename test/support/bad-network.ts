/** A network between a program and a server that a test can cut, hold or slow down. */
import { createServer, type Server, type Socket } from "node:net";
import { connect } from "node:net";

/** What happens to new bytes of all connections. */
export type NetworkState =
  /** They arrive. */
  | "open"
  /** They are lost without an error: a half-open connection. */
  | "half-open"
  /** New connections are refused, old ones are reset. */
  | "cut";

/** A proxy in front of a port of this machine. */
export class BadNetwork {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly port: number;
  state: NetworkState = "open";
  /** Resets each connection after so many bytes of the server's responses; undefined: never. */
  cutAfterBytes: number | undefined;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async before(target: number): Promise<BadNetwork> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const network = new BadNetwork(server, address.port);
    server.on("connection", (near) => {
      network.#join(near, target);
    });
    return network;
  }

  set(state: NetworkState): void {
    this.state = state;
    if (state === "cut") for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(near: Socket, target: number): void {
    if (this.state === "cut") {
      near.resetAndDestroy();
      return;
    }
    const far = connect(target, "127.0.0.1");
    let left = this.cutAfterBytes ?? Infinity;
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on("data", (bytes) => {
        if (this.state !== "open") return;
        if (from === far) left -= bytes.length;
        if (left < 0) near.resetAndDestroy();
        else to.write(bytes);
      });
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.on("error", () => to.destroy());
    }
  }
}
