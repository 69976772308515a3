/** The interface of every link that carries bytes to a bridge and back. */
import type { NorbridgeError } from "../errors.ts";

/** Bytes both ways. Serial port, TCP socket, mock port and simulated port all implement this. */
export interface ByteDuplex {
  /** For messages: "/dev/ttyACM0", "tcp://127.0.0.1:4000", "sim:AT25SF041". */
  readonly name: string;
  /**
   * Chunks as they come, of any length above 0. Can be iterated once. Ends when the port is closed or the other side
   * went away; never throws.
   */
  readonly incoming: AsyncIterable<Uint8Array>;
  /**
   * Resolves when the system has taken the bytes (not when they arrived). The caller must not change them after.
   * Rejects with ESHUTDOWN once the port is closed or lost.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Line rate in baud as it is now; 0 if the link has none (TCP, USB without a UART). */
  readonly baudRate: number;
  /**
   * Whether the bytes are known to be checked all the way to the bridge, as on USB that ends in the bridge itself.
   * False for a UART, for TCP (a serial server with a UART after it looks like any other), and if it is not known. Only
   * protocols without a check of their own read this.
   */
  readonly isChecked: boolean;
  /**
   * The fastest line rate, baud, at which the converter of this port is known to lose nothing. Left out: not known, or
   * there is no converter.
   */
  readonly maxBaudRate?: number | undefined;
  /** Why the other side ended it, where it has said so in words of its own. */
  readonly endedBy?: NorbridgeError | undefined;
  /** Changes the line rate; false: this port has none. */
  setBaudRate(baudRate: number): Promise<boolean>;
  /** Idempotent; resolves within two seconds whatever the driver does. */
  close(): Promise<void>;
}
