/** A slot as the station sees it: its process, started again when it ends, and the sessions of its units. */
import type { Clock } from "../clock.ts";
import type { SessionOutcome, SlotChange, SlotPhase, SlotProgress } from "./events.ts";
import type { StationEnd, UnitInSlot, WorkerFault, WorkerMessage, WorkerRequest, WorkerSetup } from "./messages.ts";
import { runSession, type SessionResult, type SessionSlot, type SessionWorld } from "./session.ts";
import { faultIn, SlotFault, WorkerLink } from "./worker-link.ts";

/** What a slot needs of its station. */
export interface SlotOptions {
  readonly setup: WorkerSetup;
  readonly world: SessionWorld;
  /** Real time. */
  readonly clock: Clock;
  /** Starts a process. */
  launch(): StationEnd;
  show(change: SlotChange): void;
  progress(progress: SlotProgress): void;
  note(text: string): void;
  sessionStarts(): void;
  /** The outcome is durable, unless it is `not-recorded`. Returns a sentence if the slot takes no more units. */
  sessionEnds(result: SessionResult): Promise<string | undefined>;
  /** Why no unit may be started now; undefined: one may. The caller counts it from then on. */
  whyNotNow(): string | undefined;
}

interface Waiting {
  readonly kind: "scan" | "confirm";
  readonly refusal: (text: string) => string | undefined;
  readonly resolve: (text: string) => void;
  readonly reject: (error: SlotFault) => void;
}

/** A process that ended is started again after so long; longer if it ends again and again. */
const RESTART_US = [0, 1_000_000, 5_000_000, 20_000_000];
const EMPTY = "Insert a unit.";
const GONE: WorkerFault = { code: "CHIP_MISSING", message: "the unit was taken out", blame: "gone" };

const SHOWN: Readonly<Record<SessionOutcome, SlotPhase>> = {
  ...{ pass: "pass", fail: "fail", abort: "fail", "not-recorded": "not-recorded" },
};

export class Slot {
  readonly name: string;
  readonly #options: SlotOptions;
  #link: WorkerLink | undefined;
  #unit: UnitInSlot | undefined;
  #phase: SlotPhase = "starting";
  #waiting: Waiting | undefined;
  #session: Promise<void> | undefined;
  /** Why it takes no units; undefined: it takes them. */
  #pausedBy: string | undefined;
  #restarts = 0;
  #isClosing = false;

  constructor(options: SlotOptions) {
    this.name = options.setup.slot;
    this.#options = options;
  }

  /** A unit is being done. */
  get isBusy(): boolean {
    return this.#session !== undefined;
  }

  start(): void {
    const link = this.#launch();
    this.#link = link;
    link.request({ kind: "open", setup: this.#options.setup }).catch((error: unknown) => {
      const fault = faultIn(error);
      if (fault.blame === "link") return;
      this.#show({ phase: "stopped", sentence: "The slot cannot be used. Ask the supervisor.", fault });
    });
  }

  /** Ends the process after the job in progress was stopped. Resolves when nothing runs any more. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#rejectWaiting({ code: "ECANCELED", message: "the station ends", blame: "stopped" });
    this.#link?.stop();
    await this.#session;
    await this.#link?.request({ kind: "close" }).catch(() => undefined);
    this.#link?.kill();
    this.#show({ phase: "stopped", sentence: "The station has ended." });
  }

  /** Takes a scanned text; a sentence if it is not taken. */
  scan(text: string): string | undefined {
    const waiting = this.#waiting;
    if (waiting?.kind !== "scan") return `Slot ${this.name} does not wait for a scan.`;
    const why = waiting.refusal(text);
    if (why !== undefined) return `This scan is not valid: ${why}.`;
    waiting.resolve(text);
    return undefined;
  }

  /** Whether a scan is waited for. */
  get waitsForScan(): boolean {
    return this.#waiting?.kind === "scan";
  }

