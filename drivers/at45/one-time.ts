/**
 * What can be set once on an AT45: the security register and, on D parts, the page size. Nothing here asks for
 * consent: `irreversible.ts` checks it, and the caller gives it.
 */
import type { At45Descriptor } from "../chip-descriptor.ts";
import type { ChipAnswer, OneTimeControl, PageSizeControl, StepProgram } from "../chip-driver.ts";
import { answerOf, asking, outcomeOf, receivedAt, sending, waiting } from "../step-answers.ts";
import { READY } from "./status.ts";

const READ_SECURITY = 0x77;
const PROGRAM_SECURITY = 0x9b;
const USER_BYTES = 64;
const FACTORY_BYTES = 64;
const DUMMY = 0x00;
const BINARY_PAGES = [0x3d, 0x2a, 0x80, 0xa6] as const;
const STANDARD_PAGES = [0x3d, 0x2a, 0x80, 0xa7] as const;
const MAXIMUM_US = 100_000;
const POLL_INTERVAL_US = 200;

/** The factory's half of the security register. */
export function at45UniqueId(): StepProgram<ChipAnswer<Uint8Array>> {
  const all = readAll();
  return { steps: all.steps, decode: (results) => answerOf(results, () => receivedAt(results, 0).slice(USER_BYTES)) };
}

/** The user's half takes one program in its life, all of it at once. */
export function at45OneTime(): OneTimeControl {
  return {
    registers: [
      { name: "user", lengthBytes: USER_BYTES, isWritable: true, allAtOnce: true },
      { name: "factory", lengthBytes: FACTORY_BYTES, isWritable: false, allAtOnce: false },
    ],
    read: ({ name }, offset, lengthBytes) => {
      const start = (name === "user" ? 0 : USER_BYTES) + offset;
      const all = readAll();
      return {
        steps: all.steps,
        decode: (results) => answerOf(results, () => receivedAt(results, 0).slice(start, start + lengthBytes)),
      };
    },
    program: (_, __, data) => ({
      steps: [sending(PROGRAM_SECURITY, 0, 0, 0, ...data), waiting(READY, MAXIMUM_US, POLL_INTERVAL_US)],
      decode: outcomeOf,
    }),
  };
}

/** D parts: binary only, once. E parts: both, often. */
export function at45PageSize(descriptor: At45Descriptor): PageSizeControl {
  const { pageBytes, standardPageBytes, binaryPageBytes } = descriptor;
  const isOneTime = !descriptor.reportsErrors;
  return {
    pageBytes,
    standardPageBytes,
    binaryPageBytes,
    isOneTime,
    set: (wanted) => {
      const command = wanted === binaryPageBytes ? BINARY_PAGES : isOneTime ? undefined : STANDARD_PAGES;
      if (command === undefined || (wanted !== binaryPageBytes && wanted !== standardPageBytes)) return undefined;
      return { steps: [sending(...command), waiting(READY, MAXIMUM_US, POLL_INTERVAL_US)], decode: outcomeOf };
    },
  };
}

function readAll(): { readonly steps: StepProgram<unknown>["steps"] } {
  return { steps: [asking(USER_BYTES + FACTORY_BYTES, READ_SECURITY, DUMMY, DUMMY, DUMMY)] };
}
