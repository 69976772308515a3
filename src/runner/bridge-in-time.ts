/**
 * A bridge in time of its own (a simulated port, a recording) for a program that does not know of that time: each call lets it
 * pass while it waits. Between calls it stands still.
 */
import type { StepResult } from "../../firmware-protocol/step.ts";
import type { Bridge } from "../bridge/bridge.ts";
import type { Clock } from "../clock.ts";

/** Runs a job and lets time pass while it waits. May be called while another runs. */
export type RunInTime = <T>(job: () => Promise<T>) => Promise<T>;

export function bridgeInTime(bridge: Bridge, clock: Clock, run: RunInTime): Bridge {
  return {
    info: bridge.info,
    clock: clockInTime(clock, run),
    get statistics() {
      return bridge.statistics;
    },
    run(steps, options) {
      const results = bridge.run(steps, options);
      return {
        [Symbol.asyncIterator](): AsyncIterator<StepResult> {
          const iterator = results[Symbol.asyncIterator]();
          return {
            next: () => run(() => iterator.next()),
            return: () => run(async () => (await iterator.return?.()) ?? { done: true, value: undefined }),
          };
        },
      };
    },
    setSpiClockHz: (clockHz) => run(() => bridge.setSpiClockHz(clockHz)),
    close: () => run(() => bridge.close()),
  };
}

function clockInTime(clock: Clock, run: RunInTime): Clock {
  return {
    nowUs: () => clock.nowUs(),
    wait: (durationUs, signal) => run(() => clock.wait(durationUs, signal)),
  };
}
