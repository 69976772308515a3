/** The ports that the user has permitted to this page, as its worker sees them. */
import type { WebSerialPort } from "./web-serial-port.ts";

export interface WebSerial extends EventTarget {
  getPorts(): Promise<WebSerialPort[]>;
}

/** Undefined in a browser without it. */
export function webSerial(): WebSerial | undefined {
  return (navigator as { readonly serial?: WebSerial | undefined }).serial;
}
