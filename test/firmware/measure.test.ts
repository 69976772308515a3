/**
 * What the firmware costs on its processors, counted in emulators, held against the table in PROTOCOL.md section 13: the
 * emulators are exact, so the table is, too. Where it is not, the row to be put there stands in the failure.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { SpiStep } from "../../firmware-protocol/step.ts";
import { openBridge } from "../../src/bridge/open-bridge.ts";
import { createChip } from "../../src/sim/chip/chip-catalog.ts";
import { createVirtualClock } from "../../src/sim/virtual-clock.ts";
import { effort } from "../support/effort.ts";
import { noise, programSteps, randomFrom, resultsOf } from "../sim/client.ts";
import { AVR_HZ, AvrBoard } from "./support/avr-board.ts";
import { converterTo } from "./support/converter.ts";
import { BOARDS } from "./support/firmware-world.ts";

const PAGE = readFileSync(new URL("../../firmware-protocol/PROTOCOL.md", import.meta.url), "utf8");
const BYTES = 32 * 1024;

const said = (pattern: RegExp): string | undefined => pattern.exec(PAGE)?.[1];

interface Work {
  readonly name: string;
  readonly steps: () => Iterable<SpiStep>;
}

const read = (at: number): SpiStep => ({
  kind: "transfer",
  send: Uint8Array.of(3, at >> 16, (at >> 8) & 255, 0),
  receiveBytes: 4096,
});

const WORKS: readonly Work[] = [
  { name: "program", steps: () => programSteps(noise(BYTES)) },
  { name: "read", steps: () => Array.from({ length: BYTES / 4096 }, (_, i) => read(i * 4096)) },
  { name: "digest", steps: () => [{ kind: "digest", send: Uint8Array.of(3, 0, 0, 0), lengthBytes: BYTES }] },
];

interface Measured {
  readonly row: string;
  readonly cyclesPerLineByte: number;
  readonly stackBytes: number;
}

const measured = new Map<string, Promise<Measured>>();

/** Measures once: emulators are exact, and slow. */
function measure(name: "avr" | "rp2040", work: Work, usbNs?: number): Promise<Measured> {
  const key = `${name} ${work.name} ${usbNs ?? ""}`;
  const known = measured.get(key) ?? measureNow(name, work, usbNs);
  measured.set(key, known);
  return known;
}

async function measureNow(name: "avr" | "rp2040", work: Work, usbNs?: number): Promise<Measured> {
  const chip = createChip("AT25SF041", { times: "typical" });
  const processor = BOARDS[name].make(chip);
  const clock = createVirtualClock();
  if (work.name !== "program") chip.load(0, noise(BYTES));
  return clock.run(async () => {
    const duplex = converterTo(processor, clock, name === "avr" ? 115_200 : 0, usbNs);
    const bridge = await openBridge(duplex, { clock, protocol: "native", random: randomFrom(1) });
    await bridge.setSpiClockHz(bridge.info.spiClockMaxHz);
    const before = bridge.statistics;
    const startUs = clock.nowUs();
    const results = await resultsOf(bridge, work.steps());
    const durationUs = clock.nowUs() - startUs;
    const after = bridge.statistics;
    const { baudRate } = processor;
    await bridge.close();
    expect(results.every(({ kind }) => kind !== "failed" && kind !== "skipped")).toBe(true);
    // Nothing was sent twice: neither the UART nor the ring after it has lost a byte.
    expect(after.framesResent + after.framesDamaged).toBe(0);
    expect([...chip.violations, ...processor.complaints]).toEqual([]);
    const lineBytes = Math.max(after.bytesSent - before.bytesSent, after.bytesReceived - before.bytesReceived);
    const cycles = durationUs * (name === "avr" ? AVR_HZ / 1e6 : 120);
    const line = baudRate === 0 ? "USB" : `${baudRate / 1e6} Mbaud`;
    const kibPerSecond = (BYTES / 1024 / (durationUs / 1e6)).toFixed(1);
    const cells = [BOARDS[name].name.replace("the ", ""), line, work.name, kibPerSecond, Math.round(cycles / BYTES)];
    return {
      row: `| ${cells.join(" | ")} |`,
      cyclesPerLineByte: cycles / lineBytes,
      stackBytes: processor instanceof AvrBoard ? processor.stackBytes : 0,
    };
  });
}

/** The one that takes longer to emulate in CI only. */
const MEASURED = (["avr", "rp2040"] as const).slice(0, effort(1, 2));

describe.each(MEASURED)("%s", { timeout: 120_000 }, (name) => {
  it.each(WORKS)("$name: as the table says", async (work) => {
    const { row } = await measure(name, work);
    const key = row.split("|", 4).join("|");
    expect(PAGE.split("\n").filter((line) => line.startsWith(key))).toEqual([row]);
  });
});

describe("the ATmega328P at 1 Mbaud", { timeout: 120_000 }, () => {
  /** Eight clocks a bit, ten bits a byte, at 16 MHz. */
  const LINE_CYCLES = 160;

  it("keeps up with its line when it programs pages", async () => {
    const { cyclesPerLineByte } = await measure("avr", WORKS[0]!, 1);
    expect(said(/programming takes (\S+) cycles per byte on the\nline; the byte itself lasts 160/)).toBe(
      cyclesPerLineByte.toFixed(1),
    );
    // The rest is the start and the end, where the line is idle: 1 % of 32 KiB.
    expect(cyclesPerLineByte).toBeGreaterThanOrEqual(LINE_CYCLES);
    expect(cyclesPerLineByte).toBeLessThan(LINE_CYCLES * 1.015);
  });

  it("programs behind USB at the pace and with the stack that the page says", async () => {
    const { cyclesPerLineByte, stackBytes } = await measure("avr", WORKS[0]!);
    expect(said(/half a millisecond of USB latency each way it is\s(\d+\.\d)/)).toBe(cyclesPerLineByte.toFixed(1));
    expect(said(/at most (\d+) bytes of stack/)).toBe(String(stackBytes));
  });
});
