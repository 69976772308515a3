/**
 * The host's side of the native protocol as a pure machine: firmware-protocol/PROTOCOL.md, sections 3 to 10.
 *
 * What always holds: at most the bridge's credit is on its way; every step handed in gets exactly one result, in order,
 * or the machine fails; whatever is awaited has a time set in `wait`.
 */
import { FrameDecoder } from "../../../firmware-protocol/frame-decoder.ts";
import {
  encodeFrame,
  type Frame,
  FRAME_TYPE,
  MAX_FRAME_UNITS,
  maxPayloadBytes,
} from "../../../firmware-protocol/frame.ts";
import { encodeSetting } from "../../../firmware-protocol/record.ts";
import { decodeStatus, encodeStatus } from "../../../firmware-protocol/status.ts";
import type { SpiStep } from "../../../firmware-protocol/step.ts";
import type { LinkStatistics } from "../bridge.ts";
import type { LinkAction, LinkEvent, LinkFailure, LinkMachine } from "../link-machine.ts";
import { AckPolicy } from "./ack-policy.ts";
import { type BaudAnswer, BaudClimb } from "./baud-climb.ts";
import { Patience } from "../patience.ts";
import { bridgeInfoOf, Greeting, type GreetingAnswer } from "./greeting.ts";
import { LinePace } from "./line-pace.ts";
import { createSession, frameBytesOf, type Session } from "./session.ts";
import { type Heard, silenceOf } from "./silence.ts";

const PART_TIMEOUT_US = 20_000;
const KEEP_ALIVE_US = 500_000;
const SILENCE_US = 5_000_000;
/** A cancelled run has a shorter time limit. */
const CANCELLED_SILENCE_US = 1_500_000;
const BYE_US = 200_000;
const BYE_TRIES = 2;

type Phase =
  | { readonly kind: "new" }
  | { readonly kind: "greeting"; readonly greeting: Greeting }
  | { readonly kind: "climbing"; readonly session: Session; readonly climb: BaudClimb }
  | { readonly kind: "open"; readonly session: Session }
  | { readonly kind: "closing"; readonly session: Session; readonly tries: number; readonly byeUs: number }
  | { readonly kind: "over" };

export interface NativeMachineOptions {
  /** Answers 32 random bits: for nonce and session number. */
  readonly random: () => number;
  /** Climb to a faster line rate if the bridge offers one. */
  readonly climb: boolean;
  /** How often HELLO is sent before the bridge counts as absent; 25 if left out. */
  readonly helloTries?: number | undefined;
}

export class NativeMachine implements LinkMachine {
  readonly #options: NativeMachineOptions;
  readonly #decoder = new FrameDecoder(MAX_FRAME_UNITS);
  readonly #pace = new LinePace();
  #phase: Phase = { kind: "new" };
  #actions: LinkAction[] = [];
  #nowUs = 0;
  #baudRate = 0;
  #run = 0;
  #flush = false;
  #wantsStep = false;
  #waitsForAnswer = false;
  /** Step taken from the stream after the run was stopped; its refusal waits for the answers before it. */
  #refusals = 0;
  #greetingUntilUs = Number.POSITIVE_INFINITY;
  #lastHeardUs = 0;
  #lastBusyUs = Number.NEGATIVE_INFINITY;
  readonly #patience = new Patience(SILENCE_US);
  #lastSentUs = 0;
  readonly #acks = new AckPolicy();
  /** There is more to send, but enough lies in the operating system's queue. */
  #isLineFull = false;
  #lastNewsUs = Number.NEGATIVE_INFINITY;
  #lastResendUs = 0;
  #seenDamage = 0;
  #statistics = { bytesSent: 0, bytesReceived: 0, framesResent: 0, framesDamaged: 0, roundTrips: 0 };

  constructor(options: NativeMachineOptions) {
    this.#options = options;
  }

