/** A model of a Web Serial port whose device sends back what it gets. It refuses what the interface refuses. */
import type { WebSerialPort } from "../../src/page/worker/web-serial-port.ts";

export class LoopedModel extends EventTarget implements WebSerialPort {
  readable: ReadableStream<Uint8Array> | null = null;
  writable: WritableStream<Uint8Array> | null = null;
  /** `cancel` of the reader never settles, as with some drivers. */
  readonly hangsInCancel: boolean;
  #source: ReadableStreamDefaultController<Uint8Array> | undefined;
  #isPlugged = true;
  #isOpen = false;
  /** Options of each opening. */
  readonly openings: { readonly baudRate: number; readonly bufferSize: number; readonly flowControl: string }[] = [];

  constructor({ hangsInCancel = false }: { readonly hangsInCancel?: boolean } = {}) {
    super();
    this.hangsInCancel = hangsInCancel;
  }

  async open(options: {
    readonly baudRate: number;
    readonly bufferSize: number;
    readonly flowControl: "none" | "hardware";
  }): Promise<void> {
    if (this.#isOpen) throw new DOMException("The port is already open.", "InvalidStateError");
    if (!this.#isPlugged) throw new DOMException("Failed to open serial port.", "NetworkError");
    await Promise.resolve();
    this.#isOpen = true;
    this.openings.push(options);
    this.#renewReadable();
    this.writable = new WritableStream({
      write: (chunk) => {
        if (!this.#isPlugged) throw new DOMException("The device has been lost.", "NetworkError");
        this.#source?.enqueue(chunk.slice());
      },
    });
  }

  async close(): Promise<void> {
    if (!this.#isOpen) throw new DOMException("The port is already closed.", "InvalidStateError");
    if (this.readable?.locked === true || this.writable?.locked === true) {
      throw new TypeError("Cannot cancel a locked stream");
    }
    await Promise.resolve();
    this.#isOpen = false;
    this.readable = null;
    this.writable = null;
  }

  setSignals(): Promise<void> {
    return this.#isOpen ? Promise.resolve() : Promise.reject(new DOMException("closed", "InvalidStateError"));
  }

  getInfo(): { readonly usbVendorId: number; readonly usbProductId: number } {
    return { usbVendorId: 0x2e8a, usbProductId: 0x000a };
  }

  /** The line had an error: the stream is replaced, the port stays. */
  fail(name: string): void {
    const broken = this.#source;
    this.#renewReadable();
    broken?.error(new DOMException("a line error", name));
  }

  /** The device is gone. */
  pull(): void {
    this.#isPlugged = false;
    this.readable = null;
    this.#source?.error(new DOMException("The device has been lost.", "NetworkError"));
    this.#source = undefined;
    this.dispatchEvent(new Event("disconnect"));
  }

  plug(): void {
    this.#isPlugged = true;
  }

  #renewReadable(): void {
    this.readable = new ReadableStream<Uint8Array>({
      start: (source) => {
        this.#source = source;
      },
      cancel: () => (this.hangsInCancel ? new Promise<void>(() => undefined) : undefined),
    });
  }
}
