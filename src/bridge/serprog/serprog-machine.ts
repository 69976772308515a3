/**
 * The host's side of serprog as a pure machine: synchronises, asks what the bridge is, tries the line, then runs steps
 * with as many commands under way as the bridge can hold.
 *
 * What always holds: every step handed in gets exactly one result, in order, or the machine fails; whatever is awaited
 * has a time set in `wait`; a step that may have changed the chip is never sent twice because of the line.
 */
import { setPinState } from "../../../firmware-protocol/serprog/command.ts";
import { advice } from "../../advice.ts";
import type { LinkStatistics } from "../bridge.ts";
import type { LinkAction, LinkEvent, LinkFailure, LinkMachine } from "../link-machine.ts";
import type { SyncLoss } from "./answer-reader.ts";
import { IncompatibleBridge, NOISY_LINK } from "./capability-probe.ts";
import { command } from "./command.ts";
import { CommandLink } from "./command-link.ts";
import { type CommandBatch, Dialogue } from "./dialogue.ts";
import { KNOWN_BRIDGES, type KnownBridge } from "./known-bridges.ts";
import { bridgeInfoOf, canSetPins, negotiate, type NegotiatedBridge, restore } from "./negotiation.ts";
import { SerprogSession } from "./serprog-session.ts";
import { type SyncAnswer, Synchroniser } from "./synchroniser.ts";

/** A board that is reset by the opening of its port is deaf for up to two seconds. */
const FIRST_SYNC_US = 4_000_000;
/** With the time for a response before it: under five seconds without progress. */
const SYNC_AGAIN_US = 3_000_000;
/** Losses of synchronization in a row, without a result in between, before the line is given up. */
const MAX_SYNC_LOSSES = 6;
const CLOSE_US = 300_000;

/** A dialogue is in progress. */
type Talking =
  | { readonly kind: "negotiating"; readonly dialogue: Dialogue<NegotiatedBridge | IncompatibleBridge> }
  /** After a loss of synchronization. */
  | { readonly kind: "restoring"; readonly session: SerprogSession; readonly dialogue: Dialogue<undefined> };

/** What follows once both sides are synchronised. */
type AfterSync =
  | { readonly kind: "negotiate" }
  | { readonly kind: "restore"; readonly session: SerprogSession }
  /** A trial has failed; the dialogue continues. */
  | { readonly kind: "continue"; readonly talking: Talking };

type Phase =
  | { readonly kind: "new" }
  | { readonly kind: "syncing"; readonly sync: Synchroniser; readonly after: AfterSync }
  | Talking
  | { readonly kind: "open"; readonly session: SerprogSession }
  | { readonly kind: "closing"; readonly untilUs: number; readonly failure: LinkFailure | undefined }
  | { readonly kind: "over" };

export interface SerprogMachineOptions {
  /** The bytes are not checked on this line: it is tested first, and answers are proven by the next. */
  readonly isUnchecked: boolean;
  /** Bridges whose quirks are known; left out: all that are in the table. */
  readonly knownBridges?: readonly KnownBridge[] | undefined;
}

export class SerprogMachine implements LinkMachine {
  readonly #options: SerprogMachineOptions;
  readonly #link: CommandLink;
  readonly #counts = { bytesSent: 0, bytesReceived: 0, framesResent: 0, framesDamaged: 0, roundTrips: 0 };
  #phase: Phase = { kind: "new" };
  /** Undefined until the bridge is ready. */
  #session: SerprogSession | undefined;
  #actions: LinkAction[] = [];
  #nowUs = 0;
  #syncLosses = 0;

