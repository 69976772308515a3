/**
 * One slot, in a process of its own: looks for units, and does with them what the station asks. It decides nothing about
 * numbers: it sends no byte of a unit before the station has said so.
 */
import { wakeAndReadId } from "../../drivers/id-questions.ts";
import type { Bridge } from "../bridge/bridge.ts";
import { sameBytes, toHex } from "../bytes.ts";
import { realClock } from "../clock.ts";
import { causeIn, isOf } from "../error-groups.ts";
import { NorbridgeError } from "../errors.ts";
import { runQuestion } from "../flash/run-program.ts";
import { setClock } from "../flash/spi-clock.ts";
import { type ComposedUnit, composeUnit } from "../recipe/compose.ts";
import { type CheckedRecipe, loadValidRecipe } from "../recipe/load-recipe.ts";
import { unitValues } from "../recipe/unit-values.ts";
import { linkLossIn } from "../runner/recovery.ts";
import type { Composed, WorkerEnd, WorkerFault, WorkerRequest, WorkerSetup } from "./messages.ts";
import { LOOK_US, Presence } from "./presence.ts";
import { Seat } from "./seat.ts";
import type { SlotWires } from "./wires.ts";
import { WorkerHost } from "./worker-host.ts";

/** Makes the way to a bridge from the port of a slot. */
export type MakeWires = (port: string, slot: string) => Promise<SlotWires> | SlotWires;

/** Between tries to find a bridge that is away. */
const LOOK_FOR_BRIDGE_US = 500_000;
const BEAT_US = 1_000_000;
/** A clock for looks: nearly all wires bear it. */
const LOOK_CLOCK_HZ = 4_000_000;
const ID_BYTES = 3;
/** So fine is progress said. */
const PROGRESS_STEPS = 100;

interface Asked {
  readonly id: number;
  readonly request: WorkerRequest;
}

export class SlotWorker {
  readonly #channel: WorkerEnd;
  readonly #makeWires: MakeWires;
  readonly #host: WorkerHost;
  readonly #asked: Asked[] = [];
  readonly #over = new AbortController();
  #wake: () => void = () => undefined;
  #stop = new AbortController();
  #wires: SlotWires | undefined;
  #checked: CheckedRecipe | undefined;
  #journals = "";
  #presence = new Presence();
  #bridge: Bridge | undefined;
  #image: ComposedUnit | undefined;
  #wasLost = false;

  constructor(channel: WorkerEnd, makeWires: MakeWires) {
    this.#channel = channel;
    this.#makeWires = makeWires;
    this.#host = new WorkerHost((text) => channel.send({ kind: "note", text }));
    channel.onMessage((order) => {
      if (order.kind === "stop") this.#stop.abort("stopped");
      else {
        this.#asked.push(order);
        this.#wake();
      }
    });
    channel.onEnd(() => {
      this.#stop.abort("the station is gone");
      this.#over.abort("over");
      this.#wake();
    });
  }

  /** Works until the station ends it. Never throws. */
  async run(): Promise<void> {
    void this.#beat();
    try {
      await this.#start();
      while (!this.#over.signal.aborted) await this.#serveOnce();
    } finally {
      this.#over.abort("over");
      await this.#closeBridge();
      this.#wires?.close();
      await this.#checked?.close();
    }
  }

  async #beat(): Promise<void> {
    while (!this.#over.signal.aborted) {
      this.#channel.send({ kind: "beat" });
      await realClock.wait(BEAT_US, this.#over.signal);
    }
  }

  /** Waits for the setup. */
  async #start(): Promise<void> {
    while (this.#checked === undefined && !this.#over.signal.aborted) {
      const asked = await this.#nextAsked();
      if (asked !== undefined) await this.#reply(asked, () => this.#setUp(asked.request));
    }
  }

