/**
 * From the connection options to a device, and back to a closed port. A simulated port brings its own time: everything
 * that talks to the device must then run inside `run`, which drives that time while the job waits.
 */
import { printable } from "../bytes.ts";
import type { Bridge } from "../bridge/bridge.ts";
import type { Clock } from "../clock.ts";
import { NorbridgeError } from "../errors.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import type { ClockDoubt } from "../flash/spi-clock.ts";
import type { Remedy } from "../advice.ts";
import type { LiftedProtection, ProtectionLift } from "../jobs/lift-protection.ts";
import type { ConnectionRequest } from "./connection-request.ts";
import type { Connection, ReopenOptions } from "./connections/connection.ts";
import { sayClock } from "./connections/open-chip.ts";
import { count } from "./quantities.ts";
import { chipFailureIn, linkLossIn, MAX_RECONNECTS } from "./recovery.ts";
import { whenAborted } from "./when-aborted.ts";
import type { RunHost } from "./run-host.ts";

const ONE_TIME_RULE = "forbidden-one-time";

/** What every job finds. */
export interface Connected {
  readonly device: FlashDevice;
  readonly bridge: Bridge | undefined;
  readonly spiClockHz: number | undefined;
  readonly clock: Clock;
}

export interface ConnectOptions {
  /** Whether the job may change the chip; a dump is opened for reading only if it may not. */
  readonly willChange: boolean;
  /**
   * Whether `job` may be called again over a new connection after the bridge was lost in the middle of it: it has to know by
   * itself what it did before.
   */
  readonly mayReconnect?: boolean | undefined;
  /**
   * Before anything is changed, on every connection: throws if this is not the chip it should be. `lifted`: what protects it and
   * is going to be lifted, and restored at the end.
   */
  readonly prove?: ((connected: Connected, lifted: LiftedProtection | undefined) => Promise<void>) | undefined;
  /**
   * After the job ended well and its protection is restored, on the same connection: from here on nothing of the chip is left
   * to be restored. Throws what makes the job fail after all.
   */
  readonly conclude?: ((connected: Connected) => Promise<void>) | undefined;
  /** The user has agreed to what a chip does only once: a simulated one is not to complain of it. */
  readonly isPermanent?: boolean | undefined;
}

/** Connects, runs `job` and closes, on every way out. Throws what `job` throws, and PORT_*, BRIDGE_*, CHIP_*. */
export async function withDevice<T>(
  host: RunHost,
  request: ConnectionRequest,
  options: ConnectOptions,
  job: (connected: Connected) => Promise<T>,
): Promise<T> {
  // Not within `run`: in simulated time nothing may wait for a disk.
  const lift = request.unprotect && options.willChange ? await liftFor(host, request.protection) : undefined;
  const link = await ChipLink.open(host, request, options);
  let isDone = false;
  try {
    const result = await link.runJob(options, lift, job);
    isDone = true;
    return result;
  } finally {
    host.report.endProgress();
    host.report.waitsFor("the port to close");
    const problem = await closingProblem(link);
    lift?.end();
    link.reportViolations(options);
    sayClosing(problem, isDone, host);
  }
}

/** A chip that is open, over as many connections as its jobs take. */
export class ChipLink {
  readonly #host: RunHost;
  #connection: Connection;
  #how: ReopenOptions = { staySlow: false };

  private constructor(host: RunHost, connection: Connection) {
    this.#host = host;
    this.#connection = connection;
    host.leaving = () => this.#connection.leave();
  }

  /** A chip on a connection that its caller has opened, and closes. */
  static over(host: RunHost, connection: Connection): ChipLink {
    return new ChipLink(host, connection);
  }

  /** Throws PORT_*, BRIDGE_*, CHIP_*; ECANCELED when the host's signal aborts. */
  static async open(
    host: RunHost,
    request: ConnectionRequest,
    options: Pick<ConnectOptions, "willChange">,
  ): Promise<ChipLink> {
    return new ChipLink(host, await connectUnlessAborted(host, request, options));
  }

