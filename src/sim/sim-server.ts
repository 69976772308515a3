/**
 * A simulated bridge and chip on TCP: `norbridge sim`. One client at a time, as on a serial port; bridge and chip live on
 * between clients, but what one has left half said does not reach the next; the chip's file is written whenever one leaves.
 */
import { createServer, type Server, type Socket } from "node:net";
import { type Clock, withDeadline } from "../clock.ts";
import { printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { OCCUPIED } from "../transport/occupied.ts";
import type { WireModel } from "./bridge/wire-model.ts";
import type { ChipModel } from "./chip/chip-model.ts";
import { LiveWorld } from "./live-world.ts";
import { prepareWorld } from "./sim-port.ts";
import type { SimParameters } from "./sim-parameters.ts";
import type { World } from "./simulation.ts";

export interface ServeOptions {
  readonly params: SimParameters;
  /** A chip that the caller has prepared, in place of the one of `params`. */
  readonly chip?: ChipModel;
  /** Another bridge than that of `params`, such as real firmware in an emulator. */
  readonly wire?: (chip: ChipModel) => WireModel;
  /** Address to listen on; anybody who can reach it can use the bridge, so keep to loopback unless told otherwise. */
  readonly host: string;
  /** 0: the system chooses. */
  readonly port: number;
  /** Take as long as a real bridge and chip; false: as fast as possible. */
  readonly realtime: boolean;
  /** The machine's clock. */
  readonly clock: Clock;
  /** After so long without a byte a client gives way to another one, microseconds; default a minute. */
  readonly idleUs?: number;
}

export interface SimServer {
  readonly address: { readonly host: string; readonly port: number };
  /** Chip, bridge and line behind the socket. */
  readonly simulation: World;
  /** Resolves when the server has closed; rejects if the chip's file could not be written. */
  readonly closed: Promise<void>;
  /** Ends the client's connection, saves the chip and stops. Idempotent. */
  close(): Promise<void>;
}

const CLOSE_TIMEOUT_US = 2_000_000;
/** A client that has said nothing for so long gives way to one that comes. */
const IDLE_US = 60_000_000;
/** More of a client's bytes are not taken before they are worked off, or before it has read what it was sent. */
const MOST_BACKLOG_BYTES = 256 * 1024;

/** Starts to listen. Throws PORT_BUSY, PORT_DENIED or PORT_NOT_FOUND where that is impossible. */
export async function serveSimulation(options: ServeOptions): Promise<SimServer> {
  const { parts, save, release } = await prepareWorld(options.params, options.chip);
  let client: Socket | undefined;
  const live = new LiveWorld({
    world: options.wire === undefined ? parts : { ...parts, wire: options.wire },
    isRealtime: options.realtime,
    clock: options.clock,
    toHost: (bytes) => void client?.write(bytes),
    onDisconnect: () => client?.destroy(),
    onWorked: () => {
      if (client?.isPaused() === true && hasRoom(client)) client.resume();
    },
  });
  const hasRoom = (socket: Socket): boolean =>
    live.backlogBytes < MOST_BACKLOG_BYTES && socket.writableLength < MOST_BACKLOG_BYTES;
  let heardUs = options.clock.nowUs();
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const leave = (socket: Socket): void => {
    if (client !== socket) return;
    client = undefined;
    try {
      save();
    } catch (error) {
      fail(error);
      server.close();
    }
  };
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    const idleUs = options.clock.nowUs() - heardUs;
    if (client !== undefined && idleUs < (options.idleUs ?? IDLE_US)) {
      socket.end(OCCUPIED);
      return;
    }
    if (client !== undefined) {
      const idle = client;
      leave(idle);
      idle.destroy();
    }
    client = socket;
    heardUs = options.clock.nowUs();
    live.hostChanged();
    socket.on("data", (chunk) => {
      if (client !== socket) return;
      heardUs = options.clock.nowUs();
      live.take(chunk);
      // What comes faster than it is worked off stays with the client.
      if (!hasRoom(socket)) socket.pause();
    });
    socket.on("drain", () => {
      if (hasRoom(socket)) socket.resume();
    });
    socket.on("close", () => leave(socket));
  });
  await listen(server, options.host, options.port).catch((error: unknown) => {
    release();
    throw error;
  });
  const stopped = new Promise<void>((resolve) => server.once("close", () => resolve()));
  const closed = Promise.race([stopped, failed]);
  closed.catch(() => undefined);
  const close = async (): Promise<void> => {
    live.close();
    client?.destroy();
    if (server.listening) server.close();
    // The timer also keeps the process alive until the system has let go of the sockets.
    await withDeadline(options.clock, stopped, CLOSE_TIMEOUT_US);
    if (client !== undefined) leave(client);
    await withDeadline(options.clock, closed, CLOSE_TIMEOUT_US).finally(release);
  };
  return { address: addressOf(server), simulation: live.world, closed, close };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port }, resolve);
    });
  } catch (error) {
    throw listenError(error, `${printable(host)}:${port}`);
  }
}

function listenError(error: unknown, place: string): NorbridgeError {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const details = { operation: "listen", cause: error };
  if (code === "EADDRINUSE") {
    const hint = "Stop the other program, or name another port with --listen.";
    return new NorbridgeError("PORT_BUSY", `${place} is in use by another program`, { ...details, hint });
  }
  if (code === "EACCES") {
    const hint = "Name a port above 1023 with --listen.";
    return new NorbridgeError("PORT_DENIED", `no permission to listen on ${place}`, { ...details, hint });
  }
  const hint = "Name an address of this machine with --listen, such as 127.0.0.1:4000.";
  const text = printable(error instanceof Error ? error.message : String(error));
  return new NorbridgeError("PORT_NOT_FOUND", `cannot listen on ${place}: ${text}`, { ...details, hint });
}

function addressOf(server: Server): { host: string; port: number } {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has an address and a port");
  return { host: address.address, port: address.port };
}
