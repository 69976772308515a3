/** The station: its slots, its batch, its state, and the commands of people. It knows neither SQL nor HTTP. */
import { printable } from "../bytes.ts";
import type { Clock } from "../clock.ts";
import { NorbridgeError } from "../errors.ts";
import type { Ledger, RecipeRevision } from "../ledger/ledger.ts";
import type { CheckedRecipe } from "../recipe/load-recipe.ts";
import { whenAborted } from "../runner/when-aborted.ts";
import type { StationCommand } from "./commands.ts";
import { EMPTY_STATION, type StationEvent, type StationState, stationStateAfter } from "./events.ts";
import { withLamp } from "./lamp.ts";
import type { StationEnd, WorkerSetup } from "./messages.ts";
import type { SessionResult } from "./session.ts";
import { Slot } from "./slot.ts";

/** How a station is made. */
export interface StationOptions {
  /** Name of the station: what the ledger calls its slots by. */
  readonly name: string;
  readonly operator: string;
  readonly checked: CheckedRecipe;
  /** Who approved the recipe in this state. */
  readonly approvedBy: string | undefined;
  readonly ledger: Ledger;
  readonly slots: readonly { readonly slot: string; readonly port: string }[];
  /** Folder of the journals of its slots. */
  readonly journals: string;
  /** Passed units that are wanted; undefined: until a person stops it. */
  readonly target: number | undefined;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Starts the process of a slot. */
  launch(setup: WorkerSetup): StationEnd;
}

/** What happened, without its time. */
type Happened = StationEvent extends infer Event ? (Event extends StationEvent ? Omit<Event, "atMs"> : never) : never;

const MAX_SCAN = 512;

export class Station {
  readonly #options: StationOptions;
  readonly #slots: readonly Slot[];
  readonly #listeners = new Set<(event: StationEvent) => void>();
  #state: StationState = EMPTY_STATION;
  readonly #done = new AbortController();
  #isClosed = false;
  /** Sessions of new units that run now: they may all pass. */
  readonly #active = new Set<string>();

  private constructor(options: StationOptions) {
    this.#options = options;
    this.#slots = options.slots.map(({ slot, port }) => this.#makeSlot(slot, port));
  }