  confirm(): string | undefined {
    if (this.#waiting?.kind !== "confirm") return `Slot ${this.name} waits for no confirmation.`;
    this.#waiting.resolve("");
    return undefined;
  }

  stop(): string | undefined {
    if (this.#session === undefined) return `In slot ${this.name} nothing is in progress.`;
    this.#rejectWaiting({ code: "ECANCELED", message: "stopped by a person", blame: "stopped" });
    this.#link?.stop();
    return undefined;
  }

  pause(why = "The slot is paused."): string | undefined {
    this.#pausedBy = why;
    if (this.#phase === "empty") this.#show({ phase: "paused", sentence: why });
    return undefined;
  }

  goOn(): string | undefined {
    this.#pausedBy = undefined;
    if (this.#phase === "paused") this.#show({ phase: "empty", sentence: EMPTY });
    return undefined;
  }

  /** Does the unit in the slot once more. */
  again(): string | undefined {
    const unit = this.#unit;
    if (unit === undefined || this.#session !== undefined) return `In slot ${this.name} no unit waits.`;
    this.#pausedBy = undefined;
    this.#begin(async () => unitOf(await this.#ask({ kind: "look" })) ?? unit);
    return undefined;
  }

  /** Ends the process as a crash would: for tests. */
  kill(): void {
    this.#link?.kill();
  }

  #launch(): WorkerLink {
    return new WorkerLink({
      ...{ channel: this.#options.launch(), clock: this.#options.clock },
      onMessage: (message) => this.#take(message),
      onEnd: (why) => void this.#restart(why),
    });
  }

  async #restart(why: string): Promise<void> {
    this.#unit = undefined;
    this.#rejectWaiting({ code: "ESHUTDOWN", message: why, blame: "link" });
    if (this.#isClosing) return;
    const fault: WorkerFault = { code: "ESHUTDOWN", message: `the process of the slot: ${why}`, blame: "link" };
    this.#show({ phase: "lost", sentence: "The slot is started again. Leave the unit in.", fault });
    await this.#session;
    await this.#options.clock.wait(RESTART_US[Math.min(this.#restarts, RESTART_US.length - 1)] ?? 0);
    this.#restarts++;
    this.#startUnlessClosing();
  }

  #startUnlessClosing(): void {
    if (!this.#isClosing) this.start();
  }

  #take(message: Exclude<WorkerMessage, { readonly kind: "reply" | "failed" | "beat" }>): void {
    switch (message.kind) {
      case "opened":
        return this.#show({ phase: "starting", sentence: "The bridge is open.", fault: null });
      case "empty":
        return this.#becomeEmpty();
      case "settling":
        return this.#show({ phase: "settling", sentence: "The contacts settle." });
      case "unsteady":
        return this.#show({ phase: "settling", sentence: "The contact is not steady. Press the unit down again." });
      case "contact":
        return this.#show({ phase: "contact", sentence: "The contacts are checked." });
      case "unit":
        this.#unit = message.unit;
        return this.#begin(() => Promise.resolve(message.unit));
      case "refused":
        return this.#begin(() => Promise.reject(new SlotFault(message.fault)));
      case "gone":
        this.#unit = undefined;
        return this.#rejectWaiting(GONE);
      case "progress":
        return this.#options.progress({ doneBytes: message.doneBytes, totalBytes: message.totalBytes });
      case "lost":
        this.#unit = undefined;
        this.#rejectWaiting(message.fault);
        return this.#show({ phase: "lost", sentence: "The bridge is away. Check its cable.", fault: message.fault });
      case "note":
        return this.#options.note(`slot ${this.name}: ${message.text}`);
    }
  }

  #becomeEmpty(): void {
    this.#restarts = 0;
    if (this.#pausedBy === undefined) this.#show({ phase: "empty", sentence: EMPTY });
    else {
      this.#show({ phase: "empty", sentence: this.#pausedBy });
      this.#show({ phase: "paused", sentence: this.#pausedBy });
    }
  }

  /** A session with the unit that `find` returns, unless none may start now. */
  #begin(find: () => Promise<UnitInSlot>): void {
    const before = this.#session ?? Promise.resolve();
    const session = before
      .then(() => this.#doUnit(find))
      .finally(() => {
        if (this.#session === session) this.#session = undefined;
      });
    this.#session = session;
  }

  async #doUnit(find: () => Promise<UnitInSlot>): Promise<void> {
    const why = this.#isClosing ? "The station ends." : (this.#pausedBy ?? this.#options.whyNotNow());
    if (why !== undefined) {
      this.#show({ phase: "paused", sentence: `${why} Take the unit out.` });
      await this.#end(false);
      return;
    }
    this.#options.sessionStarts();
    const result = await this.#resultOf(find);
    const paused = await this.#options.sessionEnds(result);
    if (paused !== undefined) this.#pausedBy = paused;
    const { fault, outcome, sentence } = result;
    const shown = fault === undefined ? null : { code: fault.code, cause: fault.message };
    const isLost = fault?.blame === "link" && outcome === "abort";
    this.#show({ phase: isLost ? "lost" : SHOWN[outcome], sentence, fault: shown });
    await this.#end(result.dropsJournal);
  }

  async #resultOf(find: () => Promise<UnitInSlot>): Promise<SessionResult> {
    const none = { isFirst: false, isRework: false, dropsJournal: false };
    try {
      const unit = await find();
      return await runSession(this.#options.world, this.#sessionSlot(), unit);
    } catch (error) {
      const fault = faultIn(error);
      // Bad contact counts against the unit, or the fixture; the way to it does not.
      const isOfUnit = fault.blame === "unit" || fault.blame === "gone";
      const sentence = isOfUnit ? "Take the unit out, and insert it again." : "Take the unit out.";
      return { ...none, outcome: isOfUnit ? "fail" : "abort", sentence, fault };
    }
  }

  async #end(dropsJournal: boolean): Promise<void> {
    await this.#ask({ kind: "end", dropsJournal }).catch(() => undefined);
  }

  #sessionSlot(): SessionSlot {
    return {
      ask: (request) => this.#ask(request),
      show: (change) => this.#show(change),
      scan: (value, label, refusal) =>
        this.#wait("scan", refusal, {
          ...{ phase: "waiting", sentence: `Scan: ${label}.` },
          waitsFor: { kind: "scan", value, label },
        }),
      confirm: async (sentence) => {
        const waitsFor = { kind: "confirm" } as const;
        await this.#wait("confirm", () => undefined, { phase: "waiting", sentence, waitsFor });
      },
    };
  }

