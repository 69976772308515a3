/**
 * An open port of serialport as a duplex. Its types name serialport, so no public declaration may name this file.
 *
 * What always holds: the port's stream flows from the moment it is open (an unplug is only noticed then); both `error`
 * and `close` have listeners; a write to a closed port is refused here, because serialport would never call back.
 */
import type { SerialPort, SerialPortMock } from "serialport";
import { realClock, withDeadline } from "../clock.ts";
import { NorbridgeError } from "../errors.ts";
import type { Platform } from "../platform.ts";
import type { ByteDuplex } from "./byte-duplex.ts";
import { ByteQueue } from "./byte-queue.ts";
import { CallsUnderWay } from "./calls-under-way.ts";
import { portError } from "./port-error.ts";
import { readUntilHangUp } from "./unix-read.ts";
import { readPastEmpty } from "./windows-read.ts";

/** The bridge's frames are whole units of four bytes (PROTOCOL.md section 2). */
const UNIT_BYTES = 4;
const CLOSE_TIMEOUT_US = 2_000_000;
/** Far more than what is written before a change of rate takes to leave. */
const RATE_TIMEOUT_US = 2_000_000;
const DTR_TIMEOUT_US = 2_000_000;

type AnyPort = SerialPort | SerialPortMock;

export interface PortNature {
  /** Bytes come in whole units of a native frame, which is the default. */
  readonly isFramed?: boolean | undefined;
  readonly isChecked: boolean;
  /** It is known to have a UART. */
  readonly isConverter: boolean;
  /** See `ByteDuplex.maxBaudRate`. */
  readonly maxBaudRate?: number | undefined;
  readonly platform: Platform;
}

/** Opens the port that `makePort` makes, as it has to be done on this system. */
export async function openAny(
  makePort: () => AnyPort,
  path: string,
  { isFramed = true, isChecked, isConverter: hasUart, maxBaudRate, platform }: PortNature,
): Promise<ByteDuplex> {
  const { ByteLengthParser } = await import("@serialport/parser-byte-length");
  let port: AnyPort;
  try {
    port = makePort();
    await call((done) => port.open(done));
  } catch (error) {
    throw portError(path, error);
  }
  if (port.port !== undefined && "poller" in port.port) readUntilHangUp(port.port);
  else if (port.port !== undefined && platform === "windows") readPastEmpty(port.port, (us) => realClock.wait(us));
  if (platform === "windows" && !hasUart) await raiseDtr(port);
  // One parser for the life of the port. What it holds back of a broken frame comes with the bridge's next bytes.
  const bytes = isFramed ? port.pipe(new ByteLengthParser({ length: UNIT_BYTES })) : port;
  return new SerialDuplex(port, bytes, { name: path, isChecked, maxBaudRate });
}

/**
 * DTR says to a board with USB of its own that a program listens; without it TinyUSB and pico-sdk send nothing. Linux
 * and macOS raise it when the port is opened. On Windows the binding keeps it low where `hupcl` is false, so it is
 * raised here.
 *
 * Not with `hupcl: true`: that raises it within the opening, also on a converter, where it resets an Arduino. Windows
 * drops it at every close, so each command would wait for a restart. RTS stays low: with RTS and without DTR, as it
 * would be for a moment, Espressif's USB unit resets its chip.
 */
async function raiseDtr(port: AnyPort): Promise<void> {
  const raised = call((done) => port.set({ dtr: true, rts: false, brk: false, cts: false, dsr: false }, done));
  // A driver without modem lines has none to raise, and one that never returns must not hold up the rest.
  await withDeadline(
    realClock,
    raised.catch(() => undefined),
    DTR_TIMEOUT_US,
  );
}

function call(start: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => {
      if (error === undefined || error === null) resolve();
      else reject(error);
    });
  });
}

class SerialDuplex implements ByteDuplex {
  readonly name: string;
  readonly isChecked: boolean;
  readonly maxBaudRate: number | undefined;
  readonly #port: AnyPort;
  readonly #queue = new ByteQueue();
  #isOpen = true;
  #closing: Promise<void> | undefined;
  readonly #calls = new CallsUnderWay();

  constructor(
    port: AnyPort,
    units: NodeJS.ReadableStream,
    { name, isChecked, maxBaudRate }: Pick<ByteDuplex, "name" | "isChecked" | "maxBaudRate">,
  ) {
    this.#port = port;
    this.name = name;
    this.isChecked = isChecked;
    this.maxBaudRate = maxBaudRate;
    units.on("data", (chunk: Buffer) => this.#queue.push(new Uint8Array(chunk)));
    port.on("error", () => this.#end());
    port.on("close", () => this.#end());
    // A stream that has ended never brings another byte, whatever the reason.
    port.on("end", () => this.#end());
  }

  get incoming(): AsyncIterable<Uint8Array> {
    return this.#queue;
  }

  get baudRate(): number {
    return this.#port.baudRate;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (!this.#isOpen || !this.#port.isOpen) throw this.#shutDown();
    // A copy: the system may take the bytes after the caller continued.
    const copy = Buffer.from(bytes);
    await this.#calls.start((done) => {
      this.#port.write(copy, (error) => done(error === undefined || error === null ? undefined : this.#shutDown()));
    });
  }

  async setBaudRate(baudRate: number): Promise<boolean> {
    if (!this.#isOpen) return false;
    try {
      // A driver that waits for a handshake line may never say that all has left.
      const drained = this.#calls.start((done) => this.#port.drain(done));
      if ((await withDeadline(realClock, drained, RATE_TIMEOUT_US)) === "late") return false;
      await this.#calls.start((done) => this.#port.update({ baudRate }, done));
      return true;
    } catch {
      // A pseudo terminal or a driver without rates: the link stays as it is.
      return false;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeOnce();
    return this.#closing;
  }

  async #closeOnce(): Promise<void> {
    this.#end();
    if (!this.#port.isOpen) return;
    const closed = call((done) => this.#port.close(done)).catch(() => undefined);
    // Some drivers never answer a close after an unplug; the process must end all the same.
    await withDeadline(realClock, closed, CLOSE_TIMEOUT_US);
  }

  #end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#calls.end(this.#shutDown());
    this.#queue.end();
  }

  #shutDown(): NorbridgeError {
    return new NorbridgeError("ESHUTDOWN", `${this.name} was closed or unplugged`, { operation: "write to port" });
  }
}