  /**
   * Notes recipe and pools in the ledger, gives back what was never sent, and starts the slots. Throws EINVAL if the
   * ledger refuses recipe or pools, and what the ledger throws.
   */
  static async open(options: StationOptions): Promise<Station> {
    const { ledger, checked, slots, name } = options;
    if (slots.length === 0) {
      throw new NorbridgeError("EINVAL", "a station needs at least one slot", { operation: "open station" });
    }
    await ledger.addRecipe(revisionOf(checked));
    for (const [pool, { kind, first, last }] of checked.pools) await ledger.addPool({ name: pool, kind, first, last });
    const station = new Station(options);
    const { head } = checked.recipe;
    station.#emit({
      ...{ kind: "station", station: name, operator: options.operator },
      recipe: {
        ...{ name: head.name, revision: head.revision, product: head.product, sha256: checked.sha256 },
        ...{ purpose: "program", approvedBy: options.approvedBy },
      },
      slots: slots.map(({ slot, port }) => ({ slot, where: port })),
    });
    await station.#settleLeftSessions();
    await station.#countPools();
    station.#emit({ kind: "batch-start", target: options.target });
    for (const slot of station.#slots) slot.start();
    return station;
  }

  /** The state after all events so far. */
  state(): StationState {
    return this.#state;
  }

  /** Calls back for each event, after the state has it. The result ends that. */
  subscribe(listener: (event: StationEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when the batch is complete and no session runs. */
  async batchDone(): Promise<void> {
    await whenAborted(this.#done.signal);
  }

  /** Carries out a command. Returns a sentence that says why not; undefined if it is done. */
  command(command: StationCommand): Promise<string | undefined> {
    return Promise.resolve(this.#isClosed ? "The station ends." : this.#carryOut(command));
  }

  /** Ends each slot cleanly. Idempotent. Never rejects. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.all(this.#slots.map((slot) => slot.close()));
    this.#emit({ kind: "station-end" });
  }

  #carryOut(command: StationCommand): string | undefined {
    switch (command.kind) {
      case "scan":
        return this.#scan(command.text, command.slot);
      case "operator":
        this.#emit({ kind: "operator", name: command.name });
        return undefined;
      case "batch-start":
        this.#emit({ kind: "batch-start", target: command.target });
        for (const slot of this.#slots) slot.goOn();
        return undefined;
      case "batch-end":
        this.#emit({ kind: "batch-end" });
        this.#finishIfDone();
        return undefined;
      case "again":
        return this.#withSlot(command.slot, (slot) => slot.again());
      case "confirm":
        return this.#withSlot(command.slot, (slot) => slot.confirm());
      case "stop":
        return this.#withSlot(command.slot, (slot) => slot.stop());
      case "pause":
        return this.#withSlot(command.slot, (slot) => slot.pause());
      case "go-on":
        return this.#withSlot(command.slot, (slot) => slot.goOn());
    }
  }

  #withSlot(name: string, act: (slot: Slot) => string | undefined): string | undefined {
    const slot = this.#slots.find((one) => one.name === name);
    return slot === undefined ? `There is no slot ${printable(name)}.` : act(slot);
  }

  /** A scan without a slot is for the one that waits for it; with several it has to be said. */
  #scan(typed: string, name: string | undefined): string | undefined {
    const text = typed.trim();
    if (text === "" || text.length > MAX_SCAN) return "This scan is empty or too long.";
    if (name !== undefined) return this.#withSlot(name, (slot) => slot.scan(text));
    const [first, ...others] = this.#slots.filter(({ waitsForScan }) => waitsForScan);
    if (first === undefined) return `No slot waits for a scan, and ${printable(text)} was read.`;
    if (others.length === 0) return first.scan(text);
    const names = [first, ...others].map((slot) => slot.name).join(", ");
    return `Several slots wait for a scan (${names}): select one.`;
  }

  #makeSlot(slot: string, port: string): Slot {
    const { checked, ledger, journals, clock, name } = this.#options;
    const setup: WorkerSetup = {
      ...{ slot, port, journals },
      ...{ recipe: checked.recipe.file, recipeSha256: checked.sha256 },
    };
    return new Slot({
      ...{ setup, clock },
      world: {
        ...{ checked, recipe: revisionOf(checked), slot: `${name}/${slot}` },
        ledger: withLamp(ledger, (lamp) => this.#emit({ kind: "database", ...lamp })),
        operator: () => this.#state.operator,
      },
      launch: () => this.#options.launch(setup),
      show: (change) => this.#emit({ kind: "slot", slot, ...change }),
      progress: (progress) => this.#emit({ kind: "progress", slot, ...progress }),
      note: (text) => this.#emit({ kind: "note", text }),
      sessionStarts: () => {
        this.#active.add(slot);
        this.#emit({ kind: "session-start", slot });
      },
      sessionEnds: (result) => this.#sessionEnds(slot, result),
      whyNotNow: () => this.#whyNotNow(),
    });
  }

  async #sessionEnds(slot: string, { outcome, isFirst, isRework }: SessionResult): Promise<string | undefined> {
    this.#active.delete(slot);
    this.#emit({ kind: "session-end", slot, outcome, isFirst, isRework });
    await this.#countPools();
    this.#finishIfDone();
    if (outcome === "not-recorded") return "The slot is stopped: a result could not be stored.";
    const most = this.#options.checked.recipe.head.batch?.["stop-after-failures"];
    const failures = this.#state.slots.find((one) => one.slot === slot)?.failuresInARow ?? 0;
    if (most === undefined || failures < most) return undefined;
    return `The slot is paused: ${failures} units failed one after the other. Check the fixture.`;
  }

  #whyNotNow(): string | undefined {
    const { isRunning, target, passed } = this.#state.batch;
    if (!isRunning) return "The batch has ended.";
    if (target === undefined || passed + this.#active.size < target) return undefined;
    return "The batch has as many units as it needs.";
  }

  #finishIfDone(): void {
    const { isRunning, target, passed } = this.#state.batch;
    if (isRunning && target !== undefined && passed >= target) this.#emit({ kind: "batch-end" });
    if (!this.#state.batch.isRunning && this.#active.size === 0) this.#done.abort("done");
  }

  /** Numbers that were never sent go back; what was sent waits for its unit. */
  async #settleLeftSessions(): Promise<void> {
    const { ledger, name } = this.#options;
    const own = (await ledger.openSessions()).filter(({ slot }) => slot.startsWith(`${name}/`));
    for (const { session, plan, numbers } of own) {
      const isSent = plan !== undefined || numbers.some(({ state }) => state !== "reserved");
      if (isSent) {
        const what = numbers.map(({ text }) => printable(text)).join(", ");
        const text = `a unit was interrupted (${what === "" ? session : what}): insert it again to complete it`;
        this.#emit({ kind: "note", text });
      } else await ledger.giveUp(session, { outcome: "abort", reason: "cut off before it was sent", unused: "return" });
    }
  }

  /** A ledger that is away is said by its lamp. */
  async #countPools(): Promise<void> {
    const { ledger, checked } = this.#options;
    try {
      const pools = [];
      for (const pool of checked.pools.keys()) pools.push({ pool, left: String(await ledger.numbersLeft(pool)) });
      this.#emit({ kind: "pools", pools });
    } catch (error) {
      if (!(error instanceof NorbridgeError)) throw error;
    }
  }

  #emit(happened: Happened): void {
    const event: StationEvent = { ...happened, atMs: this.#options.nowMs() };
    this.#state = stationStateAfter(this.#state, event);
    for (const listener of this.#listeners) listener(event);
  }
}

function revisionOf({ recipe: { head }, sha256 }: CheckedRecipe): RecipeRevision {
  return { name: head.name, revision: head.revision, sha256 };
}
