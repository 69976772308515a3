/** A station whose events a test makes: the state is that of src/station, the bridges and chips are left out. */
import type { StationCommand } from "../../src/station/commands.ts";
import type { RecordQuestion, StationFace } from "../../src/station-server/face.ts";
import { EMPTY_STATION, type StationEvent, type StationState, stationStateAfter } from "../../src/station/events.ts";
import { LOG, REPORT, UNITS } from "./sample-records.ts";

/** What a test tells of an event; the time is added. */
type Told = StationEvent extends infer Event ? (Event extends StationEvent ? Omit<Event, "atMs"> : never) : never;

export class ScriptedStation implements StationFace {
  readonly commands: StationCommand[] = [];
  #state: StationState = EMPTY_STATION;
  readonly #listeners = new Set<(event: unknown) => void>();
  readonly #nowMs: () => number;

  /** `slots`: how many there are; they are named A, B, C. */
  constructor(slots: number, nowMs: () => number = Date.now) {
    this.#nowMs = nowMs;
    this.tell({
      kind: "station",
      station: "line-2",
      operator: "Kim",
      recipe: {
        ...{ name: "sensor-hub", revision: 7, product: "SH-200", sha256: "0".repeat(64) },
        ...{ purpose: "program", approvedBy: "Lee" },
      },
      slots: Array.from({ length: slots }, (_, index) => ({ slot: slotName(index), where: `1-${index + 1}` })),
    });
    this.tell({ kind: "batch-start", target: 500 });
    this.tell({
      kind: "pools",
      pools: [
        { pool: "serial", left: "4812" },
        { pool: "mac", left: "38" },
      ],
    });
    for (let index = 0; index < slots; index++) this.empty(slotName(index));
  }

  tell(event: Told): void {
    const whole = { ...event, atMs: this.#nowMs() } as StationEvent;
    this.#state = stationStateAfter(this.#state, whole);
    for (const listener of this.#listeners) listener(whole);
  }

  empty(slot: string): void {
    this.tell({ kind: "slot", slot, phase: "empty", sentence: "Put in the next unit." });
  }

  /** A unit is put in, and gets as far as writing. */
  write(slot: string, serial: string): void {
    this.tell({ kind: "session-start", slot });
    this.tell({ kind: "slot", slot, phase: "writing", sentence: "Do not touch the unit.", serial, chip: "AT25SF041" });
    this.tell({ kind: "progress", slot, doneBytes: 47_616, totalBytes: 65_536 });
  }

  pass(slot: string, serial: string): void {
    this.write(slot, serial);
    this.tell({ kind: "session-end", slot, outcome: "pass", isFirst: true, isRework: false });
    this.tell({ kind: "slot", slot, phase: "pass", sentence: "Take the unit out." });
  }

  fail(slot: string, serial: string): void {
    this.write(slot, serial);
    const fault = { code: "VERIFY_MISMATCH", cause: "12 bytes differ at 0x01f000..0x01f00b after two repairs" };
    this.tell({ kind: "session-end", slot, outcome: "fail", isFirst: true, isRework: false });
    this.tell({ kind: "slot", slot, phase: "fail", sentence: "Set the unit aside in the red box.", fault });
  }

  /** A slot waits for a scan. */
  scan(slot: string, serial: string): void {
    this.tell({ kind: "session-start", slot });
    const waitsFor = { kind: "scan", value: "housing", label: "the label of the housing" } as const;
    this.tell({ kind: "slot", slot, phase: "waiting", sentence: "Scan the label of the housing.", serial, waitsFor });
  }

  /** Every kind of tile, one after the other, as many as there are slots. */
  showEverything(): void {
    const { slots } = this.#state;
    const serialOf = (index: number): string => `NB26-${String(412 + index).padStart(6, "0")}`;
    for (const [index, { slot }] of slots.entries()) {
      const serial = serialOf(index);
      const turns = [
        () => this.pass(slot, serial),
        () => this.fail(slot, serial),
        () => this.write(slot, serial),
        () => undefined,
        () => this.scan(slot, serial),
        () => this.notRecorded(slot, serial),
        () => this.tell({ kind: "slot", slot, phase: "paused", sentence: "This slot takes no unit." }),
        () => this.lost(slot, serial),
        () => this.tell({ kind: "slot", slot, phase: "settling", sentence: "Leave the unit where it is." }),
        () => this.tell({ kind: "slot", slot, phase: "stopped", sentence: "Connect the bridge of this slot." }),
      ];
      turns[index % turns.length]?.();
    }
  }

  notRecorded(slot: string, serial: string): void {
    this.write(slot, serial);
    const fault = { code: "FILE_EXISTS", cause: "the disk of the ledger is full" };
    const sentence = "Set the unit aside and call the supervisor.";
    this.tell({ kind: "session-end", slot, outcome: "not-recorded", isFirst: true, isRework: false });
    this.tell({ kind: "slot", slot, phase: "not-recorded", sentence, fault });
  }

  lost(slot: string, serial: string): void {
    this.write(slot, serial);
    const fault = { code: "INTERRUPTED", cause: "the bridge was pulled at 47,616 of 65,536 bytes" };
    this.tell({
      kind: "slot",
      slot,
      phase: "lost",
      sentence: "Leave the unit in, and connect the bridge again.",
      fault,
    });
  }

  state(): StationState {
    return this.#state;
  }

  subscribe(listener: (event: unknown) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  command(command: StationCommand): Promise<string | undefined> {
    this.commands.push(command);
    return Promise.resolve(
      command.kind === "scan" && command.text.includes("wrong") ? "it is not a label." : undefined,
    );
  }

  records(question: RecordQuestion): Promise<unknown> {
    switch (question.kind) {
      case "report":
        return Promise.resolve(REPORT);
      case "units":
        return Promise.resolve(question.serial === UNITS[0]?.serial ? UNITS : undefined);
      case "log":
        return Promise.resolve(LOG);
    }
  }
}

function slotName(index: number): string {
  return String.fromCharCode("A".charCodeAt(0) + index);
}
