/**
 * Detects which protocol a bridge speaks, then is the machine of that one. SYNCNOP goes first: one byte that means
 * nothing to a native bridge, a modem or a shell. Every serprog bridge responds to it, even those that stop at what
 * they do not know. Only if it stays unanswered, HELLO follows, whose bytes are not a command to anything else.
 *
 * A bridge with both protocols reports that by its name, and is used with its native protocol.
 */
import { CommandMap, nameOf } from "../../firmware-protocol/serprog/answer.ts";
import { OPCODE } from "../../firmware-protocol/serprog/command.ts";
import type { LinkStatistics } from "./bridge.ts";
import type { LinkAction, LinkEvent, LinkFailure, LinkMachine } from "./link-machine.ts";
import { type Answer, AnswerReader } from "./serprog/answer-reader.ts";
import { plain } from "./serprog/command.ts";
import { type SyncAnswer, Synchroniser } from "./serprog/synchroniser.ts";

export interface AutoMachineOptions {
  /** A native machine that sends HELLO this many times. */
  readonly native: (helloTries: number) => LinkMachine;
  readonly serprog: () => LinkMachine;
}

/** In turn, until one answers. A board that is reset by the opening of its port is deaf for up to two seconds. */
const ROUNDS = [
  { protocol: "serprog", limitUs: 60_000, pads: false },
  { protocol: "native", tries: 5 },
  { protocol: "serprog", limitUs: 1_000_000, pads: true },
  { protocol: "native", tries: 15 },
  { protocol: "serprog", limitUs: 600_000, pads: false },
] as const;
/** Name of a bridge that speaks both, see PROTOCOL.md section 3. */
const OWN_NAME = "norbridge";
const NAMING_US = 1_000_000;
const OWN_HELLO_TRIES = 5;
const NO_STATISTICS: LinkStatistics = {
  bytesSent: 0,
  bytesReceived: 0,
  framesResent: 0,
  framesDamaged: 0,
  roundTrips: 0,
};

/** What is asked of a serprog bridge: its map of commands, then its name. */
type Asked = "map" | "name";
const OPCODE_OF = { map: OPCODE.queryCommandMap, name: OPCODE.queryName } as const;

type Phase =
  | { readonly kind: "new" }
  | { readonly kind: "probing"; readonly probe: Synchroniser }
  | { readonly kind: "naming"; readonly reader: AnswerReader; readonly asked: Asked; readonly untilUs: number }
  /** A native machine that may find no bridge. */
  | { readonly kind: "trying"; readonly machine: LinkMachine; readonly ifAbsent: "next-round" | "serprog" }
  | { readonly kind: "settled"; readonly machine: LinkMachine }
  | { readonly kind: "over" };

export class AutoMachine implements LinkMachine {
  readonly #options: AutoMachineOptions;
  #phase: Phase = { kind: "new" };
  #round = -1;
  #baudRate = 0;
  #nowUs = 0;
  /** The answer that the last bytes completed. */
  #answer: Answer | undefined;
  readonly #failures: { readonly protocol: "native" | "serprog"; readonly failure: LinkFailure }[] = [];

  constructor(options: AutoMachineOptions) {
    this.#options = options;
  }

  get statistics(): LinkStatistics {
    return "machine" in this.#phase ? this.#phase.machine.statistics : NO_STATISTICS;
  }

  on(event: LinkEvent, nowUs: number): readonly LinkAction[] {
    this.#nowUs = nowUs;
    const phase = this.#phase;
    switch (phase.kind) {
      case "settled":
        return phase.machine.on(event, nowUs);
      case "trying":
        return this.#filter(phase, phase.machine.on(event, nowUs));
      case "new":
        this.#baudRate = event.kind === "open" ? event.baudRate : 0;
        return event.kind === "open" ? this.#nextRound() : this.#end(event);
      case "probing":
        if (event.kind === "bytes") return this.#follow(phase.probe, phase.probe.onBytes(event.bytes, nowUs));
        if (event.kind === "deadline" && nowUs >= phase.probe.untilUs) {
          return this.#follow(phase.probe, phase.probe.tick(nowUs));
        }
        return this.#end(event);
      case "naming":
        if (event.kind === "bytes") return this.#onName(phase, event.bytes);
        if (event.kind === "deadline" && nowUs >= phase.untilUs) return this.#begin(this.#options.serprog());
        return this.#end(event);
      case "over":
        return [];
    }
  }

