/** Which ports this page may use. Only the page can ask the user; the worker opens the port. */

/** A port by the ids of its USB device; none for a port without USB. */
export interface PermittedPort {
  readonly name: string;
  readonly vendorId: number | undefined;
  readonly productId: number | undefined;
}

interface PortInfo {
  readonly usbVendorId?: number | undefined;
  readonly usbProductId?: number | undefined;
}
interface Port {
  getInfo(): PortInfo;
}
interface Serial extends EventTarget {
  getPorts(): Promise<readonly Port[]>;
  requestPort(): Promise<Port>;
}

function serialOf(): Serial | undefined {
  return (navigator as { readonly serial?: Serial | undefined }).serial;
}

/** Asked for by what it can do, never by the name of the browser. */
export function hasWebSerial(): boolean {
  return serialOf() !== undefined;
}

/** The user chooses; undefined in a browser without Web Serial. Rejects if nothing was chosen. */
export async function requestPort(): Promise<PermittedPort | undefined> {
  const port = await serialOf()?.requestPort();
  return port === undefined ? undefined : described(port);
}

/** Calls back with the ports that may be used now, and after each that comes or goes. The result ends that. */
export function permittedPorts(callback: (ports: readonly PermittedPort[]) => void): () => void {
  const serial = serialOf();
  if (serial === undefined) return () => undefined;
  const look = (): void => {
    void serial.getPorts().then(
      (ports) => callback(ports.map(described)),
      () => callback([]),
    );
  };
  look();
  serial.addEventListener("connect", look);
  serial.addEventListener("disconnect", look);
  return () => {
    serial.removeEventListener("connect", look);
    serial.removeEventListener("disconnect", look);
  };
}

function described(port: Port): PermittedPort {
  const { usbVendorId: vendorId, usbProductId: productId } = port.getInfo();
  const hex = (id: number): string => id.toString(16).padStart(4, "0");
  const name =
    vendorId === undefined || productId === undefined ? "Serial port" : `USB ${hex(vendorId)}:${hex(productId)}`;
  return { name, vendorId, productId };
}
