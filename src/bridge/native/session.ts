/**
 * What belongs to one session with a bridge: its windows, its encoder, its pending results, and the frames it sends.
 */
import { encodeFrame, FRAME_TYPE, MAX_FRAME_UNITS } from "../../../firmware-protocol/frame.ts";
import type { Welcome } from "../../../firmware-protocol/hello.ts";
import { encodeStatus } from "../../../firmware-protocol/status.ts";
import { Patience } from "../patience.ts";
import { AckPolicy } from "./ack-policy.ts";
import type { FrameReceiver } from "./frame-receiver.ts";
import { FrameSizing } from "./frame-sizing.ts";
import { agreedFrameUnits } from "./greeting.ts";
import type { LinePace } from "./line-pace.ts";
import { PendingResults } from "./pending-results.ts";
import { ReceiveWindow } from "./receive-window.ts";
import { SendWindow } from "./send-window.ts";
import { StepDemand } from "./step-demand.ts";
import { StepEncoder } from "./step-encoder.ts";
import { Transmission } from "./transmission.ts";

/** How long the bridge may make no progress. */
export const SILENCE_US = 5_000_000;

/** The line, which is there before the session. */
export interface SessionLine {
  readonly receiver: FrameReceiver;
  readonly pace: LinePace;
}

export interface LinkSession extends SessionLine {
  readonly id: number;
  readonly welcome: Welcome;
  readonly sending: SendWindow;
  readonly transmission: Transmission;
  readonly receiving: ReceiveWindow;
  readonly encoder: StepEncoder;
  readonly pending: PendingResults;
  readonly demand: StepDemand;
  readonly acks: AckPolicy;
  readonly patience: Patience;
  readonly sizing: FrameSizing;
}

/** A session as WELCOME describes it. */
export function createSession(id: number, welcome: Welcome, { receiver, pace }: SessionLine): LinkSession {
  const sending = new SendWindow(welcome.stepBufferBytes);
  const sizing = new FrameSizing(agreedFrameUnits(welcome, MAX_FRAME_UNITS));
  return {
    id,
    welcome,
    receiver,
    pace,
    sending,
    transmission: new Transmission({ window: sending, pace, sizing: sizing.outgoing }),
    receiving: new ReceiveWindow(welcome.resultBufferBytes),
    encoder: new StepEncoder(welcome.slotCount, welcome.slotBytes),
    pending: new PendingResults(),
    demand: new StepDemand(),
    acks: new AckPolicy(),
    patience: new Patience(SILENCE_US),
    sizing,
  };
}

/** Whether the bridge still owes something. */
export function isWaiting({ pending, sending }: LinkSession): boolean {
  return pending.outstanding > 0 || !sending.isIdle;
}

/**
 * A frame of the session as bytes, to be sent at once: it acknowledges what has arrived. `offset`: only its low 16 bits
 * go.
 */
export function encodeSessionFrame(
  { id, receiving, acks }: LinkSession,
  type: number,
  offset: number,
  payload: Uint8Array,
): Uint8Array {
  acks.sent();
  return encodeFrame({ type, session: id, offset: offset & 0xffff, ack: receiving.expected & 0xffff, payload });
}

/** A STATUS frame as bytes, to be sent at once; `sendAgain`: something was damaged or is missing. */
export function encodeStatusFrame(session: LinkSession, sendAgain: boolean): Uint8Array {
  const payload = encodeStatus({
    consumed: 0,
    busy: false,
    sendAgain,
    cancelled: session.pending.isCancelled,
    shift: session.receiver.shift,
    maxFrameUnits: session.sizing.incoming.units,
    stretches: session.receiving.stretches,
  });
  return encodeSessionFrame(session, FRAME_TYPE.status, 0, payload);
}