  async #wait(kind: Waiting["kind"], refusal: Waiting["refusal"], change: SlotChange): Promise<string> {
    await this.#ask({ kind: "hold" });
    if (this.#unit === undefined) throw new SlotFault(GONE);
    if (this.#isClosing) throw new SlotFault({ code: "ECANCELED", message: "the station ends", blame: "stopped" });
    const text = new Promise<string>((resolve, reject) => {
      this.#waiting = { kind, refusal, resolve, reject };
    });
    this.#show(change);
    try {
      return await text;
    } finally {
      this.#waiting = undefined;
    }
  }

  #rejectWaiting(fault: WorkerFault): void {
    this.#waiting?.reject(new SlotFault(fault));
  }

  #ask(request: WorkerRequest): Promise<unknown> {
    const link = this.#link;
    if (link === undefined) return Promise.reject(new SlotFault({ ...GONE, blame: "link" }));
    return link.request(request);
  }

  #show(change: Omit<SlotChange, "fault"> & { readonly fault?: SlotChange["fault"] | WorkerFault | undefined }): void {
    this.#phase = change.phase;
    const { fault } = change;
    const shown = fault !== undefined && fault !== null && "message" in fault ? causeOf(fault) : fault;
    this.#options.show({ ...change, fault: shown });
  }
}

function causeOf({ code, message }: WorkerFault): { readonly code: string; readonly cause: string } {
  return { code, cause: message };
}

/** A unit from a reply. */
function unitOf(value: unknown): UnitInSlot | undefined {
  if (typeof value !== "object" || value === null || !("chip" in value) || !("jedec" in value)) return undefined;
  const text = (one: unknown): string | undefined => (typeof one === "string" ? one : undefined);
  const uid = "uid" in value ? text(value.uid) : undefined;
  const stored = "stored" in value ? text(value.stored) : undefined;
  return { chip: String(value.chip), jedec: String(value.jedec), uid, stored };
}