  get statistics(): LinkStatistics {
    return { ...this.#statistics };
  }

  on(event: LinkEvent, nowUs: number): readonly LinkAction[] {
    if (this.#phase.kind === "over") return [];
    this.#actions = [];
    this.#nowUs = nowUs;
    this.#take(event);
    this.#goOn();
    return this.#actions;
  }

  #take(event: LinkEvent): void {
    switch (event.kind) {
      case "open":
        return this.#open(event.baudRate);
      case "bytes":
        return this.#hear(event.bytes);
      case "begin":
        return this.#begin();
      case "step":
        return this.#takeStep(event.step);
      case "starved":
        this.#flush = true;
        return;
      case "end":
        this.#flush = true;
        this.#wantsStep = false;
        this.#session?.book.end();
        return;
      case "cancel":
        return this.#cancel();
      case "set-spi-clock":
        return this.#setSpiClock(event.clockHz);
      case "baud-set":
        return this.#baudSet(event.ok);
      case "deadline":
        return this.#deadline();
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

  get #session(): Session | undefined {
    return "session" in this.#phase ? this.#phase.session : undefined;
  }

  // --- beginning ----------------------------------------------------------------------------------------------------

  #open(baudRate: number): void {
    this.#baudRate = baudRate;
    const greeting = new Greeting(this.#options.random, this.#options.helloTries);
    this.#phase = { kind: "greeting", greeting };
    this.#greet(greeting.next(this.#nowUs));
  }

  #greet(answer: GreetingAnswer | undefined): void {
    if (answer === undefined) return;
    if (answer.kind === "fail") return this.#fail(answer.failure);
    if (answer.kind === "send") {
      this.#greetingUntilUs = answer.untilUs;
      return this.#write(answer.bytes);
    }
    const { session: id, welcome } = answer;
    const session = createSession(id, welcome);
    this.#lastHeardUs = this.#nowUs;
    this.#patience.begin(this.#nowUs);
    const canClimb = this.#options.climb && this.#baudRate > 0 && welcome.maxBaud > this.#baudRate;
    if (!canClimb || !bridgeInfoOf(welcome).features.includes("baud")) return this.#ready(session);
    const climb = new BaudClimb(this.#baudRate, welcome.maxBaud);
    this.#phase = { kind: "climbing", session, climb };
    this.#climb(session, climb.tick(this.#nowUs));
  }

  #climb(session: Session, answers: readonly BaudAnswer[]): void {
    for (const answer of answers) {
      if (answer.kind === "done") this.#ready(session);
      else if (answer.kind === "send") this.#send(session, answer.type, answer.tag, answer.payload);
      else if (answer.kind === "stuck") {
        this.#fail({ code: "BRIDGE_SILENT", message: "the port does not report whether it changed the baud rate" });
      } else {
        this.#baudRate = answer.baudRate;
        this.#actions.push({ kind: "set-baud", baudRate: answer.baudRate });
      }
    }
  }

  #baudSet(ok: boolean): void {
    if (this.#phase.kind === "climbing") this.#climb(this.#phase.session, this.#phase.climb.switched(ok, this.#nowUs));
  }

  #ready(session: Session): void {
    // A bridge on USB has no line rate, whatever rate its port was opened with.
    this.#pace.begin(session.welcome.maxBaud === 0 ? 0 : this.#baudRate);
    this.#phase = { kind: "open", session };
    this.#actions.push({ kind: "ready", info: bridgeInfoOf(session.welcome) });
  }

  // --- steps up -----------------------------------------------------------------------------------------------------

  #begin(): void {
    const session = this.#session;
    if (session === undefined) return;
    this.#run = (this.#run + 1) & 0xff;
    this.#flush = this.#wantsStep = false;
    this.#refusals = 0;
    session.book.begin();
    this.#patience.limitUs = SILENCE_US;
    this.#expectProgress();
    session.sending.push(encodeSetting({ kind: "begin", run: this.#run }));
  }

  #takeStep(step: SpiStep): void {
    const session = this.#session;
    if (session === undefined) return;
    this.#wantsStep = false;
    this.#flush = false;
    if (session.book.isStopped) {
      this.#refusals++;
      return;
    }
    this.#expectProgress();
    session.sending.push(session.encoder.encode(step));
    session.book.expectStep(step);
  }

  #cancel(): void {
    const session = this.#session;
    if (session?.book.isRunning !== true || session.book.isCancelled) return;
    session.book.cancel();
    this.#patience.shorten(this.#nowUs, CANCELLED_SILENCE_US);
    this.#flush = true;
    this.#sendCancel(session);
  }