  /** The connection as it is now: a job that loses its bridge gets another. */
  get connection(): Connection {
    return this.#connection;
  }

  /**
   * Runs `job` in the time of the device, with the protection lifted if `lift` is given. If the bridge is lost or the wires do
   * not bear the SPI clock, and the job allows it, `job` runs again over a new connection. Throws what `job` throws.
   */
  async runJob<T>(
    options: ConnectOptions,
    lift: ProtectionLift | undefined,
    job: (connected: Connected) => Promise<T>,
  ): Promise<T> {
    this.#host.report.waitsFor("the chip");
    for (let reconnects = 0; ; reconnects++) {
      try {
        return await this.#runOnce(options, lift, job);
      } catch (error) {
        if (options.mayReconnect !== true || reconnects >= MAX_RECONNECTS) throw error;
        if (!(await this.#reconnect(error, reconnects))) throw error;
      }
    }
  }

  /** Closes device, bridge and port. Idempotent. Throws what closing throws. */
  async close(): Promise<void> {
    try {
      await this.#connection.close();
    } finally {
      this.#host.leaving = undefined;
    }
  }

  /** Reports the rules that a simulated chip saw broken. */
  reportViolations({ isPermanent }: Pick<ConnectOptions, "isPermanent">): void {
    const { hasAskedForFaults = false } = this.#connection;
    const rules = this.#connection.violations();
    const unexpected = isPermanent === true ? rules.filter((rule) => rule !== ONE_TIME_RULE) : rules;
    reportViolations(unexpected, hasAskedForFaults, this.#host);
  }

  #runOnce<T>(
    options: ConnectOptions,
    lift: ProtectionLift | undefined,
    job: (connected: Connected) => Promise<T>,
  ): Promise<T> {
    const connection = this.#connection;
    return connection.run(async () => {
      if (this.#host.signal.aborted) {
        throw new NorbridgeError("ECANCELED", "cancelled before anything was changed", { operation: "connect" });
      }
      if (options.willChange) this.#host.chipMayChange();
      const prove = async (lifted?: LiftedProtection): Promise<void> => options.prove?.(connection, lifted);
      if (lift === undefined) await prove();
      const result = await (lift === undefined
        ? job(connection)
        : lift.around(connection.device, () => job(connection), prove));
      await options.conclude?.(connection);
      return result;
    });
  }

  /** Whether there is another connection for the job that failed. */
  async #reconnect(error: unknown, reconnects: number): Promise<boolean> {
    const settledBytes = this.#connection.device.geometry.capacityBytes;
    const how = { ...this.#how, settledBytes };
    const again = await howToGoOn(this.#connection, error, { reconnects, how }, this.#host);
    const next = again === undefined ? undefined : await connectAgain(this.#connection, again, this.#host);
    if (again === undefined || next === undefined) return false;
    this.#connection = next;
    this.#how = again;
    return true;
  }
}

/** What lifts the protection around a job, and restores it. `before`: what it was before an earlier run of the job. */
export async function liftFor({ report }: RunHost, before: LiftedProtection | undefined): Promise<ProtectionLift> {
  const { ProtectionLift: Lift } = await import("../jobs/lift-protection.ts");
  const options = {
    operation: "lift protection",
    note: (message: string) => {
      report.note(message);
    },
    warn: (message: string, remedies?: readonly Remedy[]) => {
      report.warn(message, remedies);
    },
  };
  return new Lift(options, before);
}

/** What another connection would have to be like for the job to continue; says so. Undefined if none would help. */
async function howToGoOn(
  connection: Connection,
  error: unknown,
  { reconnects, how }: { readonly reconnects: number; readonly how: ReopenOptions },
  host: RunHost,
): Promise<ReopenOptions | undefined> {
  if (connection.reopen === undefined || host.signal.aborted) return undefined;
  const loss = linkLossIn(error);
  if (loss === undefined) {
    const doubt = await doubtOfClock(connection, error);
    if (doubt === undefined) return undefined;
    host.report.endProgress();
    sayClock(doubt, host);
    return { ...how, spiClockHz: doubt.toHz };
  }
  host.report.endProgress();
  // The first time it may have been a loose cable; from then on the baud rate is in doubt as well.
  const staySlow = reconnects > 0;
  const rate = staySlow ? " without raising the baud rate" : "";
  const what = `lost the bridge (${printable(loss.message)}); reconnecting${rate}, ${reconnects + 1} of ${MAX_RECONNECTS}`;
  host.report.note(what);
  host.report.record("recovery", { reason: loss.code, attempt: reconnects + 1, staySlow });
  return { ...how, staySlow };
}

/** Whether the job failed at the chip because the wires do not bear the SPI clock. */
async function doubtOfClock(connection: Connection, error: unknown): Promise<ClockDoubt | undefined> {
  const { bridge, device, spiClockHz = 0 } = connection;
  const failure = chipFailureIn(error);
  if (failure === undefined || bridge === undefined || spiClockHz === 0) return undefined;
  const { doubtClock } = await import("../flash/spi-clock.ts");
  try {
    return await connection.run(() => doubtClock(bridge, device, spiClockHz, failure.range?.address ?? 0));
  } catch {
    // Then it is the way to the chip that is in doubt, and what the job failed with stands.
    return undefined;
  }
}

/** The same bridge and chip once more; undefined if it does not come back. */
async function connectAgain(
  connection: Connection,
  how: ReopenOptions,
  host: RunHost,
): Promise<Connection | undefined> {
  try {
    await connection.close({ willReopen: true }).catch(() => undefined);
    return await connection.reopen?.(how);
  } catch (again) {
    host.report.note(`the bridge did not come back: ${again instanceof Error ? printable(again.message) : ""}`);
    return undefined;
  }
}

/** Connecting has deadlines of its own, but after Ctrl-C the user does not wait for them. */
async function connectUnlessAborted(
  host: RunHost,
  request: ConnectionRequest,
  options: ConnectOptions,
): Promise<Connection> {
  host.report.waitsFor("port, bridge and chip");
  const connecting = host.connect(request, options);
  const connection = await Promise.race([connecting, whenAborted(host.signal)]);
  if (connection !== "aborted") return connection;
  connecting.then((late) => late.close()).catch(() => undefined);
  throw new NorbridgeError("ECANCELED", "cancelled before anything was changed", { operation: "connect" });
}

/** What closing throws; undefined if it went well. */
async function closingProblem(link: ChipLink): Promise<{ readonly error: unknown } | undefined> {
  try {
    await link.close();
    return undefined;
  } catch (error) {
    return { error };
  }
}

/**
 * Throws what closing threw where the job went well: its work may be lost by that, as where a simulated chip cannot be saved.
 * What a failed job threw is not hidden by it.
 */
function sayClosing(problem: { readonly error: unknown } | undefined, isDone: boolean, { report }: RunHost): void {
  if (problem === undefined) return;
  const { error } = problem;
  const why = error instanceof Error ? error.message : String(error);
  if (!isDone) {
    report.warn(`closing failed: ${why}`);
    return;
  }
  const isKnown = error instanceof NorbridgeError;
  throw new NorbridgeError(isKnown ? error.code : "FILE_EXISTS", `the job was done, but closing failed: ${why}`, {
    operation: "close",
    hint: isKnown ? error.advice : "Check whether the output is complete.",
    cause: error,
  });
}

/** A broken rule is a bug of ours, unless the user asked for a fault: a real chip would have ignored the command or worse. */
function reportViolations(rules: readonly string[], isAskedFor: boolean, { report }: RunHost): void {
  if (rules.length === 0) return;
  const kinds = [...new Set(rules)].map(
    (rule) => `${rule} (${count(rules.filter((other) => other === rule).length, "time")})`,
  );
  const seen = `the simulated chip saw ${count(rules.length, "broken rule")}: ${printable(kinds.join(", "))}`;
  if (isAskedFor) report.note(`${seen}, with the faults set by its port`);
  else report.warn(`${seen}; that is a bug in norbridge, please report it`);
}
