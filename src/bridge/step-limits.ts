/**
 * What a bridge accepts of a step. A step beyond it is a mistake of the caller; it is found here, before it is sent,
 * because on the wire it could only end the session.
 */
import { shown } from "../checks.ts";
import type { SpiStep } from "../../firmware-protocol/step.ts";
import type { BridgeInfo } from "./bridge.ts";

const MAX_POLL_SEND_BYTES = 8;
const MAX_DIGEST_SEND_BYTES = 16;
const MAX_INTERVAL_US = 1_000_000;
const MAX_TIMEOUT_MS = 3_600_000;
const MAX_DELAY_US = 60_000_000;
const MAX_DIGEST_BYTES = 2 ** 32 - 1;

type Limit = readonly [name: string, value: number, low: number, high: number];

/** Says in words what is wrong with a step for this bridge; undefined if nothing is (limits: step.ts). */
export function stepProblem(step: SpiStep, info: BridgeInfo): string | undefined {
  const nonsense = nonsenseIn(step);
  if (nonsense !== undefined) return nonsense;
  const wrong = limitsOf(step, info).find(
    ([, value, low, high]) => !Number.isInteger(value) || value < low || value > high,
  );
  if (wrong === undefined) return undefined;
  const [name, value, low, high] = wrong;
  return `the ${name} of a ${step.kind} is ${value}, but must be ${low} to ${high}`;
}

const KINDS: ReadonlySet<unknown> = new Set(["transfer", "poll", "digest", "delay"]);

/** Steps come from programs that no compiler has checked, too. */
function nonsenseIn(step: unknown): string | undefined {
  if (typeof step !== "object" || step === null || !("kind" in step) || !KINDS.has(step.kind)) {
    return "not a step: a step is a transfer, a poll, a digest or a delay";
  }
  if (step.kind === "delay") return undefined;
  const isBytes = "send" in step && step.send instanceof Uint8Array;
  if (!isBytes) return `the send of a ${String(step.kind)} is not a Uint8Array`;
  if (step.kind !== "poll" || !("typicalUs" in step) || step.typicalUs === undefined) return undefined;
  const { typicalUs } = step;
  // Not always whole: it is computed from milliseconds of a datasheet.
  if (typeof typicalUs === "number" && typicalUs >= 0 && typicalUs <= MAX_TIMEOUT_MS * 1000) return undefined;
  return `the typical duration in microseconds of a poll is ${shown(typicalUs)}, but must be 0 to ${MAX_TIMEOUT_MS * 1000}`;
}

function limitsOf(step: SpiStep, info: BridgeInfo): readonly Limit[] {
  switch (step.kind) {
    case "transfer":
      return [
        ["send length", step.send.length, 0, info.maxSendBytes],
        ["receive length", step.receiveBytes, 0, info.maxReceiveBytes],
      ];
    case "poll":
      return [
        ["send length", step.send.length, 1, MAX_POLL_SEND_BYTES],
        ["mask", step.mask, 0, 0xff],
        ["value", step.value, 0, 0xff],
        ["interval in microseconds", step.intervalUs, 0, MAX_INTERVAL_US],
        ["timeout in milliseconds", step.timeoutMs, 1, MAX_TIMEOUT_MS],
      ];
    case "digest":
      return [
        ["send length", step.send.length, 1, MAX_DIGEST_SEND_BYTES],
        ["length", step.lengthBytes, 1, MAX_DIGEST_BYTES],
      ];
    case "delay":
      return [["duration in microseconds", step.durationUs, 0, MAX_DELAY_US]];
  }
}
