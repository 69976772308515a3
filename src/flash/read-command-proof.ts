/**
 * Does the chip have the read command that it is driven with? If only a name or an ID specifies that a part above 16
 * MiB has it, it is compared with the read that every chip has, with three address bytes. A chip returns FF for a
 * command that it does not have: an erase would seem to be done.
 */
import type { At25Descriptor, ChipDescriptor } from "../../drivers/chip-descriptor.ts";
import type { BridgeLimits, ChipAnswer, StepProgram } from "../../drivers/chip-driver.ts";
import { createDriver } from "../../drivers/create-driver.ts";
import type { Identification, IdentifyOptions } from "../../drivers/identification.ts";
import { addressed, answerOf, asking, receivedAt } from "../../drivers/step-answers.ts";
import type { SpiStep, StepResult } from "../../firmware-protocol/step.ts";
import type { Bridge } from "../bridge/bridge.ts";
import { sameBytes } from "../bytes.ts";
import { valueOf } from "./chip-failure.ts";
import { runQuestion } from "./run-program.ts";

/** `reads`: it has the command. `differs`: it does not. `blank`: nothing on the chip shows it. */
type Verdict = "reads" | "differs" | "blank";

type Found = Extract<Identification, { readonly kind: "found" }>;
type Refused = Extract<Identification, { readonly kind: "unknown" }>;

const READ_DATA = 0x03;
const SAMPLE_BYTES = 16;
/** Fewer values could be a line that is held, or a place that looks like another one. */
const TELLING_VALUES = 4;
/** What three address bytes reach. */
const REACH_BYTES = 2 ** 24;
const QUICK_PLACES = 16;
const CLOSE_PLACES = 256;
/** Places of one run. */
const MAX_AT_ONCE = 64;

/**
 * The part with commands that it was seen to have, or that all parts with its ID have. Only reads, and none at all for parts that
 * are not in doubt. Throws what the bridge throws.
 */
export async function withProvedReads(
  bridge: Bridge,
  found: Found,
  { chip, part }: Pick<IdentifyOptions, "chip" | "part">,
): Promise<Found | Refused> {
  const { descriptor, jedecId } = found;
  if (descriptor.family !== "at25" || descriptor.unprovedReads === undefined) return found;
  const { isTrustedIfBlank, instead } = descriptor.unprovedReads;
  const quick = await compare(bridge, descriptor, quickPlaces());
  const verdict = quick === "blank" && !isTrustedIfBlank ? await compareCloser(bridge, descriptor) : quick;
  // A sibling may have this read and not the program: where all parts with the ID have other commands, those are used.
  const isShown = verdict === "reads" && instead === undefined;
  if (isShown || (verdict === "blank" && isTrustedIfBlank)) return found;
  const isSpecified = chip !== undefined || part !== undefined;
  if (verdict === "differs") {
    return { kind: "unknown", jedecId, reason: lacks(descriptor), cause: isSpecified ? "mismatch" : "by-name" };
  }
  if (instead === undefined) {
    return { kind: "unknown", jedecId, reason: unseen(descriptor), cause: isSpecified ? "not-shown" : "by-name" };
  }
  const what = verdict === "blank" ? commandOf(descriptor) : "the programs and erases with 4 address bytes";
  const doubt = `nothing on the chip shows that it has ${what} of ${descriptor.name}; the 4-byte address mode is used, which all parts with this ID have`;
  const { notes, doubts = [] } = found;
  return { ...found, descriptor: instead, notes: [...notes, doubt], doubts: [...doubts, doubt] };
}

function lacks(descriptor: At25Descriptor): string {
  const { name, fourByteMode } = descriptor;
  const what = fourByteMode === undefined ? "does not read with it" : "does not enter it";
  return `${name} has ${commandOf(descriptor)}, and this chip ${what}`;
}

function unseen(descriptor: At25Descriptor): string {
  return `it is blank: nothing shows that it has ${commandOf(descriptor)}, which not all parts with this ID have`;
}

function commandOf({ fourByteMode }: At25Descriptor): string {
  return fourByteMode === undefined ? "the command 0Ch" : "the 4-byte address mode";
}

/** Ends of aligned areas, where images often start, and places at equal distances. */
function quickPlaces(): readonly number[] {
  const starts = [0, ...Array.from({ length: 16 }, (_, exponent) => 2 ** (8 + exponent))];
  return [...new Set([...starts, ...spread(QUICK_PLACES)])].sort((a, b) => a - b);
}

function spread(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => (index * REACH_BYTES) / count);
}

async function compareCloser(bridge: Bridge, descriptor: At25Descriptor): Promise<Verdict> {
  const places = spread(CLOSE_PLACES);
  for (let at = 0; at < places.length; at += MAX_AT_ONCE) {
    const verdict = await compare(bridge, descriptor, places.slice(at, at + MAX_AT_ONCE));
    if (verdict !== "blank") return verdict;
  }
  return "blank";
}

/** A difference counts if it is seen twice: the wires may have made one. */
async function compare(bridge: Bridge, descriptor: ChipDescriptor, places: readonly number[]): Promise<Verdict> {
  const { maxSendBytes, maxReceiveBytes } = bridge.info;
  const program = comparison(descriptor, { maxSendBytes, maxReceiveBytes }, places);
  const operation = "check the read command";
  const verdict = valueOf(await runQuestion(bridge, program), operation);
  return verdict === "differs" ? valueOf(await runQuestion(bridge, program), operation) : verdict;
}

/** Reads the places with three address bytes, then as the driver does, in the mode that it needs. */
function comparison(
  descriptor: ChipDescriptor,
  limits: BridgeLimits,
  places: readonly number[],
): StepProgram<ChipAnswer<Verdict>> {
  const driver = createDriver(descriptor, limits);
  const plain: SpiStep[] = places.map((place) => asking(SAMPLE_BYTES, ...addressed(READ_DATA, place)));
  const own = places.map((address) => driver.read({ address, lengthBytes: SAMPLE_BYTES }));
  const enter = driver.addressMode?.enter().steps ?? [];
  const leave = driver.addressMode?.leave().steps ?? [];
  const steps = [...plain, ...enter, ...own.flatMap((program) => program.steps), ...leave];
  return {
    steps,
    decode: (results) =>
      answerOf(results, () => {
        let at = plain.length + enter.length;
        let verdict: Verdict = "blank";
        for (const [index, program] of own.entries()) {
          const expected = receivedAt(results, index);
          const read = bytesOf(program, results.slice(at, at + program.steps.length));
          at += program.steps.length;
          if (!sameBytes(read, expected)) return "differs";
          if (new Set(expected).size >= TELLING_VALUES) verdict = "reads";
        }
        return verdict;
      }),
  };
}

function bytesOf(program: StepProgram<ChipAnswer<Uint8Array>>, results: readonly StepResult[]): Uint8Array {
  const answer = program.decode(results);
  // All steps ran, so that there is one.
  return answer.outcome === "done" ? answer.value : new Uint8Array(0);
}