  async #setUp(request: WorkerRequest): Promise<undefined> {
    if (request.kind !== "open") {
      if (request.kind === "close") this.#over.abort("over");
      return undefined;
    }
    const { setup } = request;
    const checked = await loadValidRecipe(setup.recipe);
    if (checked.sha256 !== setup.recipeSha256) {
      await checked.close();
      throw changedRecipe(setup);
    }
    this.#wires = await this.#makeWires(setup.port, setup.slot);
    this.#journals = setup.journals;
    this.#checked = checked;
    return undefined;
  }

  /** Until the bridge is lost. */
  async #serveOnce(): Promise<void> {
    const wires = this.#wires;
    if (wires === undefined) return;
    try {
      const bridge = await wires.run(() => wires.open({ staySlow: false }));
      this.#bridge = bridge;
      this.#wasLost = false;
      this.#presence = new Presence();
      this.#channel.send({ kind: "opened", board: bridge.info.boardName });
      for (;;) if (!(await this.#serveUnit(wires))) return;
    } catch (error) {
      await this.#loseBridge(error);
    }
  }

  async #loseBridge(error: unknown): Promise<void> {
    await this.#closeBridge();
    if (this.#over.signal.aborted) return;
    if (!this.#wasLost) this.#channel.send({ kind: "lost", fault: faultOf(error) });
    this.#wasLost = true;
    await this.#failAsked(error);
    await realClock.wait(LOOK_FOR_BRIDGE_US, this.#over.signal);
  }

  /** What is open of it. Never throws. */
  async #closeBridge(): Promise<void> {
    const bridge = this.#bridge;
    this.#bridge = undefined;
    if (bridge !== undefined) await this.#wires?.run(() => bridge.close()).catch(() => undefined);
  }

  /** Nothing can be done without a bridge. */
  async #failAsked(error: unknown): Promise<void> {
    for (let asked = this.#asked.shift(); asked !== undefined; asked = this.#asked.shift()) {
      const { request } = asked;
      if (request.kind === "close") this.#over.abort("over");
      await this.#reply(asked, () => {
        if (request.kind === "end" || request.kind === "close" || request.kind === "hold") return undefined;
        throw error;
      });
    }
  }

  /** From an empty slot to an empty slot. False: the slot is closed. */
  async #serveUnit(wires: SlotWires): Promise<boolean> {
    this.#channel.send({ kind: "empty" });
    if (!(await this.#until("present", wires))) return false;
    this.#channel.send({ kind: "contact" });
    const seat = await this.#look(wires);
    if (seat !== undefined) this.#channel.send({ kind: "unit", unit: seat.unit });
    const isOpen = await this.#withUnit(wires, seat);
    this.#image = undefined;
    this.#bridge = seat?.bridge ?? this.#bridge;
    if (isOpen && this.#bridge !== undefined) {
      const bridge = this.#bridge;
      await wires.run(() => setClock(bridge, LOOK_CLOCK_HZ));
    }
    return isOpen;
  }

  /** What is in the slot; undefined if it cannot be used. Throws link errors. */
  async #look(wires: SlotWires): Promise<Seat | undefined> {
    try {
      return await this.#openSeat(wires);
    } catch (error) {
      if (linkLossIn(error) !== undefined) throw error;
      this.#channel.send({ kind: "refused", fault: faultOf(error) });
      return undefined;
    }
  }

  async #openSeat(wires: SlotWires): Promise<Seat | undefined> {
    const bridge = this.#bridge;
    const checked = this.#checked;
    if (bridge === undefined || checked === undefined) return undefined;
    let shown = "";
    const onProgress = (doneBytes: number, totalBytes: number): void => {
      const text = `${Math.floor((doneBytes * PROGRESS_STEPS) / Math.max(1, totalBytes))} of ${totalBytes}`;
      if (text !== shown) this.#channel.send({ kind: "progress", doneBytes, totalBytes });
      shown = text;
    };
    return Seat.open({ wires, host: this.#host, checked, journals: this.#journals, onProgress }, bridge);
  }

  /** Does what the station asks until the unit is gone. False: the slot is closed. Throws link errors. */
  async #withUnit(wires: SlotWires, found: Seat | undefined): Promise<boolean> {
    let seat = found;
    for (;;) {
      const asked = await this.#nextAsked();
      if (asked === undefined) return false;
      const { request } = asked;
      this.#stop = new AbortController();
      this.#host.signal = this.#stop.signal;
      const lost = await this.#reply(asked, async () => {
        if (request.kind !== "look") return this.#carryOut(request, seat, wires);
        seat = await this.#openSeat(wires);
        return seat?.unit;
      });
      this.#bridge = seat?.bridge ?? this.#bridge;
      if (request.kind === "close") return false;
      if (lost !== undefined) throw lost;
      if (request.kind !== "hold" && request.kind !== "end") continue;
      if (await this.#untilGone(wires, seat)) {
        this.#channel.send({ kind: "gone" });
        return true;
      }
    }
  }

  async #carryOut(request: WorkerRequest, seat: Seat | undefined, wires: SlotWires): Promise<unknown> {
    switch (request.kind) {
      case "open":
      case "look":
        return undefined;
      case "close":
        this.#over.abort("over");
        return undefined;
      case "hold":
        return undefined;
      case "end":
        if (request.dropsJournal) await seat?.dropJournal();
        wires.shown();
        return undefined;
      case "compose":
        return this.#compose(request.serial, request.texts);
      case "verify":
      case "write": {
        const image = this.#image;
        if (seat === undefined || image === undefined)
          throw new NorbridgeError("BUG", "no image", { operation: "write" });
        return request.kind === "write" ? seat.write(image) : seat.verify(image);
      }
    }
  }

  async #compose(serial: string, texts: Readonly<Record<string, string>>): Promise<Composed | undefined> {
    const checked = this.#checked;
    if (checked === undefined) return undefined;
    const values = unitValues(checked, serial, new Map(Object.entries(texts)));
    this.#image = await composeUnit(checked, values, this.#host.signal);
    return { sha256: this.#image.sha256, totalBytes: this.#image.image.totalBytes };
  }

  /** Replies with what `act` returns or throws. Returns the error if the bridge was lost by it. */
  async #reply({ id }: Asked, act: () => unknown): Promise<NorbridgeError | undefined> {
    try {
      const value = await act();
      this.#channel.send({ kind: "reply", id, value: value ?? null });
      return undefined;
    } catch (error) {
      this.#channel.send({ kind: "failed", id, fault: faultOf(error) });
      return linkLossIn(error);
    }
  }

  /** As `#until`; another unit that was put in faster than the looks are is noticed as well. Throws link errors. */
  async #untilGone(wires: SlotWires, seat: Seat | undefined): Promise<boolean> {
    const mark = await markOf(seat);
    while (await this.#until("gone", wires)) {
      if (this.#presence.id === undefined) return true;
      const now = await markOf(seat);
      // Without contact nothing is known; the next looks show whether it is gone.
      if (now === undefined || now === mark) continue;
      this.#presence.forget();
      return true;
    }
    return false;
  }

  /**
   * Looks at the slot until that, or until a chip was missing for a moment. False: something was asked, or the slot is
   * closed. Throws link errors.
   */
  async #until(end: "present" | "gone", wires: SlotWires): Promise<boolean> {
    while (!this.#over.signal.aborted && (this.#asked.length === 0 || end === "present")) {
      if (this.#asked.length > 0 && !this.#answerIdle()) return false;
      const change = await wires.run(async () => {
        await wires.clock.wait(LOOK_US, this.#over.signal);
        return this.#presence.look(await this.#readId(), wires.clock.nowUs());
      });
      if (change === end || change === "returned") return true;
      if (change === "settling" || change === "unsteady") this.#channel.send({ kind: change });
      if (change === "gone") this.#channel.send({ kind: "empty" });
      await wires.pause();
    }
    return false;
  }

  /** What is asked of an empty slot. False: the slot is closed. */
  #answerIdle(): boolean {
    const asked = this.#asked.shift();
    if (asked === undefined) return true;
    if (asked.request.kind === "close") this.#over.abort("over");
    this.#channel.send({ kind: "reply", id: asked.id, value: null });
    return asked.request.kind !== "close";
  }

  /** Hex; undefined if nothing responds, "" if it is not the same twice. Throws link errors. */
  async #readId(): Promise<string | undefined> {
    const bridge = this.#bridge;
    if (bridge === undefined) return undefined;
    const answer = await runQuestion(bridge, wakeAndReadId());
    if (answer.outcome !== "done") return "";
    const { idA, idB } = answer.value;
    const [a, b] = [idA.subarray(0, ID_BYTES), idB.subarray(0, ID_BYTES)];
    if (isSilent(a) && isSilent(b)) return undefined;
    return sameBytes(a, b) ? toHex(a) : "";
  }

  /** The next request; undefined if the slot is closed. */
  async #nextAsked(): Promise<Asked | undefined> {
    while (this.#asked.length === 0) {
      if (this.#over.signal.aborted) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#asked.shift();
  }
}

