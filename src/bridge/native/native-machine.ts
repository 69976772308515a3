/**
 * The host's side of the native protocol as a pure machine: firmware-protocol/PROTOCOL.md, sections 3 to 10.
 *
 * What always holds: at most the bridge's credit is on its way; every step handed in gets exactly one result, in order,
 * or the machine fails; whatever is awaited has a time set in `wait`.
 */
import { type Frame, FRAME_TYPE, readU32 } from "../../../firmware-protocol/frame.ts";
import { encodeSetting } from "../../../firmware-protocol/record.ts";
import { decodeStatus } from "../../../firmware-protocol/status.ts";
import type { SpiStep } from "../../../firmware-protocol/step.ts";
import type { LinkStatistics } from "../bridge.ts";
import type { LinkAction, LinkEvent, LinkFailure, LinkMachine } from "../link-machine.ts";
import { type BaudAction, BaudClimb } from "./baud-climb.ts";
import { FrameReceiver } from "./frame-receiver.ts";
import { bridgeInfoOf, Greeting, type GreetingAnswer } from "./greeting.ts";
import { LinePace } from "./line-pace.ts";
import { type Due, DUE_IN, dueUs, type NativePhase } from "./phase.ts";
import type { Outgoing } from "./send-window.ts";
import { createSession, encodeSessionFrame, encodeStatusFrame, type LinkSession, SILENCE_US } from "./session.ts";
import { silenceOf } from "./silence.ts";

/** A cancelled run has a shorter time limit. */
const CANCELLED_SILENCE_US = 1_500_000;
const BYE_US = 200_000;
const BYE_TRIES = 2;

export interface NativeMachineOptions {
  /** Returns 32 random bits: for nonce and session number. */
  readonly random: () => number;
  /** Climb to a faster line rate if the bridge offers one. */
  readonly climb: boolean;
  /** The fastest rate of the climb, baud: what the port's converter bears. */
  readonly maxBaudRate?: number | undefined;
  /** How often HELLO is sent before the bridge counts as absent; 25 if left out. */
  readonly helloTries?: number | undefined;
}

export class NativeMachine implements LinkMachine {
  readonly #options: NativeMachineOptions;
  readonly #receiver = new FrameReceiver();
  readonly #pace = new LinePace();
  readonly #counts = { bytesSent: 0, bytesReceived: 0, framesResent: 0, framesDamaged: 0, roundTrips: 0 };
  #phase: NativePhase = { kind: "new" };
  #actions: LinkAction[] = [];
  #nowUs = 0;
  #baudRate = 0;

  constructor(options: NativeMachineOptions) {
    this.#options = options;
  }

