/**
 * The connection to the station: its state and events, commands, and questions. A lost station is told at once, and found
 * again without help.
 */
import { after, nowMs, wallMs } from "../panel/index.ts";

/** What the page knows of the station. */
export type LinkStatus =
  | { readonly kind: "connecting" }
  | { readonly kind: "connected" }
  /** Since when the page has heard nothing, milliseconds since 1970. */
  | { readonly kind: "lost"; readonly sinceMs: number }
  /** The token is missing or wrong. */
  | { readonly kind: "locked" };

export interface LinkListener {
  status(status: LinkStatus): void;
  /** The whole state, at the start and after a gap. */
  state(state: unknown): void;
  /** One change. */
  change(event: unknown): void;
}

/** The station sends something every two seconds. */
const SILENCE_MS = 6500;
const RETRY_MS = 1000;
const ANSWER_MS = 15_000;

export class StationLink {
  readonly #listener: LinkListener;
  #source: EventSource | undefined;
  #forgetRetry = (): void => undefined;
  #forgetSilence = (): void => undefined;
  #lostSinceMs: number | undefined;
  #token: string | undefined;
  /** What the clock of the station is ahead of this computer's. */
  #aheadMs = 0;

  constructor(listener: LinkListener, token: string | undefined) {
    this.#listener = listener;
    this.#token = token;
  }

  /** Connects, and again for as long as the page is open. */
  async start(): Promise<void> {
    if (this.#token !== undefined) await this.enter(this.#token);
    else this.#connect();
  }

  /** Brings the token. False: it is wrong. */
  async enter(token: string): Promise<boolean> {
    this.#token = token;
    const answer = await this.#send("/api/enter", { "x-norbridge-token": token }, {});
    this.#connect();
    return answer === undefined;
  }

  /** The time at the station, milliseconds since 1970. */
  stationMs(): number {
    return wallMs() + this.#aheadMs;
  }

  /** Sends a command. Returns why it was not done; undefined if it was. */
  async command(command: Readonly<Record<string, unknown>>): Promise<string | undefined> {
    return await this.#send("/api/command", {}, command);
  }

  /** Asks about records. Throws an Error with a sentence. */
  async ask(question: string): Promise<unknown> {
    const response = await fetch(`api/records/${question}`, { signal: AbortSignal.timeout(ANSWER_MS) });
    const body: unknown = await response.json();
    if (!response.ok) throw new Error(errorIn(body) ?? `The station answered with ${response.status}.`);
    return fieldOf(body, "answer");
  }

  async #send(path: string, headers: Record<string, string>, body: unknown): Promise<string | undefined> {
    try {
      const response = await fetch(path.slice(1), {
        method: "POST",
        headers: { "content-type": "application/json", "x-norbridge": "1", ...headers },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      if (response.ok) return undefined;
      if (response.status === 401) this.#listener.status({ kind: "locked" });
      return errorIn(await response.json()) ?? `The station answered with ${response.status}.`;
    } catch {
      return "The station does not respond. Nothing was done.";
    }
  }

  #connect(): void {
    this.#forgetRetry();
    this.#source?.close();
    const source = new EventSource("api/events");
    this.#source = source;
    source.addEventListener("state", ({ data }) => {
      this.#heard();
      this.#listener.state(JSON.parse(textOf(data)));
    });
    source.addEventListener("change", ({ data }) => {
      this.#heard();
      this.#listener.change(JSON.parse(textOf(data)));
    });
    source.addEventListener("beat", ({ data }) => {
      this.#heard();
      const stationMs = Number(data);
      if (Number.isFinite(stationMs)) this.#aheadMs = stationMs - wallMs();
    });
    source.addEventListener("error", () => {
      if (source !== this.#source) return;
      this.#lost();
      // While it is CONNECTING the browser tries again by itself, from the last event.
      if (source.readyState === EventSource.CLOSED) void this.#refused();
    });
  }

  #heard(): void {
    this.#forgetSilence();
    this.#forgetSilence = after(SILENCE_MS, () => {
      this.#lost();
      this.#connect();
    });
    if (this.#lostSinceMs === undefined && this.#isTold) return;
    this.#lostSinceMs = undefined;
    this.#isTold = true;
    this.#listener.status({ kind: "connected" });
  }
  #isTold = false;

  #lost(): void {
    this.#isTold = true;
    this.#lostSinceMs ??= wallMs();
    this.#listener.status({ kind: "lost", sinceMs: this.#lostSinceMs });
  }

  /** The server was there and said no: the token is missing, or too many pages are open. */
  async #refused(): Promise<void> {
    const startedMs = nowMs();
    const status = await fetch("api/state", { signal: AbortSignal.timeout(ANSWER_MS) }).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 401) {
      this.#forgetSilence();
      this.#listener.status({ kind: "locked" });
      return;
    }
    this.#forgetRetry = after(Math.max(0, RETRY_MS - (nowMs() - startedMs)), () => this.#connect());
  }
}

function textOf(data: unknown): string {
  return typeof data === "string" ? data : "null";
}

function errorIn(body: unknown): string | undefined {
  const text = fieldOf(body, "error");
  return typeof text === "string" ? text : undefined;
}

function fieldOf(body: unknown, name: string): unknown {
  return typeof body === "object" && body !== null ? (body as Readonly<Record<string, unknown>>)[name] : undefined;
}
