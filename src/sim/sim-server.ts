/**
 * A simulated bridge and chip on TCP: `norbridge sim`. One client at a time, as on a serial port. With each the bridge starts
 * again, as one that is reset when its port is opened: what a client left behind in the middle of a command is not a matter to
 * the next. The chip lives on, with what it has begun, and its file is written whenever a client leaves.
 */
import { createServer, type Server, type Socket } from "node:net";
import { checkFlag, checkNumber, checkText, checkWhole } from "../checks.ts";
import { type Clock, realClock, withDeadline } from "../clock.ts";
import { listenOn } from "../transport/listen.ts";
import { OCCUPIED } from "../transport/occupied.ts";
import type { WireModel } from "./bridge/wire-model.ts";
import type { ChipModel } from "./chip/core/chip-model.ts";
import { LiveWorld } from "./live-world.ts";
import { part, ServedClient } from "./served-client.ts";
import { prepareWorld, type PreparedWorld } from "./sim-port.ts";
import type { SimParameters } from "./sim-parameters.ts";
import type { World } from "./simulation.ts";

/** Options of `serveSimulation`. */
export interface ServeOptions {
  /** Settings of the bridge and the chip. */
  readonly params: SimParameters;
  /** A chip that the caller has prepared, instead of the one of `params`. */
  readonly chip?: ChipModel | undefined;
  /** Another bridge instead of that of `params`, such as real firmware in an emulator. */
  readonly wire?: ((chip: ChipModel) => WireModel) | undefined;
  /** Address to listen on. Every program that can reach it can use the bridge. Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** TCP port, 0 to 65,535. Default 0: the system selects one. */
  readonly port?: number | undefined;
  /** Whether everything takes as long as with a real bridge and chip. Default false: as fast as possible. */
  readonly realtime?: boolean | undefined;
  /** Clock of the host side. Default: the machine's. */
  readonly clock?: Clock | undefined;
  /**
   * Time without a byte after which a client is replaced if another one connects, microseconds. Infinity: never.
   * Default one minute.
   */
  readonly idleUs?: number | undefined;
  /** Receives messages for the user: that a silent client was replaced. */
  readonly note?: ((message: string) => void) | undefined;
}

/** A simulated bridge and chip on a TCP port. */
export interface SimServer {
  /** The address that the server listens on. */
  readonly address: {
    /** IP address. */
    readonly host: string;
    /** TCP port. */
    readonly port: number;
  };
  /** The simulated chip, bridge and line. */
  readonly simulation: World;
  /** Bytes that are kept for the client and its bridge because the other side has not taken them; limited. */
  readonly heldBytes: number;
  /** Resolves when the server has closed. Rejects if the chip's file could not be written. */
  readonly closed: Promise<void>;
  /** Disconnects the client, saves the chip and stops. Further calls have no effect. */
  close(): Promise<void>;
}

const CLOSE_TIMEOUT_US = 2_000_000;
/** Longer than any command of ours is silent in the middle of its work. */
const IDLE_US = 60_000_000;
/** How long a new client waits for the one before, which may be about to leave. */
const TURN_US = 250_000;
/** How many clients may be connected; further connections are closed at once. */
const MAX_SOCKETS = 32;
const MAX_PORT = 65_535;

/**
 * Serves a simulated bridge and chip on TCP, one client at a time, as on a serial port. With each client the bridge
 * restarts; the chip continues, and its file is written when a client leaves.
 *
 * Throws USAGE for an option that is out of range, PORT_BUSY, PORT_DENIED or PORT_NOT_FOUND if it cannot listen, and
 * FILE_INVALID or PORT_BUSY if the chip's file cannot be used.
 */
export async function serveSimulation(options: ServeOptions): Promise<SimServer> {
  const { host = "127.0.0.1", port = 0, realtime = false, clock = realClock, idleUs = IDLE_US } = options;
  const operation = "serve simulation";
  checkText(host, "host", operation, 1);
  checkWhole(port, "port", operation, 0, MAX_PORT);
  checkFlag(realtime, "realtime", operation);
  checkNumber(idleUs, "idleUs", operation, 0, Number.POSITIVE_INFINITY);
  const whole = { ...options, host, port, realtime, clock, idleUs };
  const running = new RunningServer(whole, await prepareWorld(options.params, options.chip));
  await running.listen();
  return running;
}

