/**
 * A protocol session without I/O: events in, actions out, time handed in. The native and the serprog machine share this
 * interface, and `link-runner.ts` is the one loop that carries out their actions.
 *
 * A machine is total: no bytes from the wire make it throw. After `fail` or `closed` it returns nothing any more.
 */
import type { SpiStep, StepResult } from "../../firmware-protocol/step.ts";
import type { Advice } from "../advice.ts";
import type { ErrorCode } from "../errors.ts";
import type { BridgeInfo, LinkStatistics } from "./bridge.ts";

export type LinkEvent =
  /** Start the session. The first event. `baudRate` is the line rate, 0 if the link has none. */
  | { readonly kind: "open"; readonly baudRate: number }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** A run begins; only after `ready` and when no run is under way. */
  | { readonly kind: "begin" }
  /** The answer to `want-step`. */
  | { readonly kind: "step"; readonly step: SpiStep }
  /** The stream has no step at hand just now: send what there is. */
  | { readonly kind: "starved" }
  /** The run's stream has ended. */
  | { readonly kind: "end" }
  /** Nothing new is to be run. */
  | { readonly kind: "cancel" }
  | { readonly kind: "set-spi-clock"; readonly clockHz: number }
  /** The port's answer to `set-baud`. */
  | { readonly kind: "baud-set"; readonly ok: boolean }
  /** The time asked for by `wait` has come. */
  | { readonly kind: "deadline" }
  /** The port is gone. */
  | { readonly kind: "lost"; readonly reason: string }
  | { readonly kind: "close" };

export type LinkAction =
  | { readonly kind: "write"; readonly bytes: Uint8Array }
  | { readonly kind: "ready"; readonly info: BridgeInfo }
  /** The next step is requested. `urgent`: something waits to be sent, so send `starved` if there is none at hand. */
  | { readonly kind: "want-step"; readonly urgent: boolean }
  | { readonly kind: "result"; readonly result: StepResult }
  /** All results of the run are out. */
  | { readonly kind: "run-done" }
  | { readonly kind: "spi-clock"; readonly clockHz: number | undefined }
  | { readonly kind: "set-baud"; readonly baudRate: number }
  /** The machine is to be woken then; replaces the request before. Infinity: no need. */
  | { readonly kind: "wait"; readonly untilUs: number }
  | { readonly kind: "fail"; readonly failure: LinkFailure }
  | { readonly kind: "closed" };

/** Why a session ended by itself. */
export interface LinkFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string | Advice | undefined;
}

export interface LinkMachine {
  readonly statistics: LinkStatistics;
  on(event: LinkEvent, nowUs: number): readonly LinkAction[];
}
