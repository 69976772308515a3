/** Work on a bridge that is negotiated: sends what may be sent, requests steps, gives results, sets the clock. */
import { littleEndian, OPCODE, setSpiClock } from "../../../firmware-protocol/serprog/command.ts";
import type { SpiStep } from "../../../firmware-protocol/step.ts";
import type { LinkAction } from "../link-machine.ts";
import { BusyPadding } from "./busy-padding.ts";
import { ruleOf } from "./capability-probe.ts";
import { command, FENCE } from "./command.ts";
import type { CommandLink } from "./command-link.ts";
import type { NegotiatedBridge } from "./negotiation.ts";
import type { QueuedCommand } from "./queued-step.ts";
import { StepRun } from "./step-run.ts";

/** Where a link has no rate of its own: one that takes so long or longer for a byte, as measured, is not USB. */
const SLOW_LINE_US_PER_BYTE = 2;

export class SerprogSession {
  readonly bridge: NegotiatedBridge;
  readonly run: StepRun;
  readonly #link: CommandLink;
  readonly #act: (action: LinkAction) => void;
  /** The next command, until the bridge has room for it. */
  #held: QueuedCommand | undefined;
  #wantsStep = false;
  #isStarved = false;
  #requestedClockHz: number | undefined;

  constructor(bridge: NegotiatedBridge, link: CommandLink, act: (action: LinkAction) => void) {
    const { windowBytes } = bridge.timing;
    link.clockHz = bridge.clockHz;
    link.adapt(windowBytes, sendsOpcodeAlone(bridge));
    this.bridge = bridge;
    this.run = runFor(bridge, link);
    this.#link = link;
    this.#act = act;
  }

  // --- events -------------------------------------------------------------------------------------------------------

  begin(): void {
    this.#isStarved = this.#wantsStep = false;
    this.run.begin();
  }

  onStep(step: SpiStep): void {
    this.#isStarved = this.#wantsStep = false;
    this.run.steps.add(step);
  }

  onStarved(): void {
    this.#isStarved = true;
  }

  end(): void {
    this.#wantsStep = false;
    this.run.steps.end();
  }

  requestClock(clockHz: number): void {
    this.#requestedClockHz = clockHz;
  }

  /** Both sides are synchronised again after a loss. */
  resume(): void {
    this.#held = undefined;
    this.#isStarved = false;
  }

  // --- work ---------------------------------------------------------------------------------------------------------

  /** Does what can be done now; returns whether a step has succeeded. */
  work(nowUs: number): boolean {
    this.#sendSteps(nowUs);
    const hasSucceeded = this.#giveResults();
    this.#sendClock();
    this.#sendProof();
    const { steps } = this.run;
    if (steps.hasRoom && !this.#wantsStep) {
      this.#wantsStep = true;
      this.#act({ kind: "want-step", urgent: this.#link.outstanding === 0 && steps.waitsForProof });
    }
    if (steps.takeDone()) this.#act({ kind: "run-done" });
    return hasSucceeded;
  }

  #sendSteps(nowUs: number): void {
    while (!this.#link.isTaken) {
      this.#held ??= this.run.next(nowUs, this.#link.outstanding);
      if (this.#held === undefined || !this.#link.fits(this.#held.command)) return;
      const { command: each, settle } = this.#held;
      this.#held = undefined;
      this.#link.send(each, settle);
    }
  }

  #giveResults(): boolean {
    let hasSucceeded = false;
    for (const result of this.run.steps.results()) {
      this.#act({ kind: "result", result });
      if (result.kind !== "failed" && result.kind !== "skipped") hasSucceeded = true;
    }
    return hasSucceeded;
  }

  /**
   * A result waits for an answer after it, and nothing that could bring one is on its way. A step that has been
   * requested since an earlier event does not come at once: then a fence is what comes next.
   */
  #sendProof(): void {
    const { steps } = this.run;
    if (!steps.waitsForProof || this.#link.outstanding > 0) return;
    if (steps.hasEnded || this.#isStarved || this.#wantsStep || !steps.hasRoom) this.#link.send(FENCE, () => undefined);
  }

  #sendClock(): void {
    const requestedHz = this.#requestedClockHz;
    if (requestedHz === undefined || this.#link.outstanding > 0) return;
    if (this.bridge.capabilities.clockMaxHz === 0) {
      this.#requestedClockHz = undefined;
      return this.#act({ kind: "spi-clock", clockHz: undefined });
    }
    this.#link.send(command(setSpiClock(requestedHz)), (answer) => {
      this.#requestedClockHz = undefined;
      const setHz = answer.kind === "done" ? littleEndian(answer.data, 0, 4) : 0;
      if (setHz > 0) this.#link.clockHz = setHz;
      this.#act({ kind: "spi-clock", clockHz: setHz > 0 ? setHz : undefined });
    });
  }
}

/**
 * Whether the bridge takes the opcode of a command from one packet and the parameters from the next, as far as is
 * known.
 */
function sendsOpcodeAlone({ capabilities: { known }, timing }: NegotiatedBridge): boolean {
  return known === undefined ? timing.windowBytes === 0 : ruleOf(known, "opcode-alone") !== undefined;
}

function runFor({ capabilities, timing, isUnchecked, slowClockHz }: NegotiatedBridge, link: CommandLink): StepRun {
  const { windowBytes, usPerCommand, turnUs, measuredUsPerByte = 0 } = timing;
  const { map, maxReceiveBytes, maxSendBytes } = capabilities;
  // A serial server does not report the rate of its line.
  const isSlowLine = link.baudRate === 0 && measuredUsPerByte >= SLOW_LINE_US_PER_BYTE;
  const usPerByte = isSlowLine ? measuredUsPerByte : link.usPerByte;
  const canDelay = map.has(OPCODE.delay) && map.has(OPCODE.execute);
  return new StepRun({
    windowBytes,
    maxReceiveBytes,
    padding: new BusyPadding({
      canDelay,
      slowClockHz,
      usPerByte,
      usPerCommand,
      turnUs,
      maxReceiveBytes,
      maxSendBytes,
    }),
    usPerByte: link.baudRate > 0 || isSlowLine ? usPerByte : 0,
    turnUs,
    canDelay,
    isUnchecked,
    clockHz: () => link.clockHz,
    answers: link.answers,
  });
}
