/**
 * Checks over an open bridge. Nothing here writes to the chip: all that is sent are reads and questions, each of them with a
 * deadline, and all of them together bounded in time.
 */
import { advice } from "../advice.ts";
import type { SpiStep, StepResult } from "../../firmware-protocol/step.ts";
import type { Bridge } from "../bridge/bridge.ts";
import { concatBytes, formatSize, sameBytes } from "../bytes.ts";
import type { Clock } from "../clock.ts";
import type { Finding } from "./finding.ts";
import { judgeIds } from "./id-answers.ts";

const READ_ID = 0x9f;
const READ_DATA = 0x03;
const WAKE = 0xab;
const WAKE_US = 200;
const ID_BYTES = 3;
/** Of the SPI clocks that are tried; what the bridge makes of each is asked. */
const CLOCKS_HZ = [500e3, 1e6, 2e6, 4e6, 8e6, 12e6, 16e6, 24e6, 32e6, 48e6];
/** Where nothing but a short circuit should be able to disturb an answer. */
const SAFE_CLOCK_HZ = 1e6;
const ID_READS = 1000;
const READS_AT_ONCE = 50;
const ID_READS_BUDGET_US = 3_500_000;
/** Around a USB packet, a large block, a page of the system. */
const LOOP_SIZES = [63, 64, 65, 512, 4096];
const LOOP_BUDGET_US = 2_500_000;

export interface ClockTrial {
  readonly clockHz: number;
  readonly reads: number;
  readonly wrong: number;
}

/** Reads and commands of many lengths: the reply must have the requested length, and be the same twice. */
export async function checkLengths(bridge: Bridge, clock: Clock): Promise<Finding> {
  const check = "loop-back";
  const { maxReceiveBytes, maxSendBytes } = bridge.info;
  const startUs = clock.nowUs();
  const before = { ...bridge.statistics };
  const done: number[] = [];
  for (const size of LOOP_SIZES) {
    if (clock.nowUs() - startUs > LOOP_BUDGET_US) break;
    const down = [...pieces(size, maxReceiveBytes)].map((bytes): SpiStep => read(bytes));
    const up = [...pieces(size, maxSendBytes)].map((bytes): SpiStep => longQuestion(bytes));
    const results = await runAll(bridge, [...down, ...up, ...down]);
    const first = received(results.slice(0, down.length));
    const second = received(results.slice(down.length + up.length));
    if (first.length !== size || !sameBytes(first, second)) {
      return {
        check,
        state: "fault",
        evidence: `two reads of ${size} bytes differ`,
        cause: "the link loses or changes bytes, or the chip is read unreliably",
        fix: advice("Lower baud rate and SPI clock, use a shorter cable and no hub.", "set-baud-rate", "set-spi-clock"),
      };
    }
    done.push(size);
  }
  const { framesResent, framesDamaged } = bridge.statistics;
  const resent = framesResent - before.framesResent;
  const damaged = framesDamaged - before.framesDamaged;
  const evidence = `${done.join(", ")} bytes each way returned correctly`;
  if (resent + damaged === 0) return { check, state: "ok", evidence };
  return {
    check,
    state: "warning",
    evidence: `${evidence}, with ${resent} frames sent again and ${damaged} damaged`,
    cause: "the link damages bytes; they are sent again, which takes time",
    fix: advice("Use a shorter or shielded cable, check ground, lower the baud rate.", "set-baud-rate"),
  };
}

/** The ID a thousand times, at every clock from slow to fast, as far as time allows. */
export async function checkClocks(
  bridge: Bridge,
  clock: Clock,
): Promise<{ readonly findings: readonly Finding[]; readonly trials: readonly ClockTrial[] }> {
  const canSet = bridge.info.features.includes("spiClock");
  if (canSet) await bridge.setSpiClockHz(clampClock(bridge, SAFE_CLOCK_HZ));
  await runAll(bridge, [question(WAKE), { kind: "delay", durationUs: WAKE_US }]);
  const slow = await readIds(bridge, 20);
  const where = canSet ? "at 1 MHz" : "at the bridge's clock";
  const wires = judgeIds(slow, where);
  const [truth] = slow;
  if (wires.state === "fault" || truth === undefined) return { findings: [wires], trials: [] };
  const trials: ClockTrial[] = [];
  const clocks = canSet ? clocksOf(bridge) : [0];
  const reads = Math.ceil(ID_READS / clocks.length);
  const endUs = clock.nowUs() + ID_READS_BUDGET_US;
  for (const wishHz of clocks) {
    const clockHz = canSet ? await bridge.setSpiClockHz(wishHz) : 0;
    const ids: Uint8Array[] = [];
    // In pieces: a converter that holds every answer back for 16 ms would take too long for all of them.
    while (ids.length < reads && clock.nowUs() < endUs) {
      ids.push(...(await readIds(bridge, Math.min(READS_AT_ONCE, reads - ids.length))));
    }
    if (ids.length === 0) break;
    trials.push({ clockHz, reads: ids.length, wrong: ids.filter((id) => !sameBytes(id, truth)).length });
  }
  return { findings: [wires, judgeTrials(trials)], trials };
}

