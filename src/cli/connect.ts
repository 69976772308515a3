/**
 * From the connection options to a device, and back to a closed port. A simulated port brings its own time: everything
 * that talks to the device must then run inside `run`, which drives that time while the job waits.
 */
import type { ChipDescriptor } from "../../drivers/chip-descriptor.ts";
import { printable } from "../bytes.ts";
import type { Bridge } from "../bridge/bridge.ts";
import type { Clock } from "../clock.ts";
import { NorbridgeError } from "../errors.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import type { OpenedFlash, OpenFlashOptions } from "../flash/open-flash.ts";
import type { FaultPlan } from "../sim/link/link-faults.ts";
import { parsePortSpec, type PortSpec } from "../transport/port-spec.ts";
import type { ConnectionRequest } from "./connection-request.ts";
import { count } from "./output/quantities.ts";
import { type Session, whenAborted } from "./session.ts";

export interface Connection {
  readonly device: FlashDevice;
  /** Undefined for a device without one (image file). */
  readonly bridge: Bridge | undefined;
  /** SPI clock that --spi-clock really gave, Hz; undefined where nothing was asked for. */
  readonly spiClockHz: number | undefined;
  /** The time the device lives in. */
  readonly clock: Clock;
  /** Runs what talks to the device. */
  run<T>(job: () => Promise<T>): Promise<T>;
  /** Closes device, bridge and port; for a simulated port also writes the chip's file. Idempotent. */
  close(): Promise<void>;
  /** What can still be done when there is no time for `close`. */
  leave(): Promise<void>;
  /** Rules of the chip that were broken so far; only a simulated chip can tell. */
  violations(): readonly string[];
}

/**
 * A bridge that cannot poll gets pages ahead of the answer; a chip that is still busy ignores them, and they go again. What
 * looks blank in a few bytes is programmed, which the verify proves or an erase puts right.
 */
const AHEAD_OF_THE_CHIP = new Set(["command-while-busy", "program-without-write-enable", "program-zero-to-one"]);

const ONE_TIME_RULE = "forbidden-one-time";

/** What every job finds. */
export interface Connected {
  readonly device: FlashDevice;
  readonly bridge: Bridge | undefined;
  readonly spiClockHz: number | undefined;
  readonly clock: Clock;
}

export interface ConnectOptions {
  /** Whether the job may change the chip; a dump is opened for reading only where it may not. */
  readonly willChange: boolean;
  /** The user has agreed to what a chip does only once: a simulated one is not to complain of it. */
  readonly isPermanent?: boolean;
}

/** Connects, runs `job` and closes, on every way out. Throws what `job` throws, and PORT_*, BRIDGE_*, CHIP_*. */
export async function withDevice<T>(
  session: Session,
  request: ConnectionRequest,
  options: ConnectOptions,
  job: (connected: Connected) => Promise<T>,
): Promise<T> {
  // Not within `run`: in simulated time nothing may wait for a disk.
  const lifting = request.unprotect ? await import("../jobs/lift-protection.ts") : undefined;
  const connection = await connectUnlessAborted(session, request, options);
  session.leaving = () => connection.leave();
  try {
    return await connection.run(async () => {
      if (session.signal.aborted) {
        throw new NorbridgeError("ECANCELED", "cancelled before anything was changed", { operation: "connect" });
      }
      if (options.willChange) session.chipMayChange();
      if (lifting === undefined || !options.willChange) return job(connection);
      const lift = { operation: "lift protection", note: (message: string) => session.report.note(message) };
      return lifting.withProtectionLifted(connection.device, lift, () => job(connection));
    });
  } finally {
    session.report.endProgress();
    await closeQuietly(connection, session);
    session.leaving = undefined;
    const rules = connection.violations();
    reportViolations(options.isPermanent === true ? rules.filter((rule) => rule !== ONE_TIME_RULE) : rules, session);
  }
}

