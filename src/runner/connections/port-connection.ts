/** A bridge on a serial port or on TCP. */
import type { ByteDuplex } from "../../transport/byte-duplex.ts";
import type { PortSpec } from "../../transport/port-spec.ts";
import type { UsbDevice } from "../../transport/usb-boards.ts";
import type { ConnectionRequest } from "../connection-request.ts";
import type { RunHost } from "../run-host.ts";
import type { Connection, ReopenOptions } from "./connection.ts";
import { recording } from "../recording-file.ts";
import { ownPart } from "./own-part.ts";
import type { Wire } from "./wire.ts";

/** Opens the port. Throws PORT_*. */
export async function portWire(host: RunHost, spec: PortSpec | undefined, request: ConnectionRequest): Promise<Wire> {
  const { openPort } = await import("../../transport/open-port.ts");
  const { clock, random } = host;
  const record = await recording(host, request);
  const duplex = await openPort(spec, { isFramed: request.protocol === "native", baudRate: request.baudRate });
  return { duplex: record(duplex, clock), clock, random, run: (job) => job() };
}

/** Throws PORT_*, BRIDGE_*, CHIP_*. */
export async function connectPort(
  host: RunHost,
  spec: PortSpec | undefined,
  request: ConnectionRequest,
  how: ReopenOptions = { staySlow: false },
): Promise<Connection> {
  const [{ connectDuplex }, { usbDeviceOf }] = await Promise.all([
    import("./duplex-connection.ts"),
    import("../../transport/usb-identity.ts"),
  ]);
  const part = await ownPart(request.chipFile, host.signal);
  const { duplex } = await portWire(host, spec, request);
  host.report.detail(`port ${duplex.name}`);
  // While it is there: what is unplugged cannot be asked any more.
  const usb = spec?.kind === "tcp" ? undefined : await usbDeviceOf(duplex.name);
  const reopen = (again: ReopenOptions): Promise<Connection> => reconnect(host, spec, usb, duplex, request, again);
  return connectDuplex(host, duplex, request, how, { part, reopen });
}

async function reconnect(
  host: RunHost,
  spec: PortSpec | undefined,
  usb: UsbDevice | undefined,
  { name }: ByteDuplex,
  request: ConnectionRequest,
  how: ReopenOptions,
): Promise<Connection> {
  const [{ findPortOf }, { untilBack }] = await Promise.all([
    import("../../transport/usb-identity.ts"),
    import("./duplex-connection.ts"),
  ]);
  return untilBack(host, async () => {
    // A device that comes back may have another number; what it is called by its own serial number stays.
    const path = usb === undefined ? undefined : await findPortOf(usb);
    const again: PortSpec | undefined = path === undefined || path === name ? spec : { kind: "serial", path };
    const connection = await connectPort(host, again, request, how);
    if (again !== spec) host.report.note(`the bridge is back as ${path}`);
    return connection;
  });
}