  constructor(options: SerprogMachineOptions) {
    this.#options = options;
    this.#link = new CommandLink({ write: (bytes) => this.#write(bytes), nowUs: () => this.#nowUs });
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
        this.#link.open(event.baudRate);
        return this.#synchronise(FIRST_SYNC_US, false, { kind: "negotiate" });
      case "bytes":
        return this.#onBytes(event.bytes);
      case "begin":
        return this.#session?.begin();
      case "step":
        return this.#session?.onStep(event.step);
      case "starved":
        return this.#session?.onStarved();
      case "end":
        return this.#session?.end();
      case "cancel":
        return this.#session?.run.steps.cancel();
      case "set-spi-clock":
        return this.#session?.requestClock(event.clockHz);
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
      case "baud-set":
        return;
    }
  }

  // --- synchronising ------------------------------------------------------------------------------------------------

  #synchronise(limitUs: number, drainsFirst: boolean, after: AfterSync): void {
    this.#link.forget();
    const sync = new Synchroniser({ limitUs, pads: true, usPerByte: this.#link.usPerByte, drainsFirst }, this.#nowUs);
    this.#phase = { kind: "syncing", sync, after };
    if (!drainsFirst) this.#onSync(sync.tick(this.#nowUs), after);
  }

  #onSync(answer: SyncAnswer, after: AfterSync): void {
    switch (answer.kind) {
      case "send":
        return this.#write(answer.bytes);
      case "wait":
        return;
      case "synced":
        this.#link.onSynced();
        return this.#talk(after);
      case "fail":
        return this.#fail(answer.failure);
    }
  }

  // --- dialogues ----------------------------------------------------------------------------------------------------

  #talk(after: AfterSync): void {
    switch (after.kind) {
      case "negotiate": {
        const { isUnchecked, knownBridges = KNOWN_BRIDGES } = this.#options;
        const { bytesPerSecond } = this.#link;
        const script = negotiate({ knownBridges, isUnchecked, bytesPerSecond, nowUs: () => this.#nowUs });
        return this.#start({ kind: "negotiating", dialogue: new Dialogue(script) });
      }
      case "restore": {
        const { session } = after;
        const script = restore(session.bridge, this.#link.clockHz);
        return this.#start({ kind: "restoring", session, dialogue: new Dialogue(script) });
      }
      case "continue":
        this.#phase = after.talking;
        return this.#continue(after.talking, after.talking.dialogue.fail());
    }
  }

  #start(talking: Talking): void {
    this.#phase = talking;
    this.#continue(talking, talking.dialogue.start());
  }

  #continue(talking: Talking, batch: CommandBatch | undefined): void {
    if (batch === undefined) return this.#onOutcome(talking);
    this.#link.sendBatch(batch, (answer) => this.#continue(talking, talking.dialogue.reply(answer)));
  }

  #onOutcome(talking: Talking): void {
    if (talking.dialogue.outcome === undefined) return;
    if (talking.kind === "restoring") {
      talking.session.resume();
      this.#phase = { kind: "open", session: talking.session };
      return;
    }
    const { value } = talking.dialogue.outcome;
    if (value instanceof IncompatibleBridge) this.#startClosing(value.failure);
    else this.#ready(value);
  }

  #ready(bridge: NegotiatedBridge): void {
    const session = new SerprogSession(bridge, this.#link, (action) => this.#actions.push(action));
    this.#session = session;
    this.#phase = { kind: "open", session };
    this.#syncLosses = 0;
    this.#actions.push({ kind: "ready", info: bridgeInfoOf(bridge) });
  }

  // --- bytes --------------------------------------------------------------------------------------------------------

  #onBytes(bytes: Uint8Array): void {
    this.#counts.bytesReceived += bytes.length;
    if (this.#phase.kind === "syncing") {
      const { sync, after } = this.#phase;
      return this.#onSync(sync.onBytes(bytes, this.#nowUs), after);
    }
    const before = this.#link.outstanding;
    const loss = this.#link.onBytes(bytes);
    if (loss !== undefined) return this.#onSyncLoss(describe(loss));
    if (before > 0 && this.#link.outstanding === 0) this.#counts.roundTrips++;
  }

  #write(bytes: Uint8Array): void {
    this.#counts.bytesSent += bytes.length;
    this.#actions.push({ kind: "write", bytes });
  }

  // --- lost synchronization -----------------------------------------------------------------------------------------

  /** Answers can no longer be distinguished: everything under way is void until both sides are synchronised again. */
  #onSyncLoss(why: string): void {
    const phase = this.#phase;
    switch (phase.kind) {
      case "negotiating":
      case "restoring":
        return this.#onLossInDialogue(phase, why);
      case "open":
        return this.#onLossInRun(phase.session, why);
      case "closing":
        return this.#closed(phase.failure);
      case "new":
      case "syncing":
      case "over":
        return;
    }
  }

  #onLossInDialogue(talking: Talking, why: string): void {
    if (talking.dialogue.isTrial) {
      return this.#synchronise(SYNC_AGAIN_US, true, { kind: "continue", talking });
    }
    if (++this.#syncLosses > MAX_SYNC_LOSSES) {
      return this.#fail({ code: "BRIDGE_PROTOCOL", message: `the bridge violates the serprog protocol: ${why}` });
    }
    // Boot noise, most of the time: what was asked is asked again from the beginning.
    const after: AfterSync =
      talking.kind === "restoring" ? { kind: "restore", session: talking.session } : { kind: "negotiate" };
    this.#synchronise(SYNC_AGAIN_US, true, after);
  }

  #onLossInRun(session: SerprogSession, why: string): void {
    this.#counts.framesDamaged++;
    if (++this.#syncLosses > MAX_SYNC_LOSSES) {
      return this.#fail({
        code: "BRIDGE_PROTOCOL",
        message: `the link to the bridge lost synchronization too often: ${why}`,
        hint: advice(NOISY_LINK, "set-baud-rate"),
      });
    }
    session.run.onSyncLoss();
    this.#synchronise(SYNC_AGAIN_US, true, { kind: "restore", session });
  }

  // --- after every event --------------------------------------------------------------------------------------------

  /** Sends what may be sent, requests steps, gives results, sets the next time. */
  #afterEvent(): void {
    if (this.#phase.kind === "open") this.#work(this.#phase.session);
    if (this.#phase.kind === "closing") this.#workOnClosing(this.#phase);
    if (this.#isOver()) return;
    this.#actions.push({ kind: "wait", untilUs: Math.max(this.#dueUs(), this.#nowUs) });
  }

  /** A function of its own: what it reads changes while its callers work. */
  #isOver(): boolean {
    return this.#phase.kind === "over";
  }

  #work(session: SerprogSession): void {
    const refusal = session.run.takeRefusal();
    if (refusal !== undefined) return this.#onRefusal(session, refusal);
    if (session.work(this.#nowUs)) this.#syncLosses = 0;
    this.#counts.framesResent += session.run.steps.takeRepeated();
  }

  /**
   * NAK does not tell what the chip saw, and the operation's data may have been treated as commands. If the bytes are
   * not checked, the command itself may have arrived as another one.
   */
  #onRefusal({ bridge }: SerprogSession, why: string): void {
    if (bridge.isUnchecked) return this.#onSyncLoss(why);
    this.#startClosing({
      code: "BRIDGE_PROTOCOL",
      message: `${why} (NAK); it is unknown whether the chip received it`,
      hint: advice("Update the bridge's firmware, or report this with the name of the bridge.", "show-chip"),
    });
  }

  // --- time ---------------------------------------------------------------------------------------------------------

  /** When something is due by the clock, microseconds; Infinity: nothing. */
  #dueUs(): number {
    const phase = this.#phase;
    switch (phase.kind) {
      case "syncing":
        return phase.sync.untilUs;
      case "closing":
        return Math.min(this.#link.dueUs, phase.untilUs);
      case "open":
        return this.#link.outstanding > 0 ? this.#link.dueUs : phase.session.run.steps.dueUs;
      case "negotiating":
      case "restoring":
      case "new":
      case "over":
        return this.#link.dueUs;
    }
  }

  #onDeadline(): void {
    if (this.#phase.kind === "syncing") {
      const { sync, after } = this.#phase;
      if (this.#nowUs >= sync.untilUs) this.#onSync(sync.tick(this.#nowUs), after);
      return;
    }
    if (this.#nowUs >= this.#link.dueUs) this.#onSyncLoss("an answer is missing");
  }

  // --- end ----------------------------------------------------------------------------------------------------------

  #close(): void {
    if (this.#phase.kind === "open") this.#startClosing(undefined);
    else if (this.#phase.kind !== "closing") this.#closed(undefined);
  }

  /** Lets what is under way end, releases the pins, and is over; `failure` is reported then. */
  #startClosing(failure: LinkFailure | undefined): void {
    this.#phase = { kind: "closing", untilUs: this.#nowUs + CLOSE_US + this.#link.workUs, failure };
    const bridge = this.#session?.bridge;
    if (bridge !== undefined && canSetPins(bridge.capabilities)) {
      this.#link.send(command(setPinState(false)), () => undefined);
    }
  }

  #workOnClosing({ untilUs, failure }: Phase & { readonly kind: "closing" }): void {
    if (this.#link.outstanding === 0 || this.#nowUs >= untilUs) this.#closed(failure);
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

function describe(loss: SyncLoss): string {
  return loss.kind === "unasked"
    ? "bytes arrived that were not requested"
    : `an answer started with ${loss.byte.toString(16).padStart(2, "0")} instead of ACK`;
}
