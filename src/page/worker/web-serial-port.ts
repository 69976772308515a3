/** Web Serial as far as it is used here (https://wicg.github.io/serial/): TypeScript has no types of it yet. */

export interface WebSerialPort extends EventTarget {
  readonly readable: ReadableStream<Uint8Array> | null;
  readonly writable: WritableStream<Uint8Array> | null;
  open(options: {
    readonly baudRate: number;
    readonly bufferSize: number;
    readonly flowControl: "none" | "hardware";
  }): Promise<void>;
  close(): Promise<void>;
  setSignals(signals: { readonly dataTerminalReady: boolean; readonly requestToSend: boolean }): Promise<void>;
  getInfo(): { readonly usbVendorId?: number | undefined; readonly usbProductId?: number | undefined };
}