/** Options of which nothing with a default is left out. */
type WholeOptions = ServeOptions & {
  readonly host: string;
  readonly port: number;
  readonly realtime: boolean;
  readonly clock: Clock;
  readonly idleUs: number;
};

class RunningServer implements SimServer {
  address: SimServer["address"];
  readonly closed: Promise<void>;
  readonly #options: WholeOptions;
  readonly #prepared: PreparedWorld;
  readonly #server: Server;
  readonly #live: LiveWorld;
  readonly #stopped: Promise<void>;
  readonly #sockets = new Set<Socket>();
  #client: ServedClient | undefined;
  /** How many clients have connected while one is served. */
  #waiting = 0;
  /** Whether a client was served: then the bridge is no longer in its first state. */
  #wasUsed = false;
  #closing: Promise<void> | undefined;
  #fail: (error: unknown) => void = () => undefined;

  constructor(options: WholeOptions, prepared: PreparedWorld) {
    this.#options = options;
    this.#prepared = prepared;
    this.address = { host: options.host, port: options.port };
    const { parts } = prepared;
    this.#live = new LiveWorld({
      world: options.wire === undefined ? parts : { ...parts, wire: options.wire },
      isRealtime: options.realtime,
      clock: options.clock,
      toHost: (bytes) => this.#client?.send(bytes),
      onDisconnect: () => this.#client?.drop(),
      onWorked: () => this.#client?.feed(),
    });
    this.#server = createServer({ noDelay: true }, (socket) => void this.#receive(socket));
    this.#server.maxConnections = MAX_SOCKETS;
    this.#stopped = new Promise((resolve) => this.#server.once("close", () => resolve()));
    const failed = new Promise<never>((_, reject) => {
      this.#fail = reject;
    });
    this.closed = Promise.race([this.#stopped, failed]);
    this.closed.catch(() => undefined);
  }

  async listen(): Promise<void> {
    try {
      this.address = await listenOn(this.#server, this.#options.host, this.#options.port);
    } catch (error) {
      this.#prepared.release();
      throw error;
    }
  }

  get simulation(): World {
    return this.#live.world;
  }

  get heldBytes(): number {
    return this.#live.backlogBytes + (this.#client?.heldBytes ?? 0);
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeOnce().finally(this.#prepared.release);
    return this.#closing;
  }

  async #closeOnce(): Promise<void> {
    const { clock } = this.#options;
    this.#live.close();
    if (this.#client !== undefined) this.#client.drop();
    // What the last client left on the line was worked off after its file was written.
    else if (this.#wasUsed) this.#save();
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) this.#server.close();
    // The timer also keeps the process alive until the system has let go of the sockets.
    await withDeadline(clock, this.#stopped, CLOSE_TIMEOUT_US);
    await withDeadline(clock, this.closed, CLOSE_TIMEOUT_US);
  }

  /** A client has connected. */
  async #receive(socket: Socket): Promise<void> {
    socket.on("error", () => socket.destroy());
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    if (this.#client !== undefined) await this.#makeRoom(this.#client);
    if (this.#closing !== undefined) socket.destroy();
    else if (this.#client === undefined) this.#serve(socket);
    else {
      socket.write(OCCUPIED);
      await part(socket, this.#options.clock);
    }
  }

  /** Lets the client go that has left already, or that has been silent for too long. */
  async #makeRoom(client: ServedClient): Promise<void> {
    const { clock, note, idleUs } = this.#options;
    const { silentUs } = client;
    if (silentUs >= idleUs) {
      note?.(`a client that was silent for ${Math.floor(silentUs / 1e6)} s was replaced by another`);
      client.drop();
      return;
    }
    this.#waiting++;
    client.lookAhead(true);
    await withDeadline(clock, client.gone, TURN_US);
    this.#waiting--;
    if (this.#waiting === 0) client.lookAhead(false);
  }

  #serve(socket: Socket): void {
    if (this.#wasUsed) this.#live.renew();
    this.#wasUsed = true;
    this.#client = new ServedClient({
      socket,
      live: this.#live,
      clock: this.#options.clock,
      onGone: () => {
        this.#client = undefined;
        this.#save();
      },
    });
  }

  #save(): void {
    try {
      this.#prepared.save();
    } catch (error) {
      this.#fail(error);
      this.#server.close();
    }
  }
}
