/** From what `--port` says to a duplex of bytes. Simulated and image ports are not bytes on a wire; cli opens those. */
import { NorbridgeError } from "../errors.ts";
import type { ByteDuplex } from "./byte-duplex.ts";
import { findBridgePort, findUsbPort } from "./list-ports.ts";
import type { PortSpec } from "./port-spec.ts";
import { openSerial } from "./serial.ts";
import { openTcp } from "./tcp.ts";

/** Line rate of a UART bridge before it is asked to climb. */
export const DEFAULT_BAUD_RATE = 115_200;

/** How to open a port. All of it may be left out. */
export interface OpenPortOptions {
  /** Rate the port is opened with; DEFAULT_BAUD_RATE if left out. USB CDC and TCP ignore it. */
  readonly baudRate?: number | undefined;
  /** Whether only native frames will come, see serial.ts. Default false. */
  readonly isFramed?: boolean | undefined;
}

/** Opens the port; undefined means the one bridge that is plugged in. Throws PORT_* errors. */
export async function openPort(spec: PortSpec | undefined, options: OpenPortOptions = {}): Promise<ByteDuplex> {
  const baudRate = options.baudRate ?? DEFAULT_BAUD_RATE;
  const serial = { isFramed: options.isFramed ?? false };
  if (spec === undefined) return openSerial(await findBridgePort(), baudRate, serial);
  switch (spec.kind) {
    case "serial":
      return openSerial(spec.path, baudRate, serial);
    case "usb":
      return openSerial(await findUsbPort(spec.vendorId, spec.productId, spec.serialNumber), baudRate, serial);
    case "tcp":
      return openTcp(spec.host, spec.port);
    case "sim":
    case "image":
    case "replay":
      throw new NorbridgeError("EINVAL", `${spec.kind}: cannot be opened as a byte stream`, { operation: "open port" });
  }
}
