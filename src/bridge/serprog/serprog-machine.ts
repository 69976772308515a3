/**
 * The host's side of serprog as a pure machine: finds into step, asks what the bridge is, tries the line, then runs steps
 * with as many commands under way as the bridge can hold.
 *
 * What always holds: every step handed in gets exactly one result, in order, or the machine fails; whatever is awaited
 * has a time set in `wait`; a step that may have changed the chip is never sent twice because of the line.
 */
import {
  littleEndian,
  OPCODE,
  setBusType,
  BUS_SPI,
  setPinState,
  setSpiClock,
} from "../../../firmware-protocol/serprog/command.ts";
import type { LinkStatistics } from "../bridge.ts";
import { advice } from "../../advice.ts";
import type { LinkAction, LinkEvent, LinkFailure, LinkMachine } from "../link-machine.ts";
import { AnswerReader, type Slip } from "./answer-reader.ts";
import { type Command, command, FENCE } from "./command.ts";
import { Conversation } from "./conversation.ts";
import { type Exchange, NOISY_LINK, ruleOf, type Talk, tell, Unfit } from "./inquiry.ts";
import { bridgeInfoOf, canSetPins, introduce, type Introduced } from "./introduction.ts";
import { KNOWN_BRIDGES, type KnownBridge } from "./known-bridges.ts";
import { BusyPadding } from "./busy-padding.ts";
import type { QueuedCommand } from "./queued-step.ts";
import { StepRun } from "./step-run.ts";
import { type SyncAnswer, Synchroniser } from "./synchroniser.ts";
import { Unanswered } from "./unanswered.ts";

/** A bridge responds within this and the time that bytes and chip take. */
const PATIENCE_US = 1_000_000;
/** A board that is reset by the opening of its port is deaf for up to two seconds. */
const FIRST_SYNC_US = 4_000_000;
/** With the patience before it: under five seconds without progress. */
const SYNC_AGAIN_US = 3_000_000;
/** Slips in a row, without a result in between, before the line is given up. */
const MAX_SLIPS = 6;
const CLOSE_US = 300_000;
/** Where a link has no rate of its own: what USB full speed carries. */
const USUAL_US_PER_BYTE = 1;
/** Where a link has no rate of its own: one that takes so long or longer for a byte, as measured, is not USB. */
const SLOW_LINE_US_PER_BYTE = 2;
const BITS_PER_BYTE = 10;
/** A bridge that sends less than 100 bytes a second counts as silent. */
const SLOWEST_US_PER_BYTE = 10_000;
/** Bytes of answers under way. */
const MAX_ANSWER_BYTES = 65_536;

type Phase =
  | { readonly kind: "new" }
  | { readonly kind: "syncing"; readonly sync: Synchroniser; readonly then: () => void }
  | { readonly kind: "talking" }
  | { readonly kind: "open" }
  | { readonly kind: "closing"; readonly untilUs: number; readonly failure: LinkFailure | undefined }
  | { readonly kind: "over" };

export interface SerprogMachineOptions {
  /** The bytes are not checked on this line: it is tested first, and answers are proven by the next. */
  readonly isUnchecked: boolean;
  /** Bridges whose ways are known; left out: all that are in the table. */
  readonly knownBridges?: readonly KnownBridge[] | undefined;
}

export class SerprogMachine implements LinkMachine {
  readonly #options: SerprogMachineOptions;
  readonly #reader = new AnswerReader();
  #phase: Phase = { kind: "new" };
  #actions: LinkAction[] = [];
  #nowUs = 0;
  #baudRate = 0;
  #talk: Conversation | undefined;
  /** Begins the talk under way again. */
  #beginTalk: () => void = () => undefined;
  /** What it has turned out to be; undefined until it is ready. */
  #bridge: Introduced | undefined;
  #run: StepRun | undefined;
  #clockHz = 0;
  readonly #unanswered = new Unanswered();
  #lastProgressUs = 0;
  /** The next command, until the bridge has room for it. */
  #held: QueuedCommand | undefined;
  #wantsStep = false;
  #isStarved = false;
  #slips = 0;
  #clockWish: number | undefined;
  readonly #counts = { bytesSent: 0, bytesReceived: 0, framesResent: 0, framesDamaged: 0, roundTrips: 0 };

  constructor(options: SerprogMachineOptions) {
    this.#options = options;
  }

