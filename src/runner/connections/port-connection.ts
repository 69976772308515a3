/** A bridge on a serial port or on TCP. */
import { isOf } from "../../error-groups.ts";
import type { ByteDuplex } from "../../transport/byte-duplex.ts";
import type { PortSpec } from "../../transport/port-spec.ts";
import type { UsbDevice } from "../../transport/usb-boards.ts";
import { bridgeOptionsOf, type ConnectionRequest } from "../connection-request.ts";
import type { RunHost } from "../run-host.ts";
import { type Connection, type ReopenOptions, requestNow } from "./connection.ts";
import { recording } from "../recording-file.ts";
import { openChip, ownPart } from "./open-chip.ts";

/** How long a port that went away is waited for, and how often it is looked for. */
const COME_BACK_US = 10_000_000;
const LOOK_AGAIN_US = 250_000;

/** Throws PORT_*, BRIDGE_*, CHIP_*. */
export async function connectPort(
  host: RunHost,
  spec: PortSpec | undefined,
  request: ConnectionRequest,
  how: ReopenOptions = { staySlow: false },
): Promise<Connection> {
  const [{ openPort }, { openBridge }, { openFlash }, { usbDeviceOf }] = await Promise.all([
    import("../../transport/open-port.ts"),
    import("../../bridge/open-bridge.ts"),
    import("../../flash/open-flash.ts"),
    import("../../transport/usb-identity.ts"),
  ]);
  const { clock, random } = host;
  const part = await ownPart(request.chipFile, host.signal);
  const opener = await recording(host, request);
  const duplex = opener(
    await openPort(spec, {
      isFramed: request.protocol === "native",
      baudRate: request.baudRate,
    }),
    clock,
  );
  host.report.detail(`port ${duplex.name}`);
  // While it is there: what is unplugged cannot be asked any more.
  const usb = spec?.kind === "tcp" ? undefined : await usbDeviceOf(duplex.name);
  const opening = await openBridge(duplex, {
    ...{ ...bridgeOptionsOf(request), clock, climb: !how.staySlow },
    random: host.recorder?.random(random) ?? random,
  });
  const bridge = host.recorder?.wrapBridge(opening) ?? opening;
  const opened = await openChip(bridge, requestNow(request, how), openFlash, host, part);
  return {
    ...opened,
    bridge,
    clock,
    run: (job) => job(),
    close: () => opened.device.close(),
    leave: () => duplex.close(),
    violations: () => [],
    reopen: (again) => reconnect(host, spec, usb, duplex, request, again),
  };
}

/** Tries until the port is there again and the bridge responds; throws what went wrong last. */
async function reconnect(
  host: RunHost,
  spec: PortSpec | undefined,
  usb: UsbDevice | undefined,
  { name }: ByteDuplex,
  request: ConnectionRequest,
  how: ReopenOptions,
): Promise<Connection> {
  const { findPortOf } = await import("../../transport/usb-identity.ts");
  const { clock } = host;
  const endUs = clock.nowUs() + COME_BACK_US;
  for (;;) {
    // A device that comes back may have another number; what it is called by its own serial number stays.
    const path = usb === undefined ? undefined : await findPortOf(usb);
    const again: PortSpec | undefined = path === undefined || path === name ? spec : { kind: "serial", path };
    try {
      const connection = await connectPort(host, again, request, how);
      if (again !== spec) host.report.note(`the bridge is back as ${path}`);
      return connection;
    } catch (error) {
      if (!isOf(error, "reappearing") || clock.nowUs() >= endUs || host.signal.aborted) throw error;
    }
    await clock.wait(LOOK_AGAIN_US, host.signal);
  }
}