/** Opens the bridge alone, whatever chip is behind it or none, and closes it on every way out. Throws PORT_*, BRIDGE_*. */
export async function withBridge<T>(
  session: Session,
  request: ConnectionRequest,
  job: (bridge: Bridge) => Promise<T>,
): Promise<T> {
  const spec = request.port ?? portFromEnvironment(session.io.env["NORBRIDGE_PORT"]);
  if (spec?.kind === "image") {
    throw new NorbridgeError("USAGE", "an image file has no bridge", { operation: "connect" });
  }
  const { openBridge } = await import("../bridge/open-bridge.ts");
  const onBridge = async (bridge: Bridge): Promise<T> => {
    try {
      return await job(bridge);
    } finally {
      await bridge.close();
    }
  };
  const { protocol } = request;
  if (spec?.kind === "sim") {
    const [{ openSimulation }, { parseSimParameters }] = await Promise.all([
      import("../sim/sim-port.ts"),
      import("../sim/sim-parameters.ts"),
    ]);
    const simulation = await openSimulation(parseSimParameters(spec.chip, spec.settings));
    const { clock, duplex } = simulation;
    return simulation.run(async () => {
      return onBridge(await openBridge(duplex, { clock, protocol, random: session.io.random }));
    });
  }
  const { openPort } = await import("../transport/open-port.ts");
  const duplex = await openPort(spec, {
    isFramed: protocol === "native",
    ...(request.baudRate === undefined ? {} : { baudRate: request.baudRate }),
  });
  const { clock, random } = session.io;
  return onBridge(await openBridge(duplex, { clock, protocol, random }));
}

/** Connecting has deadlines of its own, but somebody who pressed Ctrl-C does not wait for them. */
async function connectUnlessAborted(
  session: Session,
  request: ConnectionRequest,
  options: ConnectOptions,
): Promise<Connection> {
  const connecting = connectDevice(session, request, options);
  const connection = await Promise.race([connecting, whenAborted(session.signal)]);
  if (connection !== "aborted") return connection;
  connecting.then((late) => late.close()).catch(() => undefined);
  throw new NorbridgeError("ECANCELED", "cancelled before anything was changed", { operation: "connect" });
}

/** Opens what --port, NORBRIDGE_PORT or the one bridge that is plugged in stands for. */
export async function connectDevice(
  session: Session,
  request: ConnectionRequest,
  options: ConnectOptions,
): Promise<Connection> {
  const spec = request.port ?? portFromEnvironment(session.io.env["NORBRIDGE_PORT"]);
  if (spec?.kind === "sim") return connectSimulation(session, spec, request);
  if (spec?.kind === "image") return connectImage(session, spec, request, options);
  return connectPort(session, spec, request);
}

function portFromEnvironment(text: string | undefined): PortSpec | undefined {
  return text === undefined || text === "" ? undefined : parsePortSpec(text);
}

async function connectPort(
  session: Session,
  spec: PortSpec | undefined,
  request: ConnectionRequest,
): Promise<Connection> {
  const [{ openPort }, { openBridge }, { openFlash }] = await Promise.all([
    import("../transport/open-port.ts"),
    import("../bridge/open-bridge.ts"),
    import("../flash/open-flash.ts"),
  ]);
  const { clock, random } = session.io;
  const part = await ownPart(request.chipFile);
  const duplex = await openPort(spec, {
    isFramed: request.protocol === "native",
    ...(request.baudRate === undefined ? {} : { baudRate: request.baudRate }),
  });
  session.report.detail(`port ${duplex.name}`);
  const bridge = await openBridge(duplex, { clock, protocol: request.protocol, random });
  const opened = await openChip(bridge, request, openFlash, session, part);
  return {
    ...opened,
    bridge,
    clock,
    run: (job) => job(),
    close: () => opened.device.close(),
    leave: () => duplex.close(),
    violations: () => [],
  };
}

async function connectSimulation(
  session: Session,
  spec: PortSpec & { readonly kind: "sim" },
  request: ConnectionRequest,
): Promise<Connection> {
  const [{ openSimulation }, { parseSimParameters }, { createRandom }, { openBridge }, { openFlash }] =
    await Promise.all([
      import("../sim/sim-port.ts"),
      import("../sim/sim-parameters.ts"),
      import("../sim/random.ts"),
      import("../bridge/open-bridge.ts"),
      import("../flash/open-flash.ts"),
    ]);
  const parameters = parseSimParameters(spec.chip, spec.settings);
  const simulation = await openSimulation(parameters);
  const { clock, duplex } = simulation;
  // Drawn from the seed, so that a run with the same seed is the same run.
  const chance = createRandom(parameters.seed).branch("host");
  const random = (): number => chance.nextUint32();
  const part = await ownPart(request.chipFile);
  const opened = await simulation.run(async () => {
    const bridge = await openBridge(duplex, { clock, protocol: request.protocol, random });
    return { ...(await openChip(bridge, request, openFlash, session, part)), bridge };
  });
  const save = (): Promise<void> => {
    simulation.save();
    return Promise.resolve();
  };
  let isClosed = false;
  return {
    ...opened,
    clock,
    run: (job) => simulation.run(job),
    async close() {
      if (isClosed) return;
      isClosed = true;
      try {
        await simulation.run(() => opened.device.close());
      } finally {
        await save();
      }
    },
    leave: save,
    violations() {
      const rules = simulation.violations.map((violation) => violation.rule);
      if (opened.bridge.info.protocol !== "serprog") return rules;
      // On a line that changes bytes, and that nobody checks, broken rules are the line's.
      return hasFaults(parameters.faults) ? [] : rules.filter((rule) => !AHEAD_OF_THE_CHIP.has(rule));
    },
  };
}

