/** The way to the bridge of a slot, which may be opened again and again. Simulated ones bring their own time. */
import type { Bridge } from "../bridge/bridge.ts";
import { openBridge } from "../bridge/open-bridge.ts";
import { type Clock, machineRandom, realClock } from "../clock.ts";
import { NorbridgeError } from "../errors.ts";
import { openPort } from "../transport/open-port.ts";
import { parsePortSpec, type PortSpec } from "../transport/port-spec.ts";
import { portAtUsbPath } from "../transport/usb-path.ts";

export interface SlotWires {
  /** For journals: a simulated chip is none that is really there. */
  readonly port: PortSpec;
  /** The time that the chip lives in. */
  readonly clock: Clock;
  /** Runs what talks to the chip. */
  run<T>(job: () => Promise<T>): Promise<T>;
  /** Opens the bridge; to be called within `run`. Throws PORT_*, BRIDGE_*. */
  open(how: { readonly staySlow: boolean }): Promise<Bridge>;
  /** Between two looks at the slot, in real time: resolves at once where the time of the slot is real. */
  pause(): Promise<void>;
  /** A result is shown. */
  shown(): void;
  /** For good; what the bridge holds is closed already. */
  close(): void;
}

/** A slot by its USB path: `usb-path:3-1.4`. */
const USB_PATH = /^usb-path:([0-9]+-[0-9]+(?:\.[0-9]+)*)$/;

/** What a slot's port is called in the list of ports; undefined: it is no USB path. */
export function usbPathIn(port: string): string | undefined {
  return USB_PATH.exec(port)?.[1];
}

/** A serial port or TCP. Throws USAGE for a port of another kind. */
export function portWires(port: string): SlotWires {
  const usbPath = usbPathIn(port);
  const spec: PortSpec = usbPath === undefined ? parsePortSpec(port) : { kind: "serial", path: port };
  if (spec.kind === "image" || spec.kind === "replay") {
    throw new NorbridgeError("USAGE", "the port of a slot is a bridge: no file, no recording", {
      operation: "open slot",
    });
  }
  return {
    port: spec,
    clock: realClock,
    run: (job) => job(),
    async open({ staySlow }) {
      const now = usbPath === undefined ? spec : await atUsbPath(usbPath);
      const duplex = await openPort(now, { isFramed: false, baudRate: undefined });
      return openBridge(duplex, { protocol: "auto", clock: realClock, climb: !staySlow, random: machineRandom });
    },
    pause: () => Promise.resolve(),
    shown: () => undefined,
    close: () => undefined,
  };
}

async function atUsbPath(usbPath: string): Promise<PortSpec> {
  const path = await portAtUsbPath(usbPath);
  if (path !== undefined) return { kind: "serial", path };
  throw new NorbridgeError("PORT_NOT_FOUND", `no bridge is plugged in at the USB path ${usbPath}`, {
    operation: "open slot",
    hint: "Plug the bridge in where it was when the slots were learned.",
  });
}
