/**
 * A simulated bridge on a path of serialport's mock binding: any program that opens that path through `SerialPortMock`
 * finds a bridge there, in its own tests and without hardware.
 *
 * The binding is handed in (`SerialPortMock.binding`) and never imported: there are two builds of it with a port table
 * each, and only the caller knows which one the program under test uses. Virtual time runs as fast as it can.
 */
import { realClock } from "../clock.ts";
import type { ChipModel } from "./chip/core/chip-model.ts";
import { LiveWorld } from "./live-world.ts";
import { parseSimParameters } from "./sim-parameters.ts";
import { worldFromParameters } from "./sim-port.ts";
import type { WorldViolation } from "./simulation.ts";

/** The part of an open mock port that `createMockBridge` uses. `SerialPortMock` provides it. */
export interface MockPort {
  /** Delivers bytes to the program. */
  emitData(data: Buffer): void;
  /** Takes bytes from the program. */
  write(buffer: Buffer): Promise<void>;
  /** Changes the line rate, baud. */
  update(options: { baudRate: number }): Promise<void>;
  /** Closes the port. */
  close(): Promise<void>;
  /** Whether the port is open. */
  isOpen: boolean;
}

/** The part of `SerialPortMock.binding` that `createMockBridge` uses. */
export interface MockBinding {
  /** Creates a path, with the identity that `list` reports. */
  createPort(
    path: string,
    options?: { manufacturer?: string | undefined; vendorId?: string | undefined; productId?: string | undefined },
  ): void;
  /** Opens a path. */
  open(options: { path: string; baudRate: number }): Promise<MockPort>;
}

/** Options of `createMockBridge`. */
export interface MockBridgeOptions {
  /** `SerialPortMock.binding` of the serialport that the program under test imports. */
  readonly binding: MockBinding;
  /** Path to create, such as "/dev/ttyMOCK0". */
  readonly path: string;
  /** Name of a simulated chip, or a chip that the test has prepared. */
  readonly chip: string | ChipModel;
  /** Settings as of a `sim:` port: `{ bufferBytes: "800", seed: "7" }`. Without `baud`, any line rate works. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/** A simulated bridge on a path of the mock binding. */
export interface MockBridge {
  /** The path of the bridge. */
  readonly path: string;
  /** The simulated chip. */
  readonly chip: ChipModel;
  /** Rules broken so far, of the chip and of the wire. A test expects none. */
  readonly violations: readonly WorldViolation[];
  /** Restarts the bridge, as a reset on DTR does. It ignores the line for `bootMs` milliseconds; default 0. */
  reset(bootMs?: number): void;
  /** Pulls the cable: the open port closes with an error. */
  unplug(): void;
  /**
   * Removes the bridge. The path itself stays until `binding.reset()`. Writes the chip's file if it has one; throws
   * FILE_EXISTS if that is impossible.
   */
  remove(): void;
}

/**
 * Creates the path in the mock binding and a simulated bridge on it. Any program that opens the path through
 * `SerialPortMock` then finds the bridge. Throws USAGE for an unknown setting or chip, FILE_INVALID if the chip's file
 * does not fit, PORT_BUSY if another program uses it.
 */
export function createMockBridge(options: MockBridgeOptions): MockBridge {
  const { binding, path, chip, settings = {} } = options;
  const anyRate: Record<string, string> = "baud" in settings ? {} : { usb: "fs" };
  const query = new Map(Object.entries({ ...anyRate, ...settings }));
  const { parts, save, release } = worldFromParameters(
    parseSimParameters(typeof chip === "string" ? chip : chip.name, query),
    typeof chip === "string" ? undefined : chip,
  );
  let port: MockPort | undefined;
  const unplug = (): void => {
    if (port !== undefined) pullCable(port);
    port = undefined;
  };
  const live = new LiveWorld({
    world: parts,
    isRealtime: false,
    clock: realClock,
    toHost: (bytes) => {
      if (port?.isOpen === true) port.emitData(Buffer.from(bytes));
    },
    onDisconnect: unplug,
  });
  binding.createPort(path, { manufacturer: "norbridge simulator", vendorId: "2e8a", productId: "000a" });
  const unhook = hookOpen(binding, path, (opened, baudRate) => {
    port = opened;
    live.setHostBaud(baudRate);
    hookPort(opened, live);
  });
  return {
    path,
    chip: parts.chip,
    get violations() {
      return live.world.violations;
    },
    reset: (bootMs) => live.reset(bootMs),
    unplug,
    remove() {
      unhook();
      live.close();
      try {
        save();
      } finally {
        release();
      }
    },
  };
}

type OpenListener = (port: MockPort, baudRate: number) => void;
const listeners = new WeakMap<MockBinding, Map<string, OpenListener>>();

/** Hears of every open of `path`, now and later. Returns how to stop that. */
function hookOpen(binding: MockBinding, path: string, onOpen: OpenListener): () => void {
  const paths = listeners.get(binding) ?? hookBinding(binding);
  paths.set(path, onOpen);
  return () => {
    if (paths.get(path) === onOpen) paths.delete(path);
  };
}

/** One hook for all bridges on a binding; it stays, and does nothing if no bridge listens. */
function hookBinding(binding: MockBinding): Map<string, OpenListener> {
  const paths = new Map<string, OpenListener>();
  const open = binding.open.bind(binding);
  binding.open = async (options) => {
    const port = await open(options);
    paths.get(options.path)?.(port, options.baudRate);
    return port;
  };
  listeners.set(binding, paths);
  return paths;
}

/** The binding has no hook for a write: what it wrote is handed on when it has taken it. */
function hookPort(port: MockPort, live: LiveWorld): void {
  const write = port.write.bind(port);
  const update = port.update.bind(port);
  port.write = async (buffer) => {
    const copy = Uint8Array.from(buffer);
    await write(buffer);
    live.take(copy);
  };
  port.update = async (options) => {
    await update(options);
    live.setHostBaud(options.baudRate);
  };
}

/** A read or a write that fails with `disconnect` is how serialport learns of an unplug. */
function pullCable(port: MockPort): void {
  const gone = (): Error => Object.assign(new Error("the cable was pulled"), { disconnect: true });
  port.write = () => Promise.reject(gone());
  const pending: unknown = Reflect.get(port, "pendingRead");
  if (typeof pending !== "function") return;
  Reflect.set(port, "pendingRead", null);
  Reflect.apply(pending, port, [gone()]);
}
