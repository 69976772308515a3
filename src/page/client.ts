/** The worker as the page sees it: commands with answers, and the state that the news make. */
import workerUrl from "./worker/main.ts?worker&url";
import {
  type Answers,
  type Command,
  type Failure,
  type FromWorker,
  MESSAGES_VERSION,
  type Note,
  type PageState,
  type ToWorker,
} from "./messages.ts";

/** What the page shows. */
export interface View {
  readonly state: PageState;
  readonly chips: readonly string[];
  /** States of the sectors; changed in place, with `version`. */
  readonly map: Uint8Array;
  readonly version: number;
  readonly notes: readonly (Note & { readonly id: number })[];
}

const EMPTY: View = {
  state: { link: "closed", chip: undefined, job: undefined, jobs: [], noJournal: undefined },
  chips: [],
  map: new Uint8Array(),
  version: 0,
  notes: [],
};
const MOST_NOTES = 500;

/** A command that was refused or failed. */
export class CommandError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: CommandError) => void;
}

export class EngineClient {
  readonly #worker: Worker;
  readonly #onView: (view: View) => void;
  readonly #waiting = new Map<number, Waiting>();
  #view = EMPTY;
  #lastId = 0;
  #lastNote = 0;

  constructor(onView: (view: View) => void) {
    this.#onView = onView;
    this.#worker = new Worker(trusted(workerUrl), { type: "module" });
    this.#worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => this.#take(data));
    this.#worker.addEventListener("error", ({ message }) => this.#fail(message));
  }

  /** Runs a command after those before it. Throws CommandError. */
  run<K extends keyof Answers>(command: Extract<Command, { readonly kind: K }>): Promise<Answers[K]> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      // What the worker answers to a command of this kind is of this type: both sides come from one build.
      this.#waiting.set(id, { resolve: (value) => resolve(value as Answers[K]), reject });
      this.#post({ version: MESSAGES_VERSION, id, command });
    });
  }

  /** Ends the command in progress. */
  cancel(): void {
    this.#post({ version: MESSAGES_VERSION, cancel: true });
  }

  note(note: Note): void {
    this.#show({ notes: this.#withNotes([note]) });
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #take(message: FromWorker): void {
    if (message.version !== MESSAGES_VERSION) {
      this.#fail("the worker is of another version: load the page again");
      return;
    }
    switch (message.kind) {
      case "ready":
        this.#show({ chips: message.chips });
        return;
      case "news":
        this.#news(message);
        return;
      case "answer":
        this.#settle(message.id)?.resolve(message.value);
        return;
      case "failure":
        this.#settle(message.id)?.reject(new CommandError(message.failure));
        return;
    }
  }

  #news({ state = this.#view.state, map, notes }: Extract<FromWorker, { readonly kind: "news" }>): void {
    let cells = this.#view.map;
    if (map?.isNew === true) cells = new Uint8Array(map.sectors);
    for (const [sector, value] of map?.changes ?? []) cells[sector] = value;
    this.#show({ state, map: cells, version: this.#view.version + 1, notes: this.#withNotes(notes) });
  }

  #withNotes(notes: readonly Note[]): View["notes"] {
    if (notes.length === 0) return this.#view.notes;
    return [...this.#view.notes, ...notes.map((note) => ({ ...note, id: ++this.#lastNote }))].slice(-MOST_NOTES);
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #fail(message: string): void {
    const hint = "Save the report if you can, and load the page again. Journals of jobs are kept.";
    const failure = { code: "BUG", message: `the engine has stopped: ${message}`, hint, changed: true };
    for (const { reject } of this.#waiting.values()) reject(new CommandError(failure));
    this.#waiting.clear();
    this.note({ level: "warning", text: `${failure.message}. ${hint}` });
  }

  #show(change: Partial<View>): void {
    this.#view = { ...this.#view, ...change };
    this.#onView(this.#view);
  }
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

/** The content policy takes a script only from here, and only from where the page itself is. */
function trusted(url: string): string {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes | undefined };
  const own = (candidate: string): string => {
    const { href, origin } = new URL(candidate, location.href);
    if (origin !== location.origin) throw new TypeError("a script of another origin");
    return href;
  };
  return trustedTypes?.createPolicy("norbridge", { createScriptURL: own }).createScriptURL(url) ?? own(url);
}
