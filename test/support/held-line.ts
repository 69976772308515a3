/**
 * A TCP line to a served bridge that stands still in the middle of a job, for tests that stop a program there: how fast the
 * machine is then decides nothing. No byte goes through between the place that was asked for and `release`.
 */
import { connect, createServer, type Socket } from "node:net";

export interface HeldLine {
  /** The port to give to the program. */
  readonly port: string;
  /** TCP port on 127.0.0.1. */
  readonly portNumber: number;
  /**
   * Holds the line as soon as `isThere` is true, which is asked before each piece either way; `sentBytes`: what the program
   * has sent since this call. Resolves when the line stands still.
   */
  holdWhen(isThere: (sentBytes: number) => boolean): Promise<void>;
  /** Lets go of what was held, and of all that comes. */
  release(): void;
  close(): Promise<void>;
}

/** At most this many bytes go up at a time, so that `isThere` is asked often enough. */
const PIECE_BYTES = 1024;

/** Makes a line to a bridge that is served on 127.0.0.1. */
export async function makeHeldLine(bridgePort: number): Promise<HeldLine> {
  let isThere: ((sentBytes: number) => boolean) | undefined;
  let onHeld: () => void = () => undefined;
  let isHeld = false;
  let sentBytes = 0;
  /** What is kept while the line is held, in its order. */
  let kept: (() => void)[] = [];
  const sockets = new Set<Socket>();

  const pass = (forward: () => void): void => {
    if (!isHeld && isThere?.(sentBytes) === true) {
      isThere = undefined;
      isHeld = true;
      onHeld();
    }
    if (isHeld) kept.push(forward);
    else forward();
  };
  const join = (from: Socket, to: Socket, isUp: boolean): void => {
    from.on("data", (bytes: Buffer) => {
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
        const piece = bytes.subarray(at, at + PIECE_BYTES);
        pass(() => {
          if (isUp) sentBytes += piece.length;
          to.write(piece);
        });
      }
    });
    // An end overtakes what is held: the program is gone.
    const end = (): void => {
      sockets.delete(from);
      from.destroy();
      to.destroy();
    };
    from.on("error", end).on("close", end);
    sockets.add(from);
  };
  const server = createServer((program) => {
    const bridge = connect(bridgePort, "127.0.0.1");
    join(program, bridge, true);
    join(bridge, program, false);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  return {
    port: `tcp://127.0.0.1:${address.port}`,
    portNumber: address.port,
    holdWhen(when) {
      sentBytes = 0;
      isThere = when;
      return new Promise((resolve) => (onHeld = resolve));
    },
    release() {
      isThere = undefined;
      isHeld = false;
      const forwards = kept;
      kept = [];
      for (const forward of forwards) forward();
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