/** Undefined if it cannot be read. Throws link errors. */
async function markOf(seat: Seat | undefined): Promise<string | undefined> {
  try {
    return await seat?.mark();
  } catch (error) {
    if (linkLossIn(error) !== undefined) throw error;
    return undefined;
  }
}

function isSilent(id: Uint8Array): boolean {
  return id.every((byte) => byte === 0xff) || id.every((byte) => byte === 0);
}

/** An error for the station, with what it says of the unit. */
export function faultOf(error: unknown): WorkerFault {
  if (!(error instanceof NorbridgeError)) {
    return { code: "BUG", message: error instanceof Error ? error.message : String(error), blame: "station" };
  }
  const { code, message } = error;
  return { code, message, blame: blameOf(error) };
}

function blameOf(error: NorbridgeError): WorkerFault["blame"] {
  const isAny = (test: (one: NorbridgeError) => boolean): boolean => causeIn(error, test) !== undefined;
  if (isAny(({ code }) => code === "ECANCELED")) return "stopped";
  if (linkLossIn(error) !== undefined || isOf(error, "reappearing")) return "link";
  if (isAny(({ code }) => code === "CHIP_MISSING" || code === "CHIP_CHANGED")) return "gone";
  if (isAny((one) => isOf(one, "changeFailed") || one.category === "identity")) return "unit";
  return "station";
}

function changedRecipe({ recipe }: WorkerSetup): NorbridgeError {
  return new NorbridgeError("FILE_INVALID", `${recipe} or a file of it was changed since the station has started`, {
    operation: "open slot",
    hint: "Start the station again.",
  });
}