  /** The port or the user ended it before anything was found; nothing otherwise. */
  #end(event: LinkEvent): readonly LinkAction[] {
    if (event.kind !== "lost" && event.kind !== "close") {
      const untilUs = this.#untilUs();
      return untilUs === undefined ? [] : [{ kind: "wait", untilUs }];
    }
    this.#phase = { kind: "over" };
    if (event.kind === "close") return [{ kind: "closed" }];
    const message = `the connection to the bridge was lost: ${event.reason}`;
    return [{ kind: "fail", failure: { code: "BRIDGE_SILENT", message } }];
  }

  #untilUs(): number | undefined {
    if (this.#phase.kind === "probing") return this.#phase.probe.untilUs;
    return this.#phase.kind === "naming" ? this.#phase.untilUs : undefined;
  }

  #nextRound(): readonly LinkAction[] {
    const round = ROUNDS[++this.#round];
    if (round === undefined) {
      this.#phase = { kind: "over" };
      return [{ kind: "fail", failure: this.#worst() }];
    }
    if (round.protocol === "native") return this.#try(round.tries, "next-round");
    const usPerByte = this.#baudRate > 0 ? 1e7 / this.#baudRate : 0;
    const { limitUs, pads } = round;
    // A slow line makes the shortest question longer.
    const options = { limitUs: limitUs + 4 * usPerByte, pads, usPerByte, drainsFirst: false };
    const probe = new Synchroniser(options, this.#nowUs);
    this.#phase = { kind: "probing", probe };
    return this.#follow(probe, probe.tick(this.#nowUs));
  }

  #follow(probe: Synchroniser, answer: SyncAnswer): readonly LinkAction[] {
    const wait: LinkAction = { kind: "wait", untilUs: probe.untilUs };
    switch (answer.kind) {
      case "send":
        return [{ kind: "write", bytes: answer.bytes }, wait];
      case "wait":
        return [wait];
      case "fail":
        this.#failures.push({ protocol: "serprog", failure: answer.failure });
        return this.#nextRound();
      case "synced":
        return this.#ask(new AnswerReader(), "map", this.#nowUs + NAMING_US);
    }
  }

  /** The name is asked only if the map has it: some never answer what they do not know. */
  #ask(reader: AnswerReader, asked: Asked, untilUs: number): readonly LinkAction[] {
    const command = plain(OPCODE_OF[asked]);
    this.#phase = { kind: "naming", reader, asked, untilUs };
    reader.expect({ command, settle: (answer) => (this.#answer = answer) });
    return [
      { kind: "write", bytes: command.bytes },
      { kind: "wait", untilUs },
    ];
  }

  #onName({ reader, asked, untilUs }: Phase & { readonly kind: "naming" }, bytes: Uint8Array): readonly LinkAction[] {
    const loss = reader.push(bytes);
    const answer = this.#answer;
    this.#answer = undefined;
    if (loss !== undefined || answer?.kind === "refused") return this.#begin(this.#options.serprog());
    if (answer === undefined) return [{ kind: "wait", untilUs }];
    if (asked === "map" && new CommandMap(answer.data).has(OPCODE.queryName)) return this.#ask(reader, "name", untilUs);
    if (asked === "name" && nameOf(answer.data).startsWith(OWN_NAME)) return this.#try(OWN_HELLO_TRIES, "serprog");
    return this.#begin(this.#options.serprog());
  }

  #begin(machine: LinkMachine): readonly LinkAction[] {
    this.#phase = { kind: "settled", machine };
    return machine.on({ kind: "open", baudRate: this.#baudRate }, this.#nowUs);
  }

  #try(helloTries: number, ifAbsent: "next-round" | "serprog"): readonly LinkAction[] {
    const machine = this.#options.native(helloTries);
    const phase = { kind: "trying", machine, ifAbsent } as const;
    this.#phase = phase;
    return this.#filter(phase, machine.on({ kind: "open", baudRate: this.#baudRate }, this.#nowUs));
  }

  /** A native machine that finds no bridge is not a failure yet. */
  #filter(phase: Phase & { readonly kind: "trying" }, actions: readonly LinkAction[]): readonly LinkAction[] {
    const failed = actions.find((action) => action.kind === "fail");
    if (failed !== undefined && isAbsent(failed.failure)) {
      if (phase.ifAbsent === "serprog") return this.#begin(this.#options.serprog());
      this.#failures.push({ protocol: "native", failure: failed.failure });
      return this.#nextRound();
    }
    if (actions.some(({ kind }) => kind === "ready")) this.#phase = { kind: "settled", machine: phase.machine };
    return actions;
  }

  /** Of all rounds the failure with the most information: received bytes count more than silence. */
  #worst(): LinkFailure {
    const native = this.#failures.filter(({ protocol }) => protocol === "native");
    const heard = [...native, ...this.#failures].find(({ failure }) => failure.code !== "BRIDGE_SILENT");
    return (heard ?? native[0])?.failure ?? { code: "BRIDGE_SILENT", message: "the bridge does not respond" };
  }
}

/** No response, or a response that is not from a native bridge. */
function isAbsent({ code }: LinkFailure): boolean {
  return code === "BRIDGE_SILENT" || code === "BRIDGE_PROTOCOL";
}
