/** The station's end of a slot's process: requests with deadlines, and a watchdog. A process that hangs is ended. */
import type { Clock } from "../clock.ts";
import { NorbridgeError } from "../errors.ts";
import type { StationEnd, WorkerFault, WorkerMessage, WorkerRequest } from "./messages.ts";

/** A process that has said nothing for so long hangs: it beats each second. */
const SILENT_US = 20_000_000;
/** Longest time between two steps of progress: the longest erase of a large chip is four minutes. */
const NO_PROGRESS_US = 300_000_000;
const WATCH_US = 1_000_000;

/** A request that failed in the process of the slot, or with it. */
export class SlotFault extends Error {
  readonly fault: WorkerFault;

  constructor(fault: WorkerFault) {
    super(fault.message);
    this.name = "SlotFault";
    this.fault = fault;
  }
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: SlotFault) => void;
  /** A person is waited for, or nothing: there is no deadline. */
  readonly hasDeadline: boolean;
}

export interface WorkerLinkOptions {
  readonly channel: StationEnd;
  readonly clock: Clock;
  /** Everything but replies and beats. */
  onMessage(message: Exclude<WorkerMessage, { readonly kind: "reply" | "failed" | "beat" }>): void;
  /** The process is gone; once. */
  onEnd(why: string): void;
}

export class WorkerLink {
  readonly #options: WorkerLinkOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #over = new AbortController();
  #nextId = 1;
  #heardUs: number;
  #progressUs: number;

  constructor(options: WorkerLinkOptions) {
    this.#options = options;
    const { channel, clock } = options;
    this.#heardUs = clock.nowUs();
    this.#progressUs = this.#heardUs;
    channel.onMessage((message) => this.#take(message));
    channel.onEnd((why) => this.#end(why));
    void this.#watch();
  }

  /** Asks for something. Rejects with `SlotFault`. */
  request(request: WorkerRequest): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#over.signal.aborted) {
        reject(ended("it has ended"));
        return;
      }
      const id = this.#nextId++;
      this.#progressUs = this.#options.clock.nowUs();
      this.#pending.set(id, { resolve, reject, hasDeadline: request.kind !== "hold" && request.kind !== "end" });
      this.#options.channel.send({ kind: "request", id, request });
    });
  }

  /** The job in progress ends as by Ctrl-C. */
  stop(): void {
    this.#options.channel.send({ kind: "stop" });
  }

  /** Ends the process at once. */
  kill(): void {
    this.#options.channel.end();
  }

  #take(message: WorkerMessage): void {
    const now = this.#options.clock.nowUs();
    this.#heardUs = now;
    switch (message.kind) {
      case "beat":
        return;
      case "reply":
        this.#settle(message.id)?.resolve(message.value);
        return;
      case "failed":
        this.#settle(message.id)?.reject(new SlotFault(message.fault));
        return;
      default:
        this.#progressUs = now;
        this.#options.onMessage(message);
    }
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  async #watch(): Promise<void> {
    const { clock, channel } = this.#options;
    while (!this.#over.signal.aborted) {
      await clock.wait(WATCH_US, this.#over.signal);
      const now = clock.nowUs();
      const isBusy = [...this.#pending.values()].some(({ hasDeadline }) => hasDeadline);
      const hangs = now - this.#heardUs > SILENT_US || (isBusy && now - this.#progressUs > NO_PROGRESS_US);
      if (!hangs) continue;
      channel.end();
      this.#end("it did not respond, and was ended");
    }
  }

  #end(why: string): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort("over");
    const lost = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of lost) reject(ended(why));
    this.#options.onEnd(why);
  }
}

function ended(why: string): SlotFault {
  return new SlotFault({ code: "ESHUTDOWN", message: `the process of the slot: ${why}`, blame: "link" });
}

/** A fault of the station itself, as that of a slot. */
export function faultIn(error: unknown): WorkerFault {
  if (error instanceof SlotFault) return error.fault;
  const code = error instanceof NorbridgeError ? error.code : "BUG";
  return { code, message: error instanceof Error ? error.message : String(error), blame: "station" };
}
