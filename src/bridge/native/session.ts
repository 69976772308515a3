/** What belongs to one session with a bridge: its windows, its encoder, its pending results. */
import { MAX_FRAME_UNITS, UNIT_BYTES } from "../../../firmware-protocol/frame.ts";
import type { Welcome } from "../../../firmware-protocol/hello.ts";
import { FrameSizing } from "./frame-sizing.ts";
import { agreedFrameUnits } from "./greeting.ts";
import { ReceiveWindow } from "./receive-window.ts";
import { RunBook } from "./run-book.ts";
import { SendWindow } from "./send-window.ts";
import { StepEncoder } from "./step-encoder.ts";

export interface Session {
  readonly id: number;
  readonly welcome: Welcome;
  readonly sending: SendWindow;
  readonly receiving: ReceiveWindow;
  readonly encoder: StepEncoder;
  readonly book: RunBook;
  readonly sizing: FrameSizing;
}

/** A session as WELCOME describes it. */
export function createSession(id: number, welcome: Welcome): Session {
  return {
    id,
    welcome,
    sending: new SendWindow(welcome.stepBufferBytes),
    receiving: new ReceiveWindow(welcome.resultBufferBytes),
    encoder: new StepEncoder(welcome.slotCount, welcome.slotBytes),
    book: new RunBook(),
    sizing: new FrameSizing(agreedFrameUnits(welcome, MAX_FRAME_UNITS)),
  };
}

/** Bytes of the largest frame that is sent now. */
export function frameBytesOf({ sizing }: Session): number {
  return sizing.outgoing.units * UNIT_BYTES;
}