async function connectImage(
  session: Session,
  spec: PortSpec & { readonly kind: "image" },
  request: ConnectionRequest,
  options: ConnectOptions,
): Promise<Connection> {
  const { openImageFlash } = await import("../flash/image-flash.ts");
  const settings = new Map(spec.settings);
  if (request.chip !== undefined && !settings.has("chip")) settings.set("chip", request.chip);
  const hasShape = settings.has("eraseBytes");
  for (const [name, value] of settings.has("chip") ? [] : (request.imageDefaults ?? [])) {
    if (!settings.has(name) && (name === "eraseValue" || !hasShape)) settings.set(name, value);
  }
  const device = await openImageFlash(spec.path, settings, { writable: options.willChange });
  return {
    device,
    bridge: undefined,
    spiClockHz: undefined,
    clock: session.io.clock,
    run: (job) => job(),
    close: () => device.close(),
    leave: () => device.close(),
    violations: () => [],
  };
}

type OpenFlash = (bridge: Bridge, options: OpenFlashOptions) => Promise<OpenedFlash>;

/** The part of --chip-file. Throws FILE_INVALID with the place. */
async function ownPart(path: string | undefined): Promise<ChipDescriptor | undefined> {
  if (path === undefined) return undefined;
  const [{ parseChipFile }, { fileBytes }, { fileInvalid }] = await Promise.all([
    import("../../drivers/chip-file.ts"),
    import("../files/text-file.ts"),
    import("../files/file-problem.ts"),
  ]);
  const parsed = parseChipFile(new TextDecoder().decode(await fileBytes(path)));
  if (!parsed.ok) throw fileInvalid(path, `is no chip file: ${parsed.reason}`);
  return parsed.value;
}

async function openChip(
  bridge: Bridge,
  request: ConnectionRequest,
  openFlash: OpenFlash,
  session: Session,
  part: ChipDescriptor | undefined,
): Promise<{ device: FlashDevice; spiClockHz: number | undefined }> {
  try {
    const device = await openFlash(bridge, {
      ...(request.chip === undefined ? {} : { chip: request.chip }),
      ...(request.chipSizeBytes === undefined ? {} : { sizeBytes: request.chipSizeBytes }),
      ...(part === undefined ? {} : { part }),
      ...(request.spiClockHz === undefined ? {} : { spiClockHz: request.spiClockHz }),
      ...(request.care === undefined ? {} : { readsTwice: request.care === "paranoid" }),
    });
    if (device.link?.isUnchecked === true) session.report.detail(uncheckedNote(device.link.readsTwice));
    for (const note of device.notes) session.report.detail(`${device.identity.name}: ${note}`);
    return { device, spiClockHz: device.spiClockHz };
  } catch (error) {
    await bridge.close().catch(() => undefined);
    throw error;
  }
}

function hasFaults({ up, down, planned }: FaultPlan): boolean {
  return planned.length > 0 || Object.keys(up).length > 0 || Object.keys(down).length > 0;
}

function uncheckedNote(readsTwice: boolean): string {
  const reads = readsTwice ? "reads are made twice and compared" : "reads are made once, as --fast says";
  return `nobody checks the bytes on this line: ${reads}`;
}

/** What a failed job threw must not be hidden by what closing throws after it. */
async function closeQuietly(connection: Connection, session: Session): Promise<void> {
  try {
    await connection.close();
  } catch (error) {
    session.report.warn(`closing failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A broken rule is a bug of ours: a real chip would have ignored the command or done something else. */
function reportViolations(rules: readonly string[], session: Session): void {
  if (rules.length === 0) return;
  const kinds = [...new Set(rules)].map(
    (rule) => `${rule} (${count(rules.filter((other) => other === rule).length, "time")})`,
  );
  session.report.warn(
    `the simulated chip saw ${count(rules.length, "broken rule")}: ${printable(kinds.join(", "))}; ` +
      "that is a bug in norbridge, please report it",
  );
}
