/** Looks at a bridge that is open, at its wires and at the chip. */
import type { FlashGeometry } from "../../drivers/geometry.ts";
import { advice } from "../advice.ts";
import type { Bridge } from "../bridge/bridge.ts";
import { formatSize } from "../bytes.ts";
import type { Clock } from "../clock.ts";
import type { Finding } from "../doctor/finding.ts";
import { checkClocks, checkLengths, measureRate, soundClockHz } from "../doctor/wire-checks.ts";
import type { ChipState } from "../flash/leave-states.ts";
import { listeningChip } from "../flash/listening-chip.ts";
import { openFlash } from "../flash/open-flash.ts";
import { formatSeconds } from "./quantities.ts";

/** A board that takes longer to answer has restarted when its port was opened. */
const RESTART_US = 1_000_000;

/** What is known of the way to the chip at the end. What is missing could not be found out. */
export interface ChainAdvice {
  /** Name and firmware version of the board. */
  readonly board?: string | undefined;
  /** Protocol and its version. */
  readonly protocol?: string | undefined;
  /** Name of the chip. */
  readonly chip?: string | undefined;
  /** SPI clock that works, Hz. */
  readonly spiClockHz?: number | undefined;
  /** Estimate for reading the whole chip, seconds. */
  readonly readSeconds?: number | undefined;
  /** Estimate for writing the whole chip, seconds. */
  readonly writeSeconds?: number | undefined;
}

/** Nothing waits here for the end of a long erase: that the chip is busy is what there is to say. */
const BUSY_LIMIT_MS = 2_000;

/**
 * Looks at an open bridge, its wires and the chip; adds what it finds to `findings`. `openedUs`: how long opening took. Writes
 * nothing to the chip. Throws BRIDGE_*, CHIP_*, EBUSY.
 */
export async function examineBridge(
  bridge: Bridge,
  clock: Clock,
  openedUs: number,
  findings: Finding[],
): Promise<ChainAdvice> {
  const { info } = bridge;
  const board = `${info.boardName} ${info.firmwareVersion}`.trim();
  const protocol = `${info.protocol} ${info.protocolVersion}`;
  const limits = `buffer ${formatSize(info.bufferBytes)}, up to ${formatSize(info.maxReceiveBytes)} per response`;
  findings.push({ check: "bridge", state: "ok", evidence: `${board}, ${protocol}, ${limits}` });
  if (openedUs > RESTART_US) {
    const evidence = `it took ${formatSeconds(openedUs)} to respond: the board restarts when its port is opened`;
    findings.push({ check: "restart", state: "ok", evidence });
  }
  const early = await listeningChip(bridge, { limitMs: BUSY_LIMIT_MS });
  const { findings: clocks, trials } = await checkClocks(bridge, clock);
  findings.push(...clocks);
  const advice: ChainAdvice = { board, protocol };
  if (clocks.some(({ state }) => state === "fault")) return advice;
  findings.push(await checkLengths(bridge, clock));
  const isLimited = trials.some(({ wrong }) => wrong > 0);
  const spiClockHz = isLimited ? soundClockHz(trials) : undefined;
  const device = await openFlash(bridge, {
    busyLimitMs: BUSY_LIMIT_MS,
    spiClockHz,
  });
  findings.push(...[...early.states, ...device.states].map(stateFinding));
  findings.push({ check: "chip", state: "ok", evidence: `${device.identity.vendor} ${device.identity.name}`.trim() });
  const rate = await measureRate(bridge, clock);
  const { capacityBytes } = device.geometry;
  const readSeconds = capacityBytes / rate;
  return {
    ...advice,
    chip: device.identity.name,
    spiClockHz: device.spiClockHz === 0 ? undefined : device.spiClockHz,
    readSeconds,
    writeSeconds: Math.max(readSeconds, chipSeconds(device.geometry)),
  };
}

/** Programming every page and erasing every block, by typical times. */
function chipSeconds({ capacityBytes, pageBytes, programTypicalUs, eraseUnits }: FlashGeometry): number {
  const programUs = (capacityBytes / pageBytes) * programTypicalUs;
  const eraseUs = Math.min(
    ...eraseUnits.map(({ regions }) => regions.reduce((sum, { count, typicalUs }) => sum + count * typicalUs, 0)),
  );
  return (programUs + eraseUs) / 1e6;
}

function stateFinding({ text, remains }: ChipState): Finding {
  const fix = remains
    ? "Lift the protection of the chip before a write."
    : "norbridge has ended it. If it comes back, hold the processor of the target in reset: its firmware uses the chip.";
  return {
    ...{ check: "state", state: "warning", evidence: text },
    cause: "the chip was left in a state in which it ignores commands or takes them otherwise",
    fix: advice(fix),
  };
}
