/** The progress line and the sector map, on a terminal and where there is none. */
import { describe, expect, it } from "vitest";
import type { FlashGeometry } from "../../../drivers/geometry.ts";
import { PlainProgress, TerminalProgress } from "../../../src/cli/output/progress.ts";
import {
  formatClock,
  formatPercent,
  formatRate,
  formatRemaining,
  formatSeconds,
} from "../../../src/runner/quantities.ts";
import { SectorMap } from "../../../src/cli/output/sector-map.ts";
import type { JobEvent, SectorState } from "../../../src/jobs/job-event.ts";
import { fakeOutput, handClock } from "../../support/fake-io.ts";

const times = { typicalUs: 1, maximumUs: 2 };
const toy = (sectors: number): FlashGeometry => ({
  capacityBytes: sectors * 16,
  pageBytes: 4,
  erasedByte: 0xff,
  eraseUnits: [{ name: "sector", regions: [{ address: 0, unitBytes: 16, count: sectors, ...times }] }],
  programTypicalUs: 1,
  programMaximumUs: 2,
});

const progress = (phase: "survey" | "program" | "verify", doneBytes: number, totalBytes: number): JobEvent => ({
  kind: "progress",
  phase,
  doneBytes,
  totalBytes,
});
const sector = (index: number, state: SectorState, sectors = 1): JobEvent => ({
  kind: "sector",
  range: { address: index * 16, lengthBytes: sectors * 16 },
  state,
});

describe("sector map", () => {
  const plain = (_colour: string, text: string): string => text;

  it("has one character a sector where there is room", () => {
    const map = new SectorMap(toy(10));
    const states: readonly SectorState[] = [
      "same",
      "blank",
      "differs",
      "erasing",
      "erased",
      "programming",
      "programmed",
      "verified",
      "failed",
    ];
    states.forEach((state, index) => {
      map.set({ address: index * 16, lengthBytes: 16 }, state);
    });
    expect(map.draw(80, plain)).toBe("=_*EePp#!.");
  });

  it("groups where there is none, and a failed sector is never hidden", () => {
    const map = new SectorMap(toy(100));
    map.set({ address: 0, lengthBytes: 1600 }, "verified");
    map.set({ address: 37 * 16 + 3, lengthBytes: 1 }, "failed");
    expect(map.draw(10, plain)).toBe("###!######");
    expect(map.draw(7, plain)).toBe("##!####");
    expect(map.draw(0, plain)).toBe("!");
  });

  it("knows sectors of unlike size and clips what lies behind the end", () => {
    const map = new SectorMap({
      ...toy(1),
      eraseUnits: [
        {
          name: "sector",
          regions: [
            { address: 0, unitBytes: 8, count: 1, ...times },
            { address: 8, unitBytes: 56, count: 1, ...times },
            { address: 64, unitBytes: 64, count: 3, ...times },
          ],
        },
      ],
    });
    map.set({ address: 7, lengthBytes: 2 }, "same");
    map.set({ address: 128, lengthBytes: 1000 }, "blank");
    expect(map.draw(80, plain)).toBe("==.__");
    map.set({ address: 0, lengthBytes: 0 }, "failed");
    expect(map.draw(80, plain)).toBe("==.__");
  });

  it("colours runs, not characters", () => {
    const map = new SectorMap(toy(4));
    map.set({ address: 0, lengthBytes: 32 }, "verified");
    expect(map.draw(80, (colour, text) => `<${colour} ${text}>`)).toBe("<green ##><dim ..>");
  });
});

