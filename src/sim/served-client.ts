/**
 * One client of the simulator's server, between its socket and the simulated bridge. Neither side can make the other keep
 * what it does not take: the socket is read only as the bridge works it off, and the bridge stands still while the socket
 * takes nothing.
 */
import type { Socket } from "node:net";
import type { Clock } from "../clock.ts";
import type { LiveWorld } from "./live-world.ts";

/** So much may wait in the simulated world before it is handed more. */
const WORLD_BYTES = 32 * 1024;
/** What is handed to it at once; whole USB packets. */
const PIECE_BYTES = 4096;
/** So much is read from the socket beyond that. */
const AHEAD_BYTES = 64 * 1024;
/** And this much while another client waits: more than a system keeps for a socket, so that an end after it is seen. */
const LOOK_AHEAD_BYTES = 16 * 1024 * 1024;
/** So much may wait for the client before the world stands still. */
const OUTPUT_BYTES = 1024 * 1024;
/** How long what was written last may take to leave. */
const PARTING_US = 1_000_000;

export interface ServedClientParts {
  readonly socket: Socket;
  readonly live: LiveWorld;
  /** The machine's clock. */
  readonly clock: Clock;
  /** The client has left, or was made to; called once, before `gone` resolves. */
  readonly onGone: () => void;
}

export class ServedClient {
  /** Resolves when the client has left, or was made to. */
  readonly gone: Promise<void>;
  readonly #socket: Socket;
  readonly #live: LiveWorld;
  readonly #clock: Clock;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #mostAheadBytes = AHEAD_BYTES;
  #lastHeardUs: number;
  #isGone = false;
  readonly #leave: () => void;

  /** From now on the socket belongs to this client. */
  constructor({ socket, live, clock, onGone }: ServedClientParts) {
    this.#socket = socket;
    this.#live = live;
    this.#clock = clock;
    this.#lastHeardUs = clock.nowUs();
    let leave: () => void = () => undefined;
    this.gone = new Promise((resolve) => {
      leave = resolve;
    });
    this.#leave = () => {
      onGone();
      leave();
    };
    socket.on("data", (chunk: Buffer) => this.#onBytes(chunk));
    socket.on("drain", () => live.release());
    socket.on("end", () => this.#end());
    socket.on("close", () => this.#end());
  }

  /** How long nothing came from the client, microseconds; what waits for the bridge and continues to it counts as coming. */
  get silentUs(): number {
    return this.#clock.nowUs() - this.#lastHeardUs;
  }

  /** Bytes from the client that the bridge has not taken, and bytes for it that it has not. */
  get heldBytes(): number {
    return this.#queuedBytes + this.#socket.writableLength;
  }

  /** Bytes of the bridge for the client. */
  send(bytes: Uint8Array): void {
    if (this.#isGone || !this.#socket.writable) return;
    this.#socket.write(bytes);
    if (this.#socket.writableLength > OUTPUT_BYTES) this.#live.hold();
  }

  /** The bridge has worked something off: more of what waits goes to it. */
  feed(): void {
    while (this.#live.backlogBytes < WORLD_BYTES) {
      const [first] = this.#queue;
      if (first === undefined) break;
      const piece = first.subarray(0, PIECE_BYTES);
      if (piece.length === first.length) this.#queue.shift();
      else this.#queue[0] = first.subarray(piece.length);
      this.#queuedBytes -= piece.length;
      this.#lastHeardUs = this.#clock.nowUs();
      this.#live.take(piece);
    }
    this.#throttle();
  }

  /** Whether to read further than the bridge takes it, to see whether the client has left behind what it sent. */
  lookAhead(isWanted: boolean): void {
    this.#mostAheadBytes = isWanted ? LOOK_AHEAD_BYTES : AHEAD_BYTES;
    this.#throttle();
  }

  /** Ends the connection at once. */
  drop(): void {
    this.#end();
    this.#socket.destroy();
  }

  #onBytes(chunk: Buffer): void {
    if (this.#isGone) return;
    this.#lastHeardUs = this.#clock.nowUs();
    this.#queue.push(chunk);
    this.#queuedBytes += chunk.length;
    this.feed();
  }

  #throttle(): void {
    if (this.#isGone) return;
    if (this.#queuedBytes >= this.#mostAheadBytes) this.#socket.pause();
    else if (this.#socket.isPaused()) this.#socket.resume();
  }

  /** What the bridge has not taken is gone with the client, as with a cable. */
  #end(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#live.release();
    void part(this.#socket, this.#clock);
    this.#leave();
  }
}

/** Ends a connection once what was written has left, or could have; what still comes is thrown away. */
export async function part(socket: Socket, clock: Clock): Promise<void> {
  if (socket.destroyed) return;
  const over = new AbortController();
  socket.once("close", () => {
    over.abort("closed");
  });
  socket.resume();
  socket.end();
  await clock.wait(PARTING_US, over.signal);
  socket.destroy();
}
