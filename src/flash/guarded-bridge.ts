/**
 * The last gate before the wire: steps that change a chip permanently pass only with consent for their kind, whichever
 * layer made them. Everything else passes unchanged.
 */
import type { ChipDescriptor } from "../../drivers/chip-descriptor.ts";
import { type IrreversibleKind, type IrreversibleWatch, watchIrreversible } from "../../drivers/irreversible.ts";
import type { SpiStep, StepResult } from "../../firmware-protocol/step.ts";
import { advice } from "../advice.ts";
import type { Bridge } from "../bridge/bridge.ts";
import { NorbridgeError } from "../errors.ts";
import type { RunOptions, Stream } from "../stream.ts";

/** What runs steps: all that devices and their services see of a bridge. */
export type StepRunner = Pick<Bridge, "run">;

export interface GuardedBridge extends StepRunner {
  /** The same bridge for someone who was given consent for one kind, and for no other. */
  consenting(kind: IrreversibleKind): StepRunner;
}

const WHAT: Readonly<Record<IrreversibleKind, string>> = {
  "one-time-program": "programs bytes that cannot be erased",
  lock: "locks a part of the chip permanently",
  "page-size": "changes the page size and the address of every byte",
};

/** Guards a bridge for the chip on it. */
export function guardBridge(bridge: StepRunner, descriptor: ChipDescriptor): GuardedBridge {
  const watch = watchIrreversible(descriptor);
  const runner = (consent: IrreversibleKind | undefined): StepRunner => ({
    async *run(steps: Stream<SpiStep>, options?: RunOptions): AsyncGenerator<StepResult> {
      for await (const result of bridge.run(checked(steps, watch, consent), options)) {
        watch.took(result);
        yield result;
      }
    },
  });
  return { ...runner(undefined), consenting: runner };
}

function checked(
  steps: Stream<SpiStep>,
  watch: IrreversibleWatch,
  consent: IrreversibleKind | undefined,
): Stream<SpiStep> {
  const check = (step: SpiStep): SpiStep => {
    const kind = watch.judge(step);
    if (kind === undefined || kind === consent) return step;
    throw refused(kind, step);
  };
  return Symbol.asyncIterator in steps ? checkedLater(steps, watch, check) : checkedNow(steps, watch, check);
}

/**
 * A driver writes back lock bits only as they were read, and sends nothing else of this list unasked. So either a register did
 * not read twice as it is to be written, or the description of the part names one of these commands for something else.
 */
function refused(kind: IrreversibleKind, step: SpiStep): NorbridgeError {
  const opcode = step.kind === "delay" ? undefined : step.send[0];
  const command = opcode === undefined ? "a command" : `command ${opcode.toString(16).padStart(2, "0")}h`;
  const message = `${command} was not sent, since on this part it ${WHAT[kind]}`;
  const operation = "run steps";
  return kind === "lock"
    ? new NorbridgeError("EROFS", message, {
        operation,
        hint: advice(
          "The lock bits did not read twice as they were to be written. Show the protection some times: if it differs, another device uses the bus. If it does not, the description of the part may be wrong.",
          "show-protection",
          "set-part",
          "set-chip-description",
        ),
      })
    : new NorbridgeError("EINVAL", message, {
        operation,
        hint: advice(
          "The description of the part names this command for something else. Specify the right part, or correct its chip file.",
          "set-part",
          "set-chip-description",
        ),
      });
}

function* checkedNow(
  steps: Iterable<SpiStep>,
  watch: IrreversibleWatch,
  check: (step: SpiStep) => SpiStep,
): Generator<SpiStep> {
  // Only when the bridge takes the first: a run that is refused must not disturb the watch of the one under way.
  watch.begin();
  for (const step of steps) yield check(step);
}

async function* checkedLater(
  steps: AsyncIterable<SpiStep>,
  watch: IrreversibleWatch,
  check: (step: SpiStep) => SpiStep,
): AsyncGenerator<SpiStep> {
  watch.begin();
  for await (const step of steps) yield check(step);
}
