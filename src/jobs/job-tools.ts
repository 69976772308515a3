/** What jobs work with: the context that a program gave, checked and completed. */
import { type Clock, realClock } from "../clock.ts";
import { NorbridgeError } from "../errors.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import { checkJob } from "./check-request.ts";
import type { JobContext, JobEvent } from "./job-event.ts";

/** A context in which nothing is left open. */
export interface JobTools extends JobContext {
  readonly clock: Clock;
}

/** Checks device and context, and runs `job` with what they give. Throws EINVAL or ERANGE that names the field. */
export async function withTools<T>(
  device: FlashDevice,
  context: JobContext,
  operation: string,
  job: (tools: JobTools) => Promise<T>,
): Promise<T> {
  checkJob(device, context, operation);
  const { tools, check } = toolsOf(device.clock, context, operation);
  let result: T;
  try {
    result = await job(tools);
  } catch (error) {
    throw withReason(error, context.signal);
  }
  check();
  return result;
}

/** The tools of a job, and what throws at its end if its listener has thrown. `clock`: the device's. */
export function toolsOf(
  clock: Clock | undefined,
  context: JobContext,
  operation: string,
): { readonly tools: JobTools; readonly check: () => void } {
  const { onEvent, signal } = context;
  let thrown: { readonly error: unknown } | undefined;
  const heard = (event: JobEvent): void => {
    if (thrown !== undefined) return;
    try {
      onEvent?.(event);
    } catch (error) {
      thrown = { error };
    }
  };
  return {
    tools: { clock: context.clock ?? clock ?? realClock, onEvent: onEvent === undefined ? undefined : heard, signal },
    check() {
      if (thrown === undefined) return;
      const why = thrown.error instanceof Error ? thrown.error.message : String(thrown.error);
      throw new NorbridgeError("EINVAL", `${operation}: the job is done, but context.onEvent threw: ${why}`, {
        operation,
        hint: "The job itself is complete. Correct the listener.",
        cause: thrown.error,
      });
    },
  };
}

/** The error of a job that was cancelled, with what the signal gave as the reason. */
export function withReason(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted !== true || !(error instanceof NorbridgeError) || error.cause !== undefined) return error;
  if (error.code !== "ECANCELED" && error.code !== "INTERRUPTED") return error;
  const { code, message, operation, range, hint } = error;
  return new NorbridgeError(code, message, { operation, range, hint, cause: signal.reason });
}
