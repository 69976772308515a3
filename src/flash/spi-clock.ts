/**
 * The SPI clock: as fast as chip and bridge allow, and as slow as the wires need. What a clock is worth is seen by what the
 * chip responds at it; nothing is written for that.
 */
import { readIdTimes } from "../../drivers/id-questions.ts";
import { ID_BYTES } from "../../drivers/jedec-id.ts";
import type { Bridge } from "../bridge/bridge.ts";
import { sameBytes, toHex } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { FlashDevice } from "./flash-device.ts";
import { valueOf } from "./chip-failure.ts";
import { runQuestion } from "./run-program.ts";

/** Answers that show whether a clock is borne: when the chip is opened, and when a job has failed. */
const OPENING_QUESTIONS = 4;
const TRIAL_QUESTIONS = 200;
/** What is read where a job has failed, bytes, and how often. */
const TRIAL_BYTES = 1024;
const TRIAL_READS = 4;
/** A slower clock takes too long to be useful. */
export const SLOWEST_HZ = 100_000;

/** A clock that the wires do not bear, and one that they do. Hz. */
export interface ClockDoubt {
  /** The clock that failed, Hz. */
  readonly fromHz: number;
  /** The clock that works, Hz. */
  readonly toHz: number;
  /** The end of a sentence: "4 of 4 answers to the ID question were wrong". */
  readonly evidence: string;
}

export interface SettledClock {
  /** In use now, Hz; 0 if the clock of the bridge cannot be set and is unknown. */
  readonly clockHz: number;
  readonly doubt: ClockDoubt | undefined;
}

/** Sets the clock where the bridge can; returns what was set, Hz, or 0 if it has one that cannot be set. */
export async function setClock(bridge: Bridge, wishHz: number): Promise<number> {
  return bridge.info.features.includes("spiClock") ? bridge.setSpiClockHz(wishHz) : 0;
}

/**
 * Sets the clock to `wishHz`, or to the half, the quarter of it ... at which the chip still says the ID that it said at
 * `provenHz`. Throws what the bridge throws.
 */
export async function settleClock(
  bridge: Bridge,
  jedecId: string,
  wishHz: number,
  provenHz: number,
): Promise<SettledClock> {
  const fromHz = await setClock(bridge, wishHz);
  let clockHz = fromHz;
  let evidence: string | undefined;
  while (clockHz > provenHz) {
    const wrong = await wrongIds(bridge, jedecId, OPENING_QUESTIONS);
    if (wrong === 0) break;
    evidence ??= wrongAnswers(wrong, OPENING_QUESTIONS);
    const slowerHz = await setClock(bridge, Math.max(provenHz, Math.floor(clockHz / 2)));
    if (slowerHz >= clockHz) break;
    clockHz = slowerHz;
  }
  return { clockHz, doubt: evidence === undefined ? undefined : { fromHz, toHz: clockHz, evidence } };
}

/**
 * Looks whether a job may have failed because the wires do not bear the clock: at `clockHz` the chip returns its ID or the
 * bytes at `address` otherwise than at the half, the quarter of it ... and there always alike. Undefined if it is not so
 * or cannot be determined; the clock is another one then. Leaves the slower clock set. Throws what the bridge throws.
 */
export async function doubtClock(
  bridge: Bridge,
  device: FlashDevice,
  clockHz: number,
  address: number,
): Promise<ClockDoubt | undefined> {
  const fast = await look(bridge, device, address);
  for (let lastHz = clockHz; lastHz >= 2 * SLOWEST_HZ; ) {
    const toHz = await setClock(bridge, Math.floor(lastHz / 2));
    if (toHz >= lastHz || toHz === 0) return undefined;
    lastHz = toHz;
    const slow = await look(bridge, device, address);
    const [truth] = slow.reads;
    if (truth === undefined || truth.length === 0 || slow.wrong > 0 || differing(slow, truth) > 0) continue;
    if (fast.wrong > 0) return { fromHz: clockHz, toHz, evidence: wrongAnswers(fast.wrong, TRIAL_QUESTIONS) };
    const differ = differing(fast, truth);
    if (differ === 0) return undefined;
    return { fromHz: clockHz, toHz, evidence: `${differ} of ${TRIAL_READS} reads of the same bytes were wrong` };
  }
  return undefined;
}

interface Look {
  /** Wrong answers to the ID question. */
  readonly wrong: number;
  /** The same bytes, each time as read. */
  readonly reads: readonly Uint8Array[];
}

/** Reads that are not `truth`, among them those that came to nothing. */
function differing({ reads }: Look, truth: Uint8Array): number {
  return reads.filter((read) => !sameBytes(read, truth)).length;
}

async function look(bridge: Bridge, device: FlashDevice, address: number): Promise<Look> {
  const wrong = await wrongIds(bridge, device.identity.jedecId, TRIAL_QUESTIONS);
  const lengthBytes = Math.min(TRIAL_BYTES, device.geometry.capacityBytes - address);
  const reads: Uint8Array[] = [];
  // A chip that says nothing at all is not read: it would be waited for.
  while (wrong < TRIAL_QUESTIONS && reads.length < TRIAL_READS) {
    reads.push(await readOrNothing(device, address, lengthBytes));
  }
  return { wrong, reads };
}

/** A chip whose answers are misread may seem to be gone. */
async function readOrNothing(device: FlashDevice, address: number, lengthBytes: number): Promise<Uint8Array> {
  try {
    return await device.read(address, lengthBytes);
  } catch (error) {
    if (error instanceof NorbridgeError && error.code === "ENODEV") return new Uint8Array(0);
    throw error;
  }
}

async function wrongIds(bridge: Bridge, jedecId: string, times: number): Promise<number> {
  const answers = valueOf(await runQuestion(bridge, readIdTimes(times)), "check SPI clock");
  return answers.filter((answer) => toHex(answer.subarray(0, ID_BYTES)) !== jedecId).length;
}

function wrongAnswers(wrong: number, of: number): string {
  return `${wrong} of ${of} reads of the ID were wrong`;
}