  #sendCancel(session: Session): void {
    this.#send(session, FRAME_TYPE.cancel, this.#run, new Uint8Array(0));
  }

  #setSpiClock(clockHz: number): void {
    const session = this.#session;
    if (session === undefined) return;
    this.#patience.limitUs = SILENCE_US;
    this.#expectProgress();
    this.#flush = true;
    session.sending.push(encodeSetting({ kind: "begin", run: this.#run }));
    session.sending.push(encodeSetting({ kind: "spi-clock", clockHz }));
    session.book.expectSpiClock();
  }

  /** The silence clock starts again when something is asked of an idle bridge. */
  #expectProgress(): void {
    if (this.#session?.book.outstanding !== 0) return;
    this.#lastHeardUs = this.#nowUs;
    this.#patience.begin(this.#nowUs);
  }

  // --- bytes down ---------------------------------------------------------------------------------------------------

  #hear(bytes: Uint8Array): void {
    this.#statistics.bytesReceived += bytes.length;
    if (this.#phase.kind === "greeting") this.#phase.greeting.hear(bytes);
    this.#lastHeardUs = this.#nowUs;
    this.#receive(this.#decoder.push(bytes));
  }

  #receive(frames: readonly Frame[]): void {
    for (const frame of frames) {
      if (this.#phase.kind === "greeting") this.#greet(this.#phase.greeting.answer(frame));
      else this.#frame(frame);
    }
    if (this.#decoder.damagedFrames > this.#seenDamage) this.#noteDamage();
  }

  #noteDamage(): void {
    const damaged = this.#decoder.damagedFrames - this.#seenDamage;
    this.#seenDamage = this.#decoder.damagedFrames;
    this.#statistics.framesDamaged += damaged;
    const session = this.#session;
    if (session === undefined) return;
    session.sizing.incoming.damaged(damaged);
    this.#askAgain(session);
  }

  #frame(frame: Frame): void {
    const session = this.#session;
    if (session === undefined) return;
    if (frame.type === FRAME_TYPE.noSession && frame.session === 0) return this.#bridgeLostSession();
    if (frame.session !== session.id) return;
    session.sizing.incoming.good();
    if (this.#phase.kind === "climbing") this.#climb(session, this.#phase.climb.answer(frame, this.#nowUs));
    const status = frame.type === FRAME_TYPE.status ? decodeStatus(frame.payload) : undefined;
    const { news, sampleUs, sampleBytes, wasHasty } = session.sending.acknowledge(
      frame.ack,
      status,
      this.#nowUs,
      this.#pace.answerableUs(this.#nowUs),
    );
    if (wasHasty === true) this.#pace.wasHasty();
    if (sampleUs !== undefined) this.#pace.answered(sampleUs, sampleBytes, frameBytesOf(session));
    if (news > 0) {
      session.sizing.outgoing.good();
      this.#lastNewsUs = this.#nowUs;
    }
    this.#patience.progress(this.#nowUs, news);
    if (status?.busy === true) {
      this.#lastBusyUs = this.#nowUs;
      this.#patience.busy(this.#nowUs, session.book.outstandingUs);
    }
    // If stretches tell what has arrived, the order tells what is lost. On a line of known rate it is also known when
    // a piece has left, so that one that was lost twice shows; else it may only be queued after others.
    if (status?.sendAgain === true && (this.#pace.isKnown || status.stretches.length === 0)) {
      session.sending.doubtFirst(this.#pace.doubtAfterUs, this.#nowUs);
    }
    if (frame.type === FRAME_TYPE.data) this.#data(session, frame);
    if (frame.type === FRAME_TYPE.byeDone && this.#phase.kind === "closing") this.#closed();
  }

  #bridgeLostSession(): void {
    if (this.#phase.kind === "closing") return this.#closed();
    this.#fail({
      code: "BRIDGE_RESET",
      message: "the bridge restarted or ended the session during the job",
    });
  }

  #data(session: Session, frame: Frame): void {
    const pieces = session.receiving.push(frame.offset, frame.payload);
    this.#acks.arrived(frame.payload.length, this.#nowUs);
    const pieceBytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    this.#patience.progress(this.#nowUs, pieceBytes);
    for (const piece of pieces) this.#deliver(session, piece);
    if (session.receiving.hasGap) this.#askAgain(session);
    // A STATUS about a gap has acknowledged it already.
    if (this.#acks.isFull(session.welcome.resultBufferBytes)) this.#sendStatus(session, false);
  }

  #deliver(session: Session, piece: Uint8Array): void {
    const all = session.book.push(piece);
    this.#patience.progress(this.#nowUs, 0, all.length);
    for (const booked of all) {
      if (booked.kind === "invalid") {
        return this.#fail({
          code: "BRIDGE_PROTOCOL",
          message: "the bridge's results do not match the steps that were sent",
        });
      }
      this.#actions.push(booked);
    }
  }

  #askAgain(session: Session): void {
    if (this.#acks.reportsGap(this.#nowUs)) this.#sendStatus(session, true);
  }

  // --- frames up ----------------------------------------------------------------------------------------------------

  #sendStatus(session: Session, sendAgain: boolean): void {
    const payload = encodeStatus({
      consumed: 0,
      busy: false,
      sendAgain,
      cancelled: session.book.isCancelled,
      shift: this.#decoder.shift,
      maxFrameUnits: session.sizing.incoming.units,
      stretches: session.receiving.stretches,
    });
    this.#send(session, FRAME_TYPE.status, 0, payload);
  }

  #send(session: Session, type: number, offset: number, payload: Uint8Array): void {
    const ack = session.receiving.expected & 0xffff;
    this.#acks.sent();
    this.#write(encodeFrame({ type, session: session.id, offset: offset & 0xffff, ack, payload }));
  }

  #write(bytes: Uint8Array): void {
    this.#statistics.bytesSent += bytes.length;
    this.#lastSentUs = this.#nowUs;
    this.#pace.wrote(bytes.length, this.#nowUs);
    this.#actions.push({ kind: "write", bytes });
  }

  /** After every event: sends what may be sent, asks for steps, ends the run, sets the next time. */
  #goOn(): void {
    const session = this.#session;
    if (this.#phase.kind === "open" && session !== undefined) {
      this.#sendPieces(session);
      this.#refuseSteps(session);
      this.#wantStep(session);
      if (session.book.takeDone()) this.#actions.push({ kind: "run-done" });
      this.#countRoundTrip(session);
    }
    if (this.#phase.kind !== "over") this.#actions.push({ kind: "wait", untilUs: this.#nextDeadline() });
  }

  #sendPieces(session: Session): void {
    const before = this.#statistics.bytesSent;
    this.#sendWhatMay(session);
    // A CANCEL that overtook its BEGIN was ignored: it follows whatever it could have overtaken.
    if (session.book.isCancelled && this.#statistics.bytesSent > before) this.#sendCancel(session);
  }

  #sendWhatMay(session: Session): void {
    const { sending, sizing } = session;
    const limit = this.#pace.inFlightLimit(frameBytesOf(session));
    for (;;) {
      const maxPayload = maxPayloadBytes(sizing.outgoing.units);
      this.#isLineFull = this.#pace.roomAtUs > this.#nowUs;
      if (this.#isLineFull) return;
      const leavesUs = this.#pace.leavesUs(maxPayload, this.#nowUs);
      const lost = sending.takeLost(maxPayload, leavesUs);
      if (lost !== undefined) {
        this.#statistics.framesResent++;
        this.#lastResendUs = leavesUs;
        sizing.outgoing.damaged(1);
        this.#send(session, FRAME_TYPE.data, lost.offset, lost.payload);
        continue;
      }
      if (sending.unacknowledgedBytes >= limit) return;
      const piece = sending.takeNew(maxPayload, this.#mustFlush(session), leavesUs);
      if (piece === undefined) return;
      this.#send(session, FRAME_TYPE.data, piece.offset, piece.payload);
    }
  }

  /** Whether a frame goes out that is not full: nothing will come that could fill it before an answer has. */
  #mustFlush({ book, sending }: Session): boolean {
    return this.#flush || book.isStopped || (!book.hasRoom && sending.unacknowledgedBytes === 0);
  }

  #refuseSteps(session: Session): void {
    if (session.book.outstanding > 0) return;
    for (; this.#refusals > 0; this.#refusals--) {
      this.#actions.push({ kind: "result", result: session.book.refuse() });
    }
  }

  #wantStep(session: Session): void {
    const { book, sending, sizing } = session;
    if (this.#wantsStep || !book.hasRoom || this.#refusals > 0) return;
    if (!book.isStopped && sending.waitingBytes >= 2 * maxPayloadBytes(sizing.outgoing.units)) return;
    this.#wantsStep = true;
    this.#actions.push({ kind: "want-step", urgent: sending.waitingBytes > 0 });
  }

  /** A round trip is a time in which all was sent and the host could only wait. */
  #countRoundTrip(session: Session): void {
    const waits = session.book.outstanding > 0 && session.sending.waitingBytes === 0 && this.#flush;
    if (waits && !this.#waitsForAnswer) this.#statistics.roundTrips++;
    this.#waitsForAnswer = waits;
  }

  // --- time ---------------------------------------------------------------------------------------------------------

  #nextDeadline(): number {
    const session = this.#session;
    if (session === undefined) return this.#greetingUntilUs;
    // Goodbye is all that is done any more: what else is due stays undone, and would only wake us again and again.
    if (this.#phase.kind === "closing") return this.#phase.byeUs + BYE_US;
    const times = [this.#phase.kind === "climbing" ? this.#phase.climb.untilUs : Number.POSITIVE_INFINITY];
    if (this.#decoder.holdsPart) times.push(this.#lastHeardUs + PART_TIMEOUT_US);
    const ackUs = this.#acks.dueUs(this.#ackDelayUs(session));
    if (ackUs !== undefined) times.push(ackUs);
    // What is due while the line is full has to wait until it is not.
    const lineUs = this.#isLineFull ? this.#pace.roomAtUs : 0;
    if (this.#isLineFull) times.push(lineUs);
    const resendUs = this.#resendAtUs(session);
    if (resendUs !== undefined) times.push(Math.max(resendUs, lineUs));
    const askCreditUs = this.#askCreditAtUs(session);
    if (askCreditUs !== undefined) times.push(askCreditUs);
    if (this.#isWaiting(session)) times.push(this.#lastSentUs + KEEP_ALIVE_US, this.#patience.endUs);
    return Math.max(Math.min(...times), this.#nowUs);
  }

  #isWaiting(session: Session): boolean {
    return session.book.outstanding > 0 || !session.sending.isIdle;
  }

  /** When to ask what room is free. */
  #askCreditAtUs(session: Session): number | undefined {
    if (!session.sending.isStarved) return undefined;
    return Math.max(this.#lastSentUs, this.#lastHeardUs) + this.#pace.patienceUs;
  }

  /** A byte that the bridge has already: it answers that at once with a STATUS. */
  #askCredit(session: Session): void {
    this.#pace.ranOut();
    this.#send(session, FRAME_TYPE.data, session.sending.sentEnd - 1, new Uint8Array(1));
  }

  #resendAtUs(session: Session): number | undefined {
    const sentAtUs = session.sending.oldestSentAtUs;
    if (sentAtUs === undefined) return undefined;
    // As long as answers come, a piece that is due is only queued after others; the order shows lost ones.
    return Math.max(sentAtUs, this.#lastResendUs, this.#lastNewsUs) + this.#pace.patienceUs;
  }

  #ackDelayUs(session: Session): number {
    return this.#pace.ackDelayUs(frameBytesOf(session), session.sending.unacknowledgedBytes > 0);
  }

  #deadline(): void {
    if (this.#phase.kind === "greeting" && this.#nowUs >= this.#greetingUntilUs) {
      return this.#greet(this.#phase.greeting.next(this.#nowUs));
    }
    const session = this.#session;
    if (session === undefined) return;
    if (this.#decoder.holdsPart && this.#nowUs >= this.#lastHeardUs + PART_TIMEOUT_US) {
      this.#receive(this.#decoder.giveUpPart());
      this.#lastHeardUs = this.#nowUs;
    }
    if (this.#phase.kind === "climbing") {
      if (this.#nowUs >= this.#phase.climb.untilUs) this.#climb(session, this.#phase.climb.tick(this.#nowUs));
      return;
    }
    if (this.#phase.kind === "closing" && this.#nowUs >= this.#phase.byeUs + BYE_US) {
      return this.#phase.tries < BYE_TRIES ? this.#bye(session, this.#phase.tries + 1) : this.#closed();
    }
    if (this.#phase.kind === "open") this.#overdue(session);
  }

  #heard(): Heard {
    const { limitUs } = this.#patience;
    return { nowUs: this.#nowUs, lastHeardUs: this.#lastHeardUs, lastBusyUs: this.#lastBusyUs, limitUs };
  }

  #overdue(session: Session): void {
    if (this.#isWaiting(session) && this.#nowUs >= this.#patience.endUs) {
      return this.#fail(silenceOf(this.#heard()));
    }
    const resendAtUs = this.#resendAtUs(session);
    if (resendAtUs !== undefined && this.#nowUs >= resendAtUs) {
      this.#pace.ranOut();
      session.sending.doubtFirst(0, this.#nowUs);
    }
    const askCreditUs = this.#askCreditAtUs(session);
    if (askCreditUs !== undefined && this.#nowUs >= askCreditUs) this.#askCredit(session);
    const ackUs = this.#acks.dueUs(this.#ackDelayUs(session));
    const isLate = ackUs !== undefined && this.#nowUs >= ackUs;
    const isQuiet = this.#isWaiting(session) && this.#nowUs >= this.#lastSentUs + KEEP_ALIVE_US;
    if (isQuiet && session.book.isCancelled) this.#sendCancel(session);
    if (isLate || isQuiet) this.#sendStatus(session, session.receiving.hasGap);
  }

  // --- end ----------------------------------------------------------------------------------------------------------

  #close(): void {
    const session = this.#session;
    if (session === undefined || this.#phase.kind === "closing") return this.#closed();
    this.#bye(session, 1);
  }

  /** The time of BYE is its own: a bridge that keeps talking must not put off the end. */
  #bye(session: Session, tries: number): void {
    this.#phase = { kind: "closing", session, tries, byeUs: this.#nowUs };
    this.#send(session, FRAME_TYPE.bye, 0, new Uint8Array(0));
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
