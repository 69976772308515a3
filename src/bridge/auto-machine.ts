/**
 * Finds out which protocol a bridge speaks, then is the machine of that one. SYNCNOP goes first: one byte that says
 * nothing to a native bridge, a modem or a shell, and that every serprog bridge answers, even those that stop at what they
 * do not know. Only where it stays unanswered a HELLO follows, whose bytes are no command to anything else.
 */
import type { LinkStatistics } from "./bridge.ts";
import type { LinkAction, LinkEvent, LinkFailure, LinkMachine } from "./link-machine.ts";
import { type SyncAnswer, Synchroniser } from "./serprog/synchroniser.ts";

export interface AutoMachineOptions {
  /** A native machine that says HELLO so many times. */
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
const NO_STATISTICS: LinkStatistics = {
  bytesSent: 0,
  bytesReceived: 0,
  framesResent: 0,
  framesDamaged: 0,
  roundTrips: 0,
};

export class AutoMachine implements LinkMachine {
  readonly #options: AutoMachineOptions;
  #round = -1;
  #baudRate = 0;
  #nowUs = 0;
  #probe: Synchroniser | undefined;
  #machine: LinkMachine | undefined;
  #isSettled = false;
  #isOver = false;
  #failures: LinkFailure[] = [];

  constructor(options: AutoMachineOptions) {
    this.#options = options;
  }

  get statistics(): LinkStatistics {
    return this.#machine?.statistics ?? NO_STATISTICS;
  }

  on(event: LinkEvent, nowUs: number): readonly LinkAction[] {
    this.#nowUs = nowUs;
    if (this.#isOver) return [];
    if (this.#isSettled && this.#machine !== undefined) return this.#machine.on(event, nowUs);
    if (event.kind === "open") {
      this.#baudRate = event.baudRate;
      return this.#nextRound();
    }
    if (event.kind === "lost" || event.kind === "close") return this.#end(event);
    if (this.#machine !== undefined) return this.#filter(this.#machine.on(event, nowUs));
    const probe = this.#probe;
    if (probe === undefined) return [];
    if (event.kind === "bytes") return this.#follow(probe, probe.hear(event.bytes, nowUs));
    if (event.kind === "deadline" && nowUs >= probe.untilUs) return this.#follow(probe, probe.tick(nowUs));
    return [{ kind: "wait", untilUs: probe.untilUs }];
  }

  #end(event: LinkEvent & { readonly kind: "lost" | "close" }): readonly LinkAction[] {
    if (this.#machine !== undefined) return this.#machine.on(event, this.#nowUs);
    this.#isOver = true;
    if (event.kind === "close") return [{ kind: "closed" }];
    const message = `the connection to the bridge was lost: ${event.reason}`;
    return [{ kind: "fail", failure: { code: "BRIDGE_SILENT", message } }];
  }

  #nextRound(): readonly LinkAction[] {
    const round = ROUNDS[++this.#round];
    this.#probe = this.#machine = undefined;
    if (round === undefined) {
      this.#isOver = true;
      return [{ kind: "fail", failure: this.#worst() }];
    }
    if (round.protocol === "native") {
      this.#machine = this.#options.native(round.tries);
      return this.#filter(this.#machine.on({ kind: "open", baudRate: this.#baudRate }, this.#nowUs));
    }
    const usPerByte = this.#baudRate > 0 ? 1e7 / this.#baudRate : 0;
    const { limitUs, pads } = round;
    // A slow line makes the shortest question longer.
    this.#probe = new Synchroniser(
      { limitUs: limitUs + 4 * usPerByte, pads, usPerByte, drainsFirst: false },
      this.#nowUs,
    );
    return this.#follow(this.#probe, this.#probe.tick(this.#nowUs));
  }

  #follow(probe: Synchroniser, answer: SyncAnswer): readonly LinkAction[] {
    switch (answer.kind) {
      case "send":
        return [
          { kind: "write", bytes: answer.bytes },
          { kind: "wait", untilUs: probe.untilUs },
        ];
      case "wait":
        return [{ kind: "wait", untilUs: probe.untilUs }];
      case "fail":
        this.#failures.push(answer.failure);
        return this.#nextRound();
      case "synced":
        this.#machine = this.#options.serprog();
        this.#isSettled = true;
        return this.#machine.on({ kind: "open", baudRate: this.#baudRate }, this.#nowUs);
    }
  }

  /** A native machine that finds nobody is no failure yet. */
  #filter(actions: readonly LinkAction[]): readonly LinkAction[] {
    const failed = actions.find((action) => action.kind === "fail");
    if (failed !== undefined && isNobody(failed.failure)) {
      this.#failures.push(failed.failure);
      return this.#nextRound();
    }
    if (failed !== undefined) this.#isOver = true;
    if (actions.some(({ kind }) => kind === "ready")) this.#isSettled = true;
    return actions;
  }

  /** Of all rounds the failure that says most: what was heard counts more than that nothing was. */
  #worst(): LinkFailure {
    const native = this.#failures.filter((_, index) => ROUNDS[index]?.protocol === "native");
    const heard = native.find(({ code }) => code !== "BRIDGE_SILENT") ?? this.#failures.find(isHeard);
    return heard ?? native[0] ?? { code: "BRIDGE_SILENT", message: "the bridge does not answer" };
  }
}

function isHeard({ code }: LinkFailure): boolean {
  return code !== "BRIDGE_SILENT";
}

/** Nobody answered, or something that is no native bridge. */
function isNobody({ code }: LinkFailure): boolean {
  return code === "BRIDGE_SILENT" || code === "BRIDGE_PROTOCOL";
}