  get statistics(): LinkStatistics {
    return { ...this.#counts };
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
        this.#baudRate = event.baudRate;
        this.#beginTalk = () => this.#ask();
        return this.#synchronise(FIRST_SYNC_US, false, this.#beginTalk);
      case "bytes":
        return this.#hear(event.bytes);
      case "begin":
        this.#isStarved = this.#wantsStep = false;
        this.#run?.begin();
        return;
      case "step":
        this.#wantsStep = this.#isStarved = false;
        this.#run?.steps.add(event.step);
        return;
      case "starved":
        this.#isStarved = true;
        return;
      case "end":
        this.#wantsStep = false;
        this.#run?.steps.end();
        return;
      case "cancel":
        this.#run?.steps.cancel();
        return;
      case "set-spi-clock":
        this.#clockWish = event.clockHz;
        return;
      case "deadline":
        return this.#deadline();
      case "lost":
        return this.#fail({
          code: "BRIDGE_SILENT",
          message: `the connection to the bridge was lost: ${event.reason}`,
          hint: "Check cable and port, then try again.",
        });
      case "close":
        return this.#close(undefined);
      case "baud-set":
        return;
    }
  }

  // --- into step ----------------------------------------------------------------------------------------------------

  /** Line time of a byte, microseconds; a guess where the link has no rate. */
  get #usPerByte(): number {
    return this.#baudRate > 0 ? (BITS_PER_BYTE * 1e6) / this.#baudRate : USUAL_US_PER_BYTE;
  }

  #synchronise(limitUs: number, drainsFirst: boolean, then: () => void): void {
    this.#reader.forget();
    this.#unanswered.clear();
    const usPerByte = this.#usPerByte;
    const sync = new Synchroniser({ limitUs, pads: true, usPerByte, drainsFirst }, this.#nowUs);
    this.#phase = { kind: "syncing", sync, then };
    if (!drainsFirst) this.#follow(sync.tick(this.#nowUs), then);
  }

  #follow(answer: SyncAnswer, then: () => void): void {
    switch (answer.kind) {
      case "send":
        return this.#write(answer.bytes);
      case "wait":
        return;
      case "synced":
        this.#phase = { kind: "talking" };
        this.#lastProgressUs = this.#nowUs;
        return then();
      case "fail":
        return this.#fail(answer.failure);
    }
  }

  // --- asking and trying --------------------------------------------------------------------------------------------

  #ask(): void {
    const { isUnchecked, knownBridges = KNOWN_BRIDGES } = this.#options;
    const bytesPerSecond = this.#baudRate / BITS_PER_BYTE;
    const nowUs = (): number => this.#nowUs;
    this.#converse(introduce({ knownBridges, isUnchecked, bytesPerSecond, nowUs }), (outcome) => {
      if (outcome instanceof Unfit) return this.#close(outcome.failure);
      this.#ready(outcome);
    });
  }

  /** Drives a talk to its end. */
  #converse<T>(talk: Talk<T>, done: (outcome: T) => void): void {
    this.#phase = { kind: "talking" };
    const conversation = Conversation.of(talk, (outcome) => {
      this.#talk = undefined;
      done(outcome);
    });
    this.#talk = conversation;
    this.#say(conversation, conversation.begin());
  }

  #say(talk: Conversation, exchange: Exchange | undefined): void {
    if (exchange === undefined) return;
    let row: number[] = [];
    for (const each of exchange.commands) {
      this.#expect(each, (answer) => this.#say(talk, talk.reply(answer)));
      // Commands of one byte travel together; an operation has a write of its own, see known-bridges.ts.
      if (each.bytes.length > 1) {
        this.#writeRow(row);
        row = [];
        // A trial tries what is done later: opcode and parameters in one.
        if (exchange.isTrial) this.#write(each.bytes);
        else this.#writeCommand(each);
      } else row.push(each.bytes[0] ?? OPCODE.nop);
    }
    this.#writeRow(row);
  }

  #writeRow(row: readonly number[]): void {
    if (row.length > 0) this.#write(Uint8Array.from(row));
  }

  #ready(introduced: Introduced): void {
    this.#bridge = introduced;
    this.#clockHz = introduced.clockHz;
    const { inquiry, manner, isUnchecked, slowClockHz } = introduced;
    const { windowBytes, usPerCommand, turnUs, measuredUsPerByte = 0 } = manner;
    const { map, maxReceiveBytes } = inquiry;
    const usPerByte = this.#usPerByte;
    // A serial server does not tell the rate of its line.
    const isSlowLine = this.#baudRate === 0 && measuredUsPerByte >= SLOW_LINE_US_PER_BYTE;
    const usPerByteToWait = isSlowLine ? measuredUsPerByte : usPerByte;
    const canDelay = map.has(OPCODE.delay) && map.has(OPCODE.execute);
    this.#run = new StepRun({
      windowBytes,
      maxReceiveBytes,
      padding: new BusyPadding({
        canDelay,
        slowClockHz,
        usPerByte: usPerByteToWait,
        usPerCommand,
        turnUs,
        maxReceiveBytes,
      }),
      usPerByte: this.#baudRate > 0 || isSlowLine ? usPerByteToWait : 0,
      turnUs,
      canDelay,
      isUnchecked,
      clockHz: () => this.#clockHz,
      answers: this.#reader,
    });
    this.#phase = { kind: "open" };
    this.#slips = 0;
    this.#actions.push({ kind: "ready", info: bridgeInfoOf(introduced) });
  }

  // --- bytes --------------------------------------------------------------------------------------------------------

  #hear(bytes: Uint8Array): void {
    this.#counts.bytesReceived += bytes.length;
    if (this.#phase.kind === "syncing") {
      const { sync, then } = this.#phase;
      return this.#follow(sync.hear(bytes, this.#nowUs), then);
    }
    const before = this.#reader.outstanding;
    const settledBefore = this.#reader.settledCount;
    const slip = this.#reader.push(bytes);
    if (slip !== undefined) return this.#slipped(describe(slip));
    this.#noteProgress(bytes.length, this.#reader.settledCount - settledBefore);
    if (before > 0 && this.#reader.outstanding === 0) this.#counts.roundTrips++;
  }

  /** An answer that is whole is progress. Bytes of one are as much as their number: a bridge that drips is not a bridge. */
  #noteProgress(bytes: number, answers: number): void {
    const byteUs = Math.max(SLOWEST_US_PER_BYTE, 10 * this.#usPerByte);
    this.#lastProgressUs = answers > 0 ? this.#nowUs : Math.min(this.#nowUs, this.#lastProgressUs + bytes * byteUs);
  }

  #expect(each: Command, settle: QueuedCommand["settle"]): void {
    if (this.#reader.outstanding === 0) this.#lastProgressUs = this.#nowUs;
    this.#unanswered.add(each, this.#clockHz);
    this.#reader.expect({
      command: each,
      settle: (answer) => {
        this.#unanswered.answered();
        settle(answer, this.#nowUs);
      },
    });
  }

  #send(each: Command, settle: QueuedCommand["settle"]): void {
    this.#expect(each, settle);
    this.#writeCommand(each);
  }

  /** One write a command: a bridge may take what shares a packet with an operation for its data. */
  #writeCommand({ bytes }: Command): void {
    if (bytes.length > 1 && this.#sendsOpcodeAlone) {
      this.#write(bytes.subarray(0, 1));
      this.#write(bytes.subarray(1));
    } else this.#write(bytes);
  }

  /** Every bridge tolerates it, and one requires it; so it is done until it is known which bridge this is. */
  get #sendsOpcodeAlone(): boolean {
    const bridge = this.#bridge;
    if (bridge?.inquiry.known === undefined) return (bridge?.manner.windowBytes ?? 0) === 0;
    return ruleOf(bridge.inquiry.known, "opcode-alone") !== undefined;
  }

  #write(bytes: Uint8Array): void {
    this.#counts.bytesSent += bytes.length;
    this.#actions.push({ kind: "write", bytes });
  }

  // --- lost synchronization
  // --------------------------------------------------------------------------------------------------------

  /** Answers can no longer be distinguished: everything under way is void until both sides are in step again. */
  #slipped(why: string): void {
    if (this.#phase.kind === "closing") return this.#closed(this.#phase.failure);
    const talk = this.#talk;
    if (this.#phase.kind === "talking") {
      if (talk?.isTrial === true) {
        return this.#synchronise(SYNC_AGAIN_US, true, () => this.#say(talk, talk.fail()));
      }
      if (++this.#slips > MAX_SLIPS) {
        return this.#fail({ code: "BRIDGE_PROTOCOL", message: `the bridge violates the serprog protocol: ${why}` });
      }
      // Boot noise, most of the time: what was asked is asked again from the beginning.
      return this.#synchronise(SYNC_AGAIN_US, true, this.#beginTalk);
    }
    this.#counts.framesDamaged++;
    if (++this.#slips > MAX_SLIPS) {
      return this.#fail({
        code: "BRIDGE_PROTOCOL",
        message: `the link to the bridge lost synchronization too often: ${why}`,
        hint: advice(NOISY_LINK, "set-baud-rate"),
      });
    }
    this.#run?.onSyncLoss();
    this.#beginTalk = () => this.#converse(this.#restore(), () => this.#resume());
    this.#synchronise(SYNC_AGAIN_US, true, this.#beginTalk);
  }

  /** What a bridge may have read as commands while it was out of step is undone. */
  *#restore(): Talk<undefined> {
    const bridge = this.#bridge;
    if (bridge === undefined) return undefined;
    const { map } = bridge.inquiry;
    if (map.has(OPCODE.setBusType)) yield* tell(command(setBusType(BUS_SPI)));
    if (canSetPins(bridge.inquiry)) yield* tell(command(setPinState(true)));
    if (map.has(OPCODE.initOperations)) yield* tell(command(Uint8Array.of(OPCODE.initOperations)));
    if (this.#clockHz > 0) yield* tell(command(setSpiClock(this.#clockHz)));
    return undefined;
  }

  #resume(): void {
    this.#phase = { kind: "open" };
    this.#held = undefined;
    this.#isStarved = false;
  }

  // --- work ---------------------------------------------------------------------------------------------------------

  /** After every event: sends what may be sent, asks for steps, gives results, sets the next time. */
  #goOn(): void {
    const run = this.#run;
    if (this.#phase.kind === "open" && run !== undefined) this.#work(run);
    if (this.#phase.kind === "closing") this.#goOnClosing(this.#phase);
    if (this.#isOver()) return;
    this.#actions.push({ kind: "wait", untilUs: Math.max(this.#nextDeadline(), this.#nowUs) });
  }

  /** A function of its own: what it reads changes while its callers work. */
  #isOver(): boolean {
    return this.#phase.kind === "over";
  }

  #work(run: StepRun): void {
    const refusal = run.takeRefusal();
    if (refusal !== undefined) return this.#refused(refusal);
    this.#sendSteps(run);
    this.#giveResults(run);
    this.#sendClock();
    this.#sendProof(run);
    this.#counts.framesResent += run.steps.takeRepeated();
    if (run.steps.hasRoom && !this.#wantsStep) {
      this.#wantsStep = true;
      this.#actions.push({ kind: "want-step", urgent: this.#reader.outstanding === 0 && run.steps.waitsForProof });
    }
    if (run.steps.takeDone()) this.#actions.push({ kind: "run-done" });
  }

  #sendSteps(run: StepRun): void {
    for (;;) {
      // One command at a time: what comes next may depend on the answer.
      if (this.#windowBytes === 0 && this.#reader.outstanding > 0) return;
      this.#held ??= run.next(this.#nowUs, this.#reader.outstanding);
      if (this.#held === undefined || !this.#fits(this.#held.command)) return;
      const { command: each, settle } = this.#held;
      this.#held = undefined;
      this.#send(each, settle);
    }
  }

  get #windowBytes(): number {
    return this.#bridge?.manner.windowBytes ?? 0;
  }

  /** The bridge's buffer may be overdrawn only by a command that is alone. */
  #fits({ bytes, answerBytes }: Command): boolean {
    if (this.#reader.outstanding === 0) return true;
    const isFew = this.#reader.outstandingBytes + answerBytes <= MAX_ANSWER_BYTES;
    return isFew && this.#unanswered.bytes + bytes.length <= this.#windowBytes;
  }

  #giveResults(run: StepRun): void {
    for (const result of run.steps.results()) {
      this.#actions.push({ kind: "result", result });
      if (result.kind !== "failed" && result.kind !== "skipped") this.#slips = 0;
    }
  }

  /**
   * A result waits for an answer after it, and nothing that could bring one is on its way. A step that has been asked
   * for since an earlier event does not come at once: then a fence is what comes behind.
   */
  #sendProof(run: StepRun): void {
    if (!run.steps.waitsForProof || this.#reader.outstanding > 0) return;
    if (run.steps.hasEnded || this.#isStarved || this.#wantsStep || !run.steps.hasRoom)
      this.#send(FENCE, () => undefined);
  }

  #sendClock(): void {
    const wishHz = this.#clockWish;
    if (wishHz === undefined || this.#reader.outstanding > 0) return;
    if (this.#bridge?.inquiry.clockMaxHz === 0) {
      this.#clockWish = undefined;
      this.#actions.push({ kind: "spi-clock", clockHz: undefined });
      return;
    }
    this.#send(command(setSpiClock(wishHz)), (answer) => {
      this.#clockWish = undefined;
      const setHz = answer.kind === "done" ? littleEndian(answer.data, 0, 4) : 0;
      if (setHz > 0) this.#clockHz = setHz;
      this.#actions.push({ kind: "spi-clock", clockHz: setHz > 0 ? setHz : undefined });
    });
  }

  /**
   * NAK does not tell what the chip saw, and the operation's data may have been treated as commands. If the bytes are not
   * checked, the command itself may have arrived as another one.
   */
  #refused(why: string): void {
    if (this.#bridge?.isUnchecked === true) {
      this.#slipped(why);
      return this.#goOn();
    }
    this.#close({
      code: "BRIDGE_PROTOCOL",
      message: `${why} (NAK); it is unknown whether the chip received it`,
      hint: advice("Update the bridge's firmware, or report this with the name of the bridge.", "show-chip"),
    });
  }

  // --- time ---------------------------------------------------------------------------------------------------------

  #nextDeadline(): number {
    if (this.#phase.kind === "syncing") return this.#phase.sync.untilUs;
    const dueUs = this.#reader.outstanding > 0 ? this.#overdueUs() : Number.POSITIVE_INFINITY;
    if (this.#phase.kind === "closing") return Math.min(dueUs, this.#phase.untilUs);
    if (this.#phase.kind !== "open" || this.#reader.outstanding > 0) return dueUs;
    return this.#run?.steps.dueUs ?? Number.POSITIVE_INFINITY;
  }

  /** When the bridge should have sent something new. */
  #overdueUs(): number {
    const lineUs = (this.#unanswered.bytes + this.#reader.outstandingBytes) * this.#usPerByte;
    return this.#lastProgressUs + PATIENCE_US + lineUs + this.#unanswered.workUs;
  }

  #deadline(): void {
    if (this.#phase.kind === "syncing") {
      const { sync, then } = this.#phase;
      if (this.#nowUs >= sync.untilUs) this.#follow(sync.tick(this.#nowUs), then);
      return;
    }
    if (this.#reader.outstanding > 0 && this.#nowUs >= this.#overdueUs()) this.#slipped("an answer is missing");
  }

  // --- end ----------------------------------------------------------------------------------------------------------

  /** Lets what is under way end, releases the pins, and is over; `failure` is reported then. */
  #close(failure: LinkFailure | undefined): void {
    if (this.#phase.kind === "closing" || this.#phase.kind === "over") return;
    if (this.#phase.kind === "new" || this.#phase.kind === "syncing" || this.#talk !== undefined)
      return this.#closed(failure);
    this.#phase = { kind: "closing", untilUs: this.#nowUs + CLOSE_US + this.#unanswered.workUs, failure };
    if (this.#bridge !== undefined && canSetPins(this.#bridge.inquiry))
      this.#send(command(setPinState(false)), () => undefined);
  }

  #goOnClosing({ untilUs, failure }: Phase & { readonly kind: "closing" }): void {
    if (this.#reader.outstanding === 0 || this.#nowUs >= untilUs) this.#closed(failure);
  }

  #closed(failure: LinkFailure | undefined): void {
    if (failure !== undefined) return this.#fail(failure);
    this.#phase = { kind: "over" };
    this.#actions.push({ kind: "closed" });
  }

  #fail(failure: LinkFailure): void {
    this.#phase = { kind: "over" };
    this.#actions.push({ kind: "fail", failure });
  }
}

function describe(slip: Slip): string {
  return slip.kind === "unasked"
    ? "bytes arrived that were not requested"
    : `an answer started with ${slip.byte.toString(16).padStart(2, "0")} instead of ACK`;
}
