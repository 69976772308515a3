/**
 * A Web Serial port as a duplex of bytes. The worker opens the port itself: a page that is blocked does not hold up the bytes.
 *
 * Facts that decide how (specification, Chromium, Firefox): the line rate changes only by closing and opening again; an error
 * of the line (break, framing, parity, overrun) replaces `readable`, only a lost device leaves it null; `cancel()` of some
 * drivers never settles; the default buffer of 255 bytes stalls.
 */
import { withDeadline, realClock } from "../../clock.ts";
import { NorbridgeError } from "../../errors.ts";
import type { ByteDuplex } from "../../transport/byte-duplex.ts";
import { ByteQueue } from "../../transport/byte-queue.ts";
import { CallsUnderWay } from "../../transport/calls-under-way.ts";
import type { WebSerialPort } from "./web-serial-port.ts";

/** Firefox and Chromium take far more; at Full-Speed USB it holds a quarter of a second. */
const BUFFER_BYTES = 256 * 1024;
const CLOSE_TIMEOUT_US = 1_500_000;
const OPEN_TIMEOUT_US = 10_000_000;
/** Boards with a UART may be reset by the lines that a second opening moves. */
const SIGNALS = { dataTerminalReady: true, requestToSend: false } as const;

/** What is known of the port beforehand. */
export interface WebSerialNature {
  readonly name: string;
  readonly baudRate: number;
  readonly isChecked: boolean;
  /** Whether the line rate may be changed: each change opens the port again. */
  readonly climbs: boolean;
}

/** Opens the port. Throws PORT_BUSY, PORT_NOT_FOUND; the browser does not report which of the causes it was. */
export async function openWebSerial(port: WebSerialPort, nature: WebSerialNature): Promise<ByteDuplex> {
  await openAt(port, nature.baudRate, nature.name);
  return new WebSerialDuplex(port, nature);
}

async function openAt(port: WebSerialPort, baudRate: number, name: string): Promise<void> {
  try {
    const opening = port.open({ baudRate, bufferSize: BUFFER_BYTES, flowControl: "none" });
    if ((await withDeadline(realClock, opening, OPEN_TIMEOUT_US)) === "late") throw new Error("it took over 10 s");
  } catch (error) {
    throw openError(error, name);
  }
  // Firmware on USB of its own sends nothing before DTR is raised; a driver without these lines refuses.
  await withDeadline(
    realClock,
    port.setSignals(SIGNALS).catch(() => undefined),
    CLOSE_TIMEOUT_US,
  );
}

function openError(error: unknown, name: string): NorbridgeError {
  const kind = error instanceof Error ? error.name : "";
  if (kind === "InvalidStateError") {
    return new NorbridgeError("PORT_BUSY", `${name} is open already, on this page or in another window`, {
      operation: "open port",
      hint: "Close the other window, or disconnect there.",
      cause: error,
    });
  }
  return new NorbridgeError("PORT_BUSY", `${name} cannot be opened`, {
    operation: "open port",
    hint:
      "The browser does not report why. Another program may use it (a serial monitor, ModemManager), you may lack the " +
      "permission (on Linux: the group dialout or uucp), or it was unplugged.",
    cause: error,
  });
}

class WebSerialDuplex implements ByteDuplex {
  readonly name: string;
  readonly isChecked: boolean;
  readonly #port: WebSerialPort;
  readonly #climbs: boolean;
  readonly #queue = new ByteQueue();
  #baudRate: number;
  #isOpen = true;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  /** Settles when nothing reads any more. */
  #reading: Promise<void>;
  /** The port is closed to be opened at another rate: the end of a stream is not the end of the link. */
  #isChangingRate = false;
  #closing: Promise<void> | undefined;
  readonly #calls = new CallsUnderWay();

  constructor(port: WebSerialPort, { name, baudRate, isChecked, climbs }: WebSerialNature) {
    this.#port = port;
    this.name = name;
    this.isChecked = isChecked;
    this.#climbs = climbs;
    this.#baudRate = baudRate;
    port.addEventListener("disconnect", this.#onDisconnect);
    this.#reading = this.#read();
  }

  get incoming(): AsyncIterable<Uint8Array> {
    return this.#queue;
  }

  get baudRate(): number {
    return this.#baudRate;
  }

  async write(bytes: Uint8Array): Promise<void> {
    const { writable } = this.#port;
    if (!this.#isOpen || writable === null) throw this.#shutDown();
    this.#writer ??= writable.getWriter();
    const writer = this.#writer;
    // A copy: the caller may continue with its own.
    const copy = bytes.slice();
    try {
      await this.#calls.start((done) => void writer.write(copy).then(() => done(), done));
    } catch {
      this.#end();
      throw this.#shutDown();
    }
  }

  async setBaudRate(baudRate: number): Promise<boolean> {
    if (!this.#isOpen || !this.#climbs) return false;
    this.#isChangingRate = true;
    try {
      await this.#release();
      await withDeadline(realClock, this.#port.close(), CLOSE_TIMEOUT_US);
      await openAt(this.#port, baudRate, this.name);
      this.#baudRate = baudRate;
      this.#reading = this.#read();
      return true;
    } catch {
      this.#end();
      return false;
    } finally {
      this.#isChangingRate = false;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#end();
    await this.#release();
    await withDeadline(
      realClock,
      this.#port.close().catch(() => undefined),
      CLOSE_TIMEOUT_US / 3,
    );
  }

  readonly #onDisconnect = (): void => this.#end();

  /** Reads until the device is lost or the reader is cancelled. Never waits for the engine. */
  async #read(): Promise<void> {
    while (this.#isOpen) {
      const { readable } = this.#port;
      if (readable === null) break;
      const reader = readable.getReader();
      this.#reader = reader;
      const isCancelled = await this.#drain(reader);
      reader.releaseLock();
      if (isCancelled) return;
    }
    if (!this.#isChangingRate) this.#end();
  }

  /** False after an error of the line: the port has another stream then, or none. */
  async #drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<boolean> {
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return this.#isChangingRate || !this.#isOpen;
        this.#queue.push(value);
      }
    } catch {
      return false;
    }
  }

  /** Gives the streams back, which `close` of the port requires. Some drivers never settle here. */
  async #release(): Promise<void> {
    const reader = this.#reader;
    const writer = this.#writer;
    this.#reader = undefined;
    this.#writer = undefined;
    const ending = Promise.all([
      reader?.cancel().catch(() => undefined),
      this.#reading,
      writer?.close().catch(() => undefined),
    ]);
    await withDeadline(realClock, ending, CLOSE_TIMEOUT_US / 3);
    writer?.releaseLock();
  }

  #end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#port.removeEventListener("disconnect", this.#onDisconnect);
    this.#calls.end(this.#shutDown());
    this.#queue.end();
  }

  #shutDown(): NorbridgeError {
    return new NorbridgeError("ESHUTDOWN", `${this.name} was closed or unplugged`, { operation: "write to port" });
  }
}
