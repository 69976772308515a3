/** A TCP socket as a duplex, for bridges on a network server and for the simulator's. */
import { connect, type Socket } from "node:net";
import { advice } from "../advice.ts";
import { realClock, withDeadline } from "../clock.ts";
import { NorbridgeError } from "../errors.ts";
import type { ByteDuplex } from "./byte-duplex.ts";
import { ByteQueue } from "./byte-queue.ts";
import { CallsUnderWay } from "./calls-under-way.ts";
import { OCCUPIED } from "./occupied.ts";
import { portError } from "./port-error.ts";

const CONNECT_TIMEOUT_US = 5_000_000;
const CLOSE_TIMEOUT_US = 1_000_000;

/** Connects; throws PORT_NOT_FOUND if there is no response within 5 seconds. */
export async function openTcp(host: string, port: number): Promise<ByteDuplex> {
  const name = `tcp://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const socket = connect({ host, port, noDelay: true });
  const connected = new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  try {
    const answer = await withDeadline(realClock, connected, CONNECT_TIMEOUT_US);
    if (answer === "late") throw silence(name);
  } catch (error) {
    socket.destroy();
    throw error instanceof NorbridgeError ? error : portError(name, error);
  }
  return new TcpDuplex(socket, name);
}

function silence(name: string): NorbridgeError {
  return new NorbridgeError("PORT_NOT_FOUND", `${name}: no connection within ${CONNECT_TIMEOUT_US / 1e6} s`, {
    operation: "open port",
  });
}

/** A connected socket as a duplex; also the server's end of one. */
export class TcpDuplex implements ByteDuplex {
  readonly name: string;
  readonly baudRate = 0;
  /** TCP checks its bytes as far as it goes; what follows the other end, a UART or nothing, is unknown. */
  readonly isChecked = false;
  readonly #socket: Socket;
  readonly #queue = new ByteQueue();
  /** The first bytes that came, as text. */
  #first = "";
  readonly #writes = new CallsUnderWay();

  constructor(socket: Socket, name: string) {
    this.#socket = socket;
    this.name = name;
    socket.on("data", (chunk: Buffer) => {
      this.#listen(chunk);
      this.#queue.push(new Uint8Array(chunk));
    });
    socket.on("error", () => this.#queue.end());
    socket.on("close", () => {
      this.#queue.end();
      this.#writes.end(this.#shutDown());
    });
    socket.on("end", () => this.#queue.end());
  }

  get incoming(): AsyncIterable<Uint8Array> {
    return this.#queue;
  }

  get endedBy(): NorbridgeError | undefined {
    if (this.#first !== OCCUPIED) return undefined;
    return new NorbridgeError("PORT_BUSY", `${this.name}: another client is connected to this simulator`, {
      operation: "open port",
      hint: advice(
        "Wait for it or end it. A client that sends nothing is disconnected after a minute, if the simulator was not started with another time.",
        "set-idle-timeout",
      ),
    });
  }

  /** A server of ours that is in use says so, and nothing else. */
  #listen(chunk: Buffer): void {
    if (this.#first.length <= OCCUPIED.length) this.#first += chunk.toString("latin1", 0, OCCUPIED.length + 1);
  }

  async write(bytes: Uint8Array): Promise<void> {
    const socket = this.#socket;
    if (socket.destroyed || !socket.writable) throw this.#shutDown();
    await this.#writes.start((done) => {
      socket.write(bytes, (error) => {
        done(error === undefined || error === null ? undefined : this.#shutDown());
      });
    });
  }

  setBaudRate(): Promise<boolean> {
    return Promise.resolve(false);
  }

  async close(): Promise<void> {
    this.#queue.end();
    if (this.#socket.destroyed) return;
    const closed = new Promise<void>((resolve) => this.#socket.once("close", () => resolve()));
    this.#socket.end();
    // A peer that never closes its side must not hold us up.
    await withDeadline(realClock, closed, CLOSE_TIMEOUT_US);
    this.#socket.destroy();
  }

  #shutDown(): NorbridgeError {
    return new NorbridgeError("ESHUTDOWN", `${this.name}: the connection is closed`, { operation: "write to port" });
  }
}
