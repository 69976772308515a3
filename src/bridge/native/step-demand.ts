/**
 * When the next step is requested, and when a frame is sent that is not full because nothing comes that could fill it.
 */
import type { PendingResults } from "./pending-results.ts";
import type { SendWindow } from "./send-window.ts";
import type { Transmission } from "./transmission.ts";

/** The steps of a session on their way. */
export interface StepFlow {
  readonly pending: PendingResults;
  readonly sending: SendWindow;
  readonly transmission: Transmission;
}

export class StepDemand {
  /** No step comes soon: frames that are not full are sent too. */
  #isFlushing = false;
  /** A step has been requested and has not come. */
  #isRequested = false;
  /** All was sent, and the host can only wait. */
  #isWaiting = false;

  /** A run starts, or a step has come. */
  reset(): void {
    this.#isFlushing = this.#isRequested = false;
  }

  /** What is there is sent now. */
  flush(): void {
    this.#isFlushing = true;
  }

  /** The run has no more steps. */
  end(): void {
    this.#isFlushing = true;
    this.#isRequested = false;
  }

  /** Whether a frame is sent that is not full: nothing will come that could fill it before a result has. */
  mustFlush({ pending, sending }: StepFlow): boolean {
    return this.#isFlushing || pending.isStopped || (!pending.hasRoom && sending.unacknowledgedBytes === 0);
  }

  /** Whether to request a step now; returns true once for each. */
  takeRequest({ pending, sending, transmission }: StepFlow): boolean {
    if (this.#isRequested || !pending.hasRoom) return false;
    if (!pending.isStopped && sending.waitingBytes >= 2 * transmission.maxPayload) return false;
    this.#isRequested = true;
    return true;
  }

  /** Whether a round trip has begun: a time in which all was sent and the host can only wait. */
  takeRoundTrip({ pending, sending }: StepFlow): boolean {
    const wasWaiting = this.#isWaiting;
    this.#isWaiting = pending.outstanding > 0 && sending.waitingBytes === 0 && this.#isFlushing;
    return this.#isWaiting && !wasWaiting;
  }
}
