/** A recording in place of a bridge, in time of its own. */
import { causeIn } from "../../error-groups.ts";
import { NorbridgeError } from "../../errors.ts";
import type { PortSpec } from "../../transport/port-spec.ts";
import { bridgeOptionsOf, type ConnectionRequest } from "../connection-request.ts";
import type { RunHost } from "../run-host.ts";
import { type Connection, type ReopenOptions, requestNow } from "./connection.ts";
import { bridgeInTime } from "../bridge-in-time.ts";
import { openChip } from "./open-chip.ts";
import { ownPart } from "./own-part.ts";

/** Throws FILE_INVALID for the recording; CHECK_FAILED if the program says something else than it did then. */
export async function connectReplay(
  host: RunHost,
  spec: PortSpec & { readonly kind: "replay" },
  request: ConnectionRequest,
): Promise<Connection> {
  const [{ readRecording }, { createReplay }, { openBridge }, { openFlash }] = await Promise.all([
    import("../read-recording.ts"),
    import("../../recording/replay.ts"),
    import("../../bridge/open-bridge.ts"),
    import("../../flash/open-flash.ts"),
  ]);
  const recorded = await readRecording(spec.path, host.signal);
  const part = await ownPart(request.chipFile, host.signal);
  if (spec.level === "steps") {
    const { replayedBridge } = await import("../../recording/replayed-bridge.ts");
    const bridge = replayedBridge(recorded);
    const opened = await openChip(bridge, request, openFlash, host, part);
    const close = (): Promise<void> => opened.device.close();
    const { clock } = host;
    const run = async <T>(job: () => Promise<T>): Promise<T> => {
      try {
        return await job();
      } catch (error) {
        throw partingIn(error) ?? error;
      }
    };
    return { ...opened, bridge, clock, run, close, leave: close, violations: () => [] };
  }
  const replay = createReplay(recorded);
  const { clock } = replay;
  const random = (): number => replay.random();
  const run = async <T>(job: () => Promise<T>): Promise<T> => {
    try {
      return await clock.run(job);
    } catch (error) {
      // Whatever came of it: the two had parted before.
      throw partedError(replay.divergence, error) ?? error;
    }
  };
  const connect = (how: ReopenOptions): Promise<Connection> =>
    run(async () => {
      const opened = await openBridge(replay.open(), {
        ...bridgeOptionsOf(request),
        clock,
        random,
        climb: !how.staySlow,
      });
      const bridge = host.usesDeviceBetweenJobs === true ? bridgeInTime(opened, clock, run) : opened;
      const found = await openChip(bridge, requestNow(request, how), openFlash, host, part);
      return {
        ...found,
        ...{ bridge, clock, run },
        close: () => run(() => found.device.close()),
        leave: () => Promise.resolve(),
        violations: () => [],
        reopen: connect,
      };
    });
  return connect({ staySlow: false });
}

/** What the bridge said that has no answer, under whatever the job made of it. */
function partingIn(error: unknown): NorbridgeError | undefined {
  return causeIn(error, ({ code }) => code === "CHECK_FAILED");
}

/** Undefined if the two have not parted: then `cause` is what went wrong. */
export function partedError(divergence: string | undefined, cause: unknown): NorbridgeError | undefined {
  if (divergence === undefined) return undefined;
  return new NorbridgeError("CHECK_FAILED", `the replay differs from the recording: ${divergence}`, {
    operation: "replay",
    hint: "The program, the image or an option has changed since.",
    cause,
  });
}