describe("progress on a terminal", () => {
  const start = (width: number, colour = false) => {
    const output = fakeOutput({ isTty: true, width, colour });
    const clock = handClock();
    const shown = new TerminalProgress({ output, geometry: toy(8), jobClock: clock, drawClock: clock });
    return { output, clock, shown };
  };

  it("draws over itself, at most ten times a second, and ends on a fresh line", () => {
    const { output, clock, shown } = start(200);
    shown.on(progress("program", 0, 4096));
    expect(output.text).toBe("program 0 %");
    output.text = "";
    clock.us = 99_999;
    shown.on(progress("program", 512, 4096));
    expect(output.text).toBe("");
    clock.us = 100_000;
    shown.on(progress("program", 1024, 4096));
    expect(output.text).toBe("\r\u001b[Jprogram 25 %  10.0 KiB/s  ETA 0:01");
    output.text = "";
    clock.us = 400_000;
    shown.on(progress("program", 4096, 4096));
    shown.end();
    shown.end();
    expect(output.text).toBe("\r\u001b[Jprogram 100 %  10.0 KiB/s\r\u001b[Jprogram 100 %  10.0 KiB/s\n");
  });

  it("shows the map below the line, and never fills a line", () => {
    const { output, clock, shown } = start(6);
    shown.on(progress("program", 0, 64));
    clock.us = 200_000;
    shown.on(sector(0, "verified"));
    shown.on(sector(1, "verified"));
    shown.end();
    const last = output.text.split("\r").at(-1);
    expect(last).toBe("\u001b[1A\u001b[Jprogr\n##...\n");
  });

  it("steps aside for a note", () => {
    const { output, shown } = start(200);
    shown.on(progress("survey", 1, 2));
    output.text = "";
    shown.around(() => {
      output.write("note: x\n");
    });
    expect(output.text).toBe("\r\u001b[Jnote: x\ncompare 50 %");
  });

  it("says nothing if nothing happened, and never hides the cursor", () => {
    const { output, shown } = start(80);
    shown.end();
    expect(output.text).toBe("");
    const second = start(80, true);
    second.shown.on(sector(1, "failed"));
    second.shown.end();
    expect(second.output.text).toContain("\u001b[31m!");
    expect(second.output.text).not.toContain("?25");
  });
});

describe("progress elsewhere", () => {
  it("writes a line now and then, and one at the end", () => {
    const output = fakeOutput();
    const clock = handClock();
    const shown = new PlainProgress({ output, geometry: toy(8), jobClock: clock, drawClock: handClock() });
    const at = (seconds: number, event: JobEvent): string => {
      output.text = "";
      clock.us = seconds * 1e6;
      shown.on(event);
      return output.text;
    };
    expect(at(0, { kind: "phase", phase: "survey", totalBytes: 100 })).toBe("");
    expect(at(0.5, progress("survey", 50, 100))).toBe("");
    expect(at(1, progress("survey", 100, 100))).toBe("compare 100 %  0.1 KiB/s\n");
    expect(at(1.1, progress("program", 0, 102_400))).toBe("");
    expect(at(3.1, progress("program", 5120, 102_400))).toBe("");
    expect(at(11.1, progress("program", 6000, 102_400))).toBe("compare 100 %  program 5 %  0.6 KiB/s  ETA 2:41\n");
    expect(at(11.6, progress("program", 51_200, 102_400))).toBe("");
    expect(at(12.1, progress("program", 51_201, 102_400))).toMatch(/^compare 100 % {2}program 50 % .*\n$/);
    output.text = "";
    shown.end();
    shown.end();
    expect(output.text).toBe("");
    at(12.2, progress("program", 102_400, 102_400));
    expect(output.text).toBe("");
  });

  it("the line at the end is not lost", () => {
    const output = fakeOutput();
    const clock = handClock();
    const shown = new PlainProgress({ output, geometry: toy(8), jobClock: clock, drawClock: clock });
    shown.on(progress("verify", 16, 16));
    shown.on(sector(3, "verified"));
    shown.end();
    expect(output.text).toBe("verify 100 %\n");
  });
});

it("quantities", () => {
  expect([0, 4000, 99_999, 2_710_000, 46_900_000, 151e6].map(formatSeconds)).toEqual([
    "0.000 s",
    "0.004 s",
    "0.100 s",
    "2.71 s",
    "46.9 s",
    "151 s",
  ]);
  expect([0, 1, 59_000_001, 3_600_000_000].map(formatRemaining)).toEqual(["0:00", "0:01", "1:00", "1:00:00"]);
  expect([0, 1024, 53_350, 1024 ** 2].map(formatRate)).toEqual(["0.0 KiB/s", "1.0 KiB/s", "52.1 KiB/s", "1.0 MiB/s"]);
  expect([8e6, 1.5e6, 400e3, 1e3].map(formatClock)).toEqual(["8 MHz", "1.5 MHz", "400 kHz", "1 kHz"]);
  expect(formatPercent(999, 1000)).toBe("99 %");
  expect(formatPercent(0, 0)).toBe("100 %");
});
