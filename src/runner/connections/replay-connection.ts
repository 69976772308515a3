/** A recording in place of a bridge, in time of its own. */
import type { Bridge } from "../../bridge/bridge.ts";
import { causeIn } from "../../error-groups.ts";
import { NorbridgeError } from "../../errors.ts";
import type { ByteDuplex } from "../../transport/byte-duplex.ts";
import type { PortSpec } from "../../transport/port-spec.ts";
import type { ConnectionRequest } from "../connection-request.ts";
import type { RunHost } from "../run-host.ts";
import { type Connection, type ReopenOptions, requestNow } from "./connection.ts";
import { bridgeInTime } from "../bridge-in-time.ts";
import { openChip } from "./open-chip.ts";
import { ownPart } from "./own-part.ts";
import { bridgeOn, type Wire } from "./wire.ts";

/** What a recording stands for: a bridge if it holds steps, else the bytes of a wire, which can be opened again. */
export type Replayed =
  | { readonly level: "steps"; readonly bridge: Bridge; readonly run: Wire["run"] }
  | { readonly level: "bytes"; readonly wire: Wire; readonly reopen: () => ByteDuplex };

/** Reads a recording. Throws FILE_INVALID. Its `run` throws CHECK_FAILED if the program says something else than it did then. */
export async function openReplay(
  { signal }: Pick<RunHost, "signal">,
  spec: PortSpec & { readonly kind: "replay" },
): Promise<Replayed> {
  const [{ readRecording }, { createReplay }, { replayedBridge }] = await Promise.all([
    import("../read-recording.ts"),
    import("../../recording/replay.ts"),
    import("../../recording/replayed-bridge.ts"),
  ]);
  const recorded = await readRecording(spec.path, signal);
  if (spec.level === "steps") {
    const bridge = replayedBridge(recorded);
    return { level: "steps", bridge, run: (job) => unlessParted(job, partingIn) };
  }
  const replay = createReplay(recorded);
  const { clock } = replay;
  // Whatever came of it: the two had parted before.
  const parting = (error: unknown): NorbridgeError | undefined => partedError(replay.divergence, error);
  const wire: Wire = {
    duplex: replay.open(),
    clock,
    random: () => replay.random(),
    run: (job) => unlessParted(() => clock.run(job), parting),
  };
  return { level: "bytes", wire, reopen: () => replay.open() };
}

/** Throws FILE_INVALID for the recording; CHECK_FAILED if the program says something else than it did then. */
export async function connectReplay(
  host: RunHost,
  spec: PortSpec & { readonly kind: "replay" },
  request: ConnectionRequest,
): Promise<Connection> {
  const [{ openBridge }, { openFlash }] = await Promise.all([
    import("../../bridge/open-bridge.ts"),
    import("../../flash/open-flash.ts"),
  ]);
  const replayed = await openReplay(host, spec);
  const part = await ownPart(request.chipFile, host.signal);
  if (replayed.level === "steps") {
    const { bridge, run } = replayed;
    const opened = await openChip(bridge, request, openFlash, host, part);
    const close = (): Promise<void> => opened.device.close();
    const { clock } = host;
    return { ...opened, bridge, clock, run, close, leave: close, violations: () => [] };
  }
  const { wire, reopen } = replayed;
  const { clock, run } = wire;
  const connect = (open: () => ByteDuplex, how: ReopenOptions): Promise<Connection> =>
    run(async () => {
      const opened = await bridgeOn({ ...wire, duplex: open() }, host, request, how, openBridge);
      const bridge = host.usesDeviceBetweenJobs === true ? bridgeInTime(opened, clock, run) : opened;
      const found = await openChip(bridge, requestNow(request, how), openFlash, host, part);
      return {
        ...found,
        bridge,
        clock,
        run,
        close: () => run(() => found.device.close()),
        leave: () => Promise.resolve(),
        violations: () => [],
        reopen: (again) => connect(reopen, again),
      };
    });
  return connect(() => wire.duplex, { staySlow: false });
}

/** Runs a job; throws what `parting` makes of its error, if it makes something of it. */
async function unlessParted<T>(
  job: () => Promise<T>,
  parting: (error: unknown) => NorbridgeError | undefined,
): Promise<T> {
  try {
    return await job();
  } catch (error) {
    throw parting(error) ?? error;
  }
}

/** What the bridge said that has no answer, under whatever the job made of it. */
function partingIn(error: unknown): NorbridgeError | undefined {
  return causeIn(error, ({ code }) => code === "CHECK_FAILED");
}

/** Undefined if the two have not parted: then `cause` is what went wrong. */
function partedError(divergence: string | undefined, cause: unknown): NorbridgeError | undefined {
  if (divergence === undefined) return undefined;
  return new NorbridgeError("CHECK_FAILED", `the replay differs from the recording: ${divergence}`, {
    operation: "replay",
    hint: "The program, the image or an option has changed since.",
    cause,
  });
}