  get statistics(): LinkStatistics {
    return { ...this.#counts };
  }

  on(event: LinkEvent, nowUs: number): readonly LinkAction[] {
    if (this.#phase.kind === "over") return [];
    this.#actions = [];
    this.#nowUs = nowUs;
    this.#handle(event);
    this.#afterEvent();
    return this.#actions;
  }

  #handle(event: LinkEvent): void {
    switch (event.kind) {
      case "open":
        return this.#open(event.baudRate);
      case "bytes":
        return this.#onBytes(event.bytes);
      case "begin":
        return this.#begin();
      case "step":
        return this.#onStep(event.step);
      case "starved":
        return this.#session?.demand.flush();
      case "end":
        this.#session?.demand.end();
        this.#session?.pending.end();
        return;
      case "cancel":
        return this.#cancel();
      case "set-spi-clock":
        return this.#setSpiClock(event.clockHz);
      case "baud-set":
        return this.#onBaudSet(event.ok);
      case "deadline":
        return this.#onDeadline();
      case "lost":
        return this.#fail({
          code: "BRIDGE_SILENT",
          message: `the connection to the bridge was lost: ${event.reason}`,
          hint: "Check cable and port, then try again.",
        });
      case "close":
        return this.#close();
    }
  }

  get #session(): LinkSession | undefined {
    return "session" in this.#phase ? this.#phase.session : undefined;
  }

  // --- beginning ----------------------------------------------------------------------------------------------------

  #open(baudRate: number): void {
    this.#baudRate = baudRate;
    const greeting = new Greeting(this.#options.random, this.#options.helloTries);
    this.#greet(greeting, greeting.next(this.#nowUs));
  }

  #greet(greeting: Greeting, answer: GreetingAnswer | undefined): void {
    if (answer === undefined) return;
    if (answer.kind === "fail") return this.#fail(answer.failure);
    if (answer.kind === "send") {
      this.#phase = { kind: "greeting", greeting, untilUs: answer.untilUs };
      return this.#write(answer.bytes);
    }
    const { session: id, welcome } = answer;
    const session = createSession(id, welcome, { receiver: this.#receiver, pace: this.#pace });
    session.patience.begin(this.#nowUs);
    const maxBaud = Math.min(welcome.maxBaud, this.#options.maxBaudRate ?? Number.POSITIVE_INFINITY);
    const canClimb = this.#options.climb && this.#baudRate > 0 && maxBaud > this.#baudRate;
    if (!canClimb || !bridgeInfoOf(welcome).features.includes("baud")) return this.#ready(session);
    const climb = new BaudClimb(this.#baudRate, maxBaud);
    this.#phase = { kind: "climbing", session, climb };
    this.#climb(session, climb.tick(this.#nowUs));
  }

  #climb(session: LinkSession, actions: readonly BaudAction[]): void {
    for (const action of actions) {
      if (action.kind === "done") this.#ready(session);
      else if (action.kind === "send") this.#send(session, action.type, action.tag, action.payload);
      else if (action.kind === "stuck") {
        this.#fail({ code: "BRIDGE_SILENT", message: "the port does not report whether it changed the baud rate" });
      } else {
        this.#baudRate = action.baudRate;
        this.#actions.push({ kind: "set-baud", baudRate: action.baudRate });
      }
    }
  }

  #onBaudSet(ok: boolean): void {
    if (this.#phase.kind === "climbing") this.#climb(this.#phase.session, this.#phase.climb.switched(ok, this.#nowUs));
  }

  #ready(session: LinkSession): void {
    // A bridge on USB has no line rate, whatever rate its port was opened with.
    this.#pace.begin(session.welcome.maxBaud === 0 ? 0 : this.#baudRate);
    this.#phase = { kind: "open", session };
    this.#actions.push({ kind: "ready", info: bridgeInfoOf(session.welcome) });
  }

  // --- steps up -----------------------------------------------------------------------------------------------------

  #begin(): void {
    const session = this.#session;
    if (session === undefined) return;
    session.demand.reset();
    session.pending.begin();
    session.patience.limitUs = SILENCE_US;
    this.#expectProgress(session);
    session.sending.push(encodeSetting({ kind: "begin", run: session.pending.runNumber }));
  }

  #onStep(step: SpiStep): void {
    const session = this.#session;
    if (session === undefined) return;
    session.demand.reset();
    if (session.pending.isStopped) return session.pending.refuseStep();
    this.#expectProgress(session);
    session.sending.push(session.encoder.encode(step));
    session.pending.expectStep(step);
  }

  #cancel(): void {
    const session = this.#session;
    if (session?.pending.isRunning !== true || session.pending.isCancelled) return;
    session.pending.cancel();
    session.patience.shorten(this.#nowUs, CANCELLED_SILENCE_US);
    session.demand.flush();
    this.#sendCancel(session);
  }

  #sendCancel(session: LinkSession): void {
    this.#send(session, FRAME_TYPE.cancel, session.pending.runNumber, new Uint8Array(0));
  }

  #setSpiClock(clockHz: number): void {
    const session = this.#session;
    if (session === undefined) return;
    session.patience.limitUs = SILENCE_US;
    this.#expectProgress(session);
    session.demand.flush();
    session.sending.push(encodeSetting({ kind: "begin", run: session.pending.runNumber }));
    session.sending.push(encodeSetting({ kind: "spi-clock", clockHz }));
    session.pending.expectSpiClock();
  }

  /** The time limit for silence starts again when something is requested of an idle bridge. */
  #expectProgress({ pending, receiver, patience }: LinkSession): void {
    if (pending.outstanding > 0) return;
    receiver.restart(this.#nowUs);
    patience.begin(this.#nowUs);
  }

  // --- bytes down ---------------------------------------------------------------------------------------------------

  #onBytes(bytes: Uint8Array): void {
    this.#counts.bytesReceived += bytes.length;
    if (this.#phase.kind === "greeting") this.#phase.greeting.onBytes(bytes);
    this.#onFrames(this.#receiver.push(bytes, this.#nowUs));
  }

  #onFrames(frames: readonly Frame[]): void {
    for (const frame of frames) {
      if (this.#phase.kind === "greeting") this.#greet(this.#phase.greeting, this.#phase.greeting.answer(frame));
      else this.#onFrame(frame);
    }
    const damaged = this.#receiver.takeDamaged();
    if (damaged > 0) this.#onDamage(damaged);
  }

  #onDamage(damaged: number): void {
    this.#counts.framesDamaged += damaged;
    const session = this.#session;
    if (session === undefined) return;
    session.sizing.incoming.damaged(damaged);
    this.#reportGap(session);
  }

  #onFrame(frame: Frame): void {
    const session = this.#session;
    if (session === undefined) return;
    if (frame.type === FRAME_TYPE.noSession && frame.session === 0) return this.#onNoSession(session, frame);
    if (frame.session !== session.id) return;
    session.sizing.incoming.good();
    if (this.#phase.kind === "climbing") this.#climb(session, this.#phase.climb.onFrame(frame, this.#nowUs));
    const status = frame.type === FRAME_TYPE.status ? decodeStatus(frame.payload) : undefined;
    session.patience.progress(this.#nowUs, session.transmission.acknowledge(frame.ack, status, this.#nowUs));
    if (status?.busy === true) session.patience.busy(this.#nowUs, session.pending.outstandingUs);
    if (frame.type === FRAME_TYPE.data) this.#onData(session, frame);
    if (frame.type === FRAME_TYPE.byeDone && this.#phase.kind === "closing") this.#closed();
  }

  #onNoSession({ welcome }: LinkSession, { payload }: Frame): void {
    if (this.#phase.kind === "closing") return this.#closed();
    const isSameStart = payload.length >= 4 && readU32(payload, 0) === welcome.bootNumber;
    const event = isSameStart ? "ended the session" : "restarted";
    this.#fail({ code: "BRIDGE_RESET", message: `the bridge ${event} during the job` });
  }

  #onData(session: LinkSession, frame: Frame): void {
    const pieces = session.receiving.push(frame.offset, frame.payload);
    session.acks.arrived(frame.payload.length, this.#nowUs);
    const pieceBytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    session.patience.progress(this.#nowUs, pieceBytes);
    for (const piece of pieces) this.#deliver(session, piece);
    if (session.receiving.hasGap) this.#reportGap(session);
    // A STATUS about a gap has acknowledged it already.
    if (session.acks.isFull(session.welcome.resultBufferBytes)) this.#sendStatus(session, false);
  }

  #deliver(session: LinkSession, piece: Uint8Array): void {
    const all = session.pending.push(piece);
    session.patience.progress(this.#nowUs, 0, all.length);
    for (const matched of all) {
      if (matched.kind === "invalid") {
        return this.#fail({
          code: "BRIDGE_PROTOCOL",
          message: "the bridge's results do not match the steps that were sent",
        });
      }
      this.#actions.push(matched);
    }
  }

  #reportGap(session: LinkSession): void {
    if (session.acks.reportsGap(this.#nowUs)) this.#sendStatus(session, true);
  }

  // --- frames up ----------------------------------------------------------------------------------------------------

  #sendStatus(session: LinkSession, sendAgain: boolean): void {
    this.#write(encodeStatusFrame(session, sendAgain));
  }

  #send(session: LinkSession, type: number, offset: number, payload: Uint8Array): void {
    this.#write(encodeSessionFrame(session, type, offset, payload));
  }

  #sendData(session: LinkSession, { offset, payload }: Outgoing): void {
    this.#send(session, FRAME_TYPE.data, offset, payload);
  }

  #write(bytes: Uint8Array): void {
    this.#counts.bytesSent += bytes.length;
    this.#pace.wrote(bytes.length, this.#nowUs);
    this.#actions.push({ kind: "write", bytes });
  }

  /** After every event: sends what may be sent, requests steps, ends the run, sets the next time. */
  #afterEvent(): void {
    const session = this.#session;
    if (this.#phase.kind === "open" && session !== undefined) {
      this.#sendPieces(session);
      for (const result of session.pending.takeRefused()) this.#actions.push({ kind: "result", result });
      const urgent = session.sending.waitingBytes > 0;
      if (session.demand.takeRequest(session)) this.#actions.push({ kind: "want-step", urgent });
      if (session.pending.takeDone()) this.#actions.push({ kind: "run-done" });
      if (session.demand.takeRoundTrip(session)) this.#counts.roundTrips++;
    }
    if (this.#phase.kind !== "over") this.#actions.push({ kind: "wait", untilUs: this.#nextDueUs() });
  }

  #sendPieces(session: LinkSession): void {
    const { transmission, pending } = session;
    const before = this.#counts.bytesSent;
    const { inFlightLimit } = transmission;
    for (;;) {
      const piece = transmission.next(this.#nowUs, inFlightLimit, session.demand.mustFlush(session));
      if (piece === undefined) break;
      if (piece.isResent) this.#counts.framesResent++;
      this.#sendData(session, piece);
    }
    // A CANCEL that overtook its BEGIN was ignored: it follows whatever it could have overtaken.
    if (pending.isCancelled && this.#counts.bytesSent > before) this.#sendCancel(session);
  }

  // --- time ---------------------------------------------------------------------------------------------------------

  #nextDueUs(): number {
    let nextUs = Number.POSITIVE_INFINITY;
    for (const due of DUE_IN[this.#phase.kind]) nextUs = Math.min(nextUs, dueUs(due, this.#phase));
    return Math.max(nextUs, this.#nowUs);
  }

  #onDeadline(): void {
    for (const due of DUE_IN[this.#phase.kind]) if (this.#nowUs >= dueUs(due, this.#phase)) this.#onDue(due);
  }

  #onDue(due: Due): void {
    const phase = this.#phase;
    if (phase.kind === "greeting") return this.#greet(phase.greeting, phase.greeting.next(this.#nowUs));
    if (!("session" in phase)) return;
    const { session } = phase;
    switch (due) {
      case "part":
        return this.#onFrames(this.#receiver.giveUpPart(this.#nowUs));
      case "climb":
        return phase.kind === "climbing" ? this.#climb(session, phase.climb.tick(this.#nowUs)) : undefined;
      case "bye":
        return phase.kind === "closing" ? this.#onByeDue(session, phase.tries) : undefined;
      case "silence":
        return this.#fail(silenceOf(session.patience, this.#receiver.lastByteUs, this.#nowUs));
      case "resend":
        return session.transmission.onResendDue(this.#nowUs);
      case "credit":
        return this.#sendData(session, session.transmission.onCreditDue());
      case "keep-alive":
        if (session.pending.isCancelled) this.#sendCancel(session);
        return this.#sendStatus(session, session.receiving.hasGap);
      case "ack":
        return this.#sendStatus(session, session.receiving.hasGap);
      case "room":
      case "hello":
        return;
    }
  }

  // --- end ----------------------------------------------------------------------------------------------------------

  #close(): void {
    const session = this.#session;
    if (session === undefined || this.#phase.kind === "closing") return this.#closed();
    this.#bye(session, 1);
  }

  #bye(session: LinkSession, tries: number): void {
    this.#phase = { kind: "closing", session, tries, untilUs: this.#nowUs + BYE_US };
    this.#send(session, FRAME_TYPE.bye, 0, new Uint8Array(0));
  }

  /** BYE_DONE may be in what looks like the start of a longer frame. */
  #onByeDue(session: LinkSession, tries: number): void {
    if (this.#nowUs >= this.#receiver.dueUs) this.#onFrames(this.#receiver.giveUpPart(this.#nowUs));
    if (this.#isOver()) return;
    if (tries < BYE_TRIES) this.#bye(session, tries + 1);
    else this.#closed();
  }

  /** A function of its own: what it reads changes while its callers work. */
  #isOver(): boolean {
    return this.#phase.kind === "over";
  }

  #closed(): void {
    this.#phase = { kind: "over" };
    this.#actions.push({ kind: "closed" });
  }

  #fail(failure: LinkFailure): void {
    this.#phase = { kind: "over" };
    this.#actions.push({ kind: "fail", failure });
  }
}