/** The fastest clock below the first that had errors; undefined if no clock can be set, or the slowest fails. */
export function soundClockHz(trials: readonly ClockTrial[]): number | undefined {
  const firstWrong = trials.findIndex(({ wrong }) => wrong > 0);
  const sound = firstWrong < 0 ? trials : trials.slice(0, firstWrong);
  const clockHz = sound.at(-1)?.clockHz;
  return clockHz === undefined || clockHz === 0 ? undefined : clockHz;
}

function judgeTrials(trials: readonly ClockTrial[]): Finding {
  const check = "SPI clock";
  const reads = trials.reduce((sum, trial) => sum + trial.reads, 0);
  const bad = trials.find(({ wrong }) => wrong > 0);
  if (bad === undefined) {
    const top = trials.at(-1)?.clockHz ?? 0;
    const upTo = top === 0 ? "at the bridge's clock" : `up to ${top / 1e6} MHz`;
    return { check, state: "ok", evidence: `the ID ${reads} times, all equal, ${upTo}` };
  }
  const sound = soundClockHz(trials);
  return {
    check,
    state: "warning",
    evidence: `${bad.wrong} of ${bad.reads} IDs were wrong at ${bad.clockHz / 1e6} MHz`,
    cause: "the wires or the chip are too slow for the fastest clock of the bridge",
    fix:
      sound === undefined
        ? advice("Shorten the wires, check ground.")
        : advice("Lower the SPI clock, or shorten the wires.", { kind: "use-spi-clock", clockHz: sound }),
  };
}

function clocksOf(bridge: Bridge): readonly number[] {
  const { spiClockMinHz, spiClockMaxHz } = bridge.info;
  const within = CLOCKS_HZ.filter((hz) => hz >= spiClockMinHz && hz < spiClockMaxHz);
  return [...within, spiClockMaxHz];
}

function clampClock({ info }: Bridge, clockHz: number): number {
  return Math.min(info.spiClockMaxHz, Math.max(info.spiClockMinHz, clockHz));
}

async function readIds(bridge: Bridge, count: number): Promise<Uint8Array[]> {
  const steps = Array.from({ length: count }, (): SpiStep => question(READ_ID, ID_BYTES));
  const results = await runAll(bridge, steps);
  return results.flatMap((result) => (result.kind === "transfer" ? [result.received] : []));
}

function question(opcode: number, receiveBytes = 0): SpiStep {
  return { kind: "transfer", send: Uint8Array.of(opcode), receiveBytes };
}

function read(receiveBytes: number): SpiStep {
  return { kind: "transfer", send: Uint8Array.of(READ_DATA, 0, 0, 0), receiveBytes };
}

/** The question for the ID with FF after it: as long as is wanted, and no chip minds. */
function longQuestion(sendBytes: number): SpiStep {
  const send = new Uint8Array(sendBytes).fill(0xff);
  send[0] = READ_ID;
  return { kind: "transfer", send, receiveBytes: 1 };
}

function* pieces(total: number, most: number): Generator<number> {
  for (let left = total; left > 0; left -= most) yield Math.min(left, most);
}

function received(results: readonly StepResult[]): Uint8Array {
  return concatBytes(results.flatMap((result) => (result.kind === "transfer" ? [result.received] : [])));
}

async function runAll(bridge: Bridge, steps: readonly SpiStep[]): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for await (const result of bridge.run(steps)) results.push(result);
  return results;
}

/** How fast bytes come over the link: reads a stretch and takes the time. Bytes a second. */
export async function measureRate(bridge: Bridge, clock: Clock): Promise<number> {
  const { maxReceiveBytes } = bridge.info;
  const total = 8192;
  const startUs = clock.nowUs();
  await runAll(bridge, [...pieces(total, maxReceiveBytes)].map(read));
  return (total * 1e6) / Math.max(1, clock.nowUs() - startUs);
}

/** For messages. */
export function rateText(bytesPerSecond: number): string {
  return `${formatSize(Math.round(bytesPerSecond))} a second`;
}
