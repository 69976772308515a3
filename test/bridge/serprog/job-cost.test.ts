/** What a job over serprog costs, counted in virtual time and bytes: the same on every machine. */
import { describe, expect, it } from "vitest";
import { OPCODE } from "../../../firmware-protocol/serprog/command.ts";
import { SERPROG_PROFILES, type SerprogProfile } from "../../../src/sim/serprog/serprog-profile.ts";
import { pattern, serprogWorld, type SerprogWorldOptions } from "./serprog-world.ts";
import { effort } from "../../support/effort.ts";

const CAPACITY = 512 * 1024;
const PAGE = 256;
const PAGE_US = 700;
/** AT25SF041 on these bridges is clocked at 8 MHz at most, as the limit counts it. */
const SPI_BYTE_US = 1;

/** Every byte of the image up and, for the verify, down; and what pages and SPI take. */
function limitUs(usPerByte: number, lengthBytes = CAPACITY): number {
  const program = (lengthBytes / PAGE) * Math.max(PAGE * usPerByte, PAGE_US + (PAGE + 4) * SPI_BYTE_US);
  return program + lengthBytes * Math.max(usPerByte, SPI_BYTE_US);
}

describe("512 KiB to a blank chip, verified", () => {
  const lines = [
    ["pico-serprog", {}, 1],
    ["frser-duino", { baud: "2000000" }, 5],
    ["frser-duino", { baud: "921600" }, 1e7 / 921_600],
    ["norbridge-sim", {}, 1],
  ] as const;
  it.each(lines.slice(0, effort(1, lines.length)))(
    "%s %j takes at most 1.25 times the limit",
    async (bridge, settings, usPerByte) => {
      const world = serprogWorld({ settings: { bridge, spiClock: "8MHz", ...settings } });
      const image = pattern(CAPACITY);
      const tookUs = await world.run(async (flash, link) => {
        await link.setSpiClockHz(8_000_000);
        return (await world.write(flash, 0, image)).durationUs;
      });
      expect(tookUs / limitUs(usPerByte)).toBeLessThan(1.25);
      expect(Buffer.compare(world.sim.chip.peek(0, CAPACITY), image)).toBe(0);
    },
  );
});

describe("16 KiB through an unknown bridge without O_DELAY", () => {
  const IMAGE = pattern(16_384);
  const unknown: SerprogProfile = { ...SERPROG_PROFILES["pico-serprog"], programmerName: "new" };

  interface CostOptions extends SerprogWorldOptions {
    readonly image?: Uint8Array;
    /** The device has programmed a page already, which was watched. */
    readonly isAfterFirst?: boolean;
  }

  /** Time as a part of the limit, and bytes on the line as parts of the image. */
  const costOf = async (
    usPerByte: number,
    { image = IMAGE, isAfterFirst = false, ...options }: CostOptions,
  ): Promise<{ readonly tookUs: number; readonly time: number; readonly up: number; readonly down: number }> => {
    const world = serprogWorld({ profile: unknown, ...options });
    const cost = await world.run(async (flash, link) => {
      if (link.info.spiClockMaxHz > 0) await link.setSpiClockHz(8_000_000);
      if (isAfterFirst) await world.write(flash, CAPACITY / 2, image.subarray(0, PAGE));
      const before = { ...link.statistics };
      const { durationUs } = await world.write(flash, 0, image);
      const { bytesSent, bytesReceived } = link.statistics;
      return {
        tookUs: durationUs,
        time: durationUs / limitUs(usPerByte, image.length),
        up: (bytesSent - before.bytesSent) / image.length,
        down: (bytesReceived - before.bytesReceived) / image.length,
      };
    });
    expect(Buffer.compare(world.sim.chip.peek(0, image.length), image)).toBe(0);
    return cost;
  };

  describe.each([115_200, 1_000_000, 2_000_000])("at %d baud", (baud) => {
    const usPerByte = 1e7 / baud;
    const settings = { baud: String(baud), spiClock: "8MHz" };

    it.each([false, true])("needs at most 1.25 times the limit (rate hidden: %s)", async (hidesRate) => {
      const { time, up, down } = await costOf(usPerByte, { settings, hidesRate });
      expect(time).toBeLessThan(1.25);
      expect(up).toBeLessThan(1.3);
      expect(down).toBeLessThan(1.2);
    });
  });

  // Reads last as long as the line needs for them: this bridge reads 128 bytes ahead, which is learnt from the first
  // pages.
  describe.each([
    ["has no clock to set", { commands: unknown.commands.filter((code) => code !== OPCODE.setSpiClock) }],
    ["has no clock that is slow", { spiClockMinHz: 4_000_000 }],
  ])("that %s", (_, lacks) => {
    const runs = [115_200, 460_800, 1_000_000, 2_000_000].flatMap((baud) =>
      [true, false].map((hides) => [baud, hides] as const),
    );
    it.each(effort(runs.slice(4, 5), runs))(
      "needs at most 1.25 times the limit at %d baud (rate hidden: %s)",
      async (baud, hidesRate) => {
        const options = { profile: { ...unknown, ...lacks, spiClockHz: 8_000_000 }, image: pattern(65_536), hidesRate };
        const { time, up } = await costOf(1e7 / baud, {
          ...options,
          settings: { baud: String(baud), spiClock: "8MHz" },
        });
        expect(time).toBeLessThan(1.25);
        expect(up).toBeLessThan(1.35);
      },
    );
  });

  it("gives a page its time from when the page has arrived, however slow the line is", async () => {
    const commands = unknown.commands.filter((code) => code !== OPCODE.setSpiClock);
    const profile = { ...unknown, commands, spiClockHz: 8_000_000, chunkBytes: 4096, buffersWhole: true };
    const settings = { baud: "9600", spiClock: "8MHz", times: "maximum" };
    const { time } = await costOf(1e7 / 9600, { profile, image: pattern(8192), settings });
    expect(time).toBeLessThan(1.6);
  });

  /**
   * It reads far ahead of its UART, so a long answer does not last. Nothing useful can travel up while a page is programmed:
   * WREN has to arrive after it, and the next page after that. So no order of commands is faster than `floor`. The pages that
   * teach it cost more, which counts less the longer the image is.
   */
  describe("whose reads end too soon to fill the time of a page", () => {
    const commands = unknown.commands.filter((code) => code !== OPCODE.setSpiClock);
    const runs: [baud: number, bytes: number, most: number][] = [
      [2_000_000, 65_536, 1.75],
      [115_200, 524_288, 1.15],
      [460_800, 524_288, 1.22],
      [1_000_000, 524_288, 1.32],
      [2_000_000, 524_288, 1.48],
    ];
    it.each(effort(runs.slice(0, 1), runs))(
      "at %d baud, %d bytes: takes %f times the limit at most",
      async (baud, bytes, most) => {
        const usPerByte = 1e7 / baud;
        const profile = { ...unknown, commands, spiClockHz: 8_000_000, chunkBytes: 4096, buffersWhole: true };
        const settings = { baud: String(baud), spiClock: "8MHz" };
        const { time, up, down } = await costOf(usPerByte, { profile, image: pattern(bytes), settings });
        const commandBytes = 8 + (PAGE + 11) + 8;
        const floorUs = (bytes / PAGE) * (commandBytes * usPerByte + PAGE_US) + bytes * usPerByte;
        expect(time).toBeGreaterThan(floorUs / limitUs(usPerByte, bytes));
        expect(time).toBeLessThan(most);
        expect(up).toBeLessThan(2);
        expect(down).toBeLessThan(2.2);
      },
    );
  });

  it.each([true, false])("waits by long answers on USB, which cost nothing there (checked: %s)", async (isChecked) => {
    // The first page of a device costs more, once: see below.
    const options = { settings: { usb: "fs", spiClock: "8MHz" }, isChecked, isAfterFirst: true };
    const { time, up, down } = await costOf(1, options);
    // Its one page has taught little of how long a page takes: the wait is that of the first pages.
    if (isChecked) expect(time).toBeLessThan(1.17);
    expect(up).toBeLessThan(1.2);
    expect(down).toBeGreaterThan(3);
  });

  it("starts a job and watches its first page at a price that does not grow with the image", async () => {
    const took = async (lengthBytes: number): Promise<number> => {
      const image = pattern(lengthBytes);
      return (await costOf(1, { settings: { usb: "fs", spiClock: "8MHz" }, isChecked: true, image })).tookUs;
    };
    const [short, middle, long] = [await took(4096), await took(8192), await took(16_384)];
    const startUs = 2 * middle - long;
    // One round trip of USB for the first page; the rest is the survey of the job.
    expect(startUs).toBeLessThan(8500);
    expect(Math.abs(2 * short - middle - startUs)).toBeLessThan(250);
    expect(long - middle).toBeLessThan(1.08 * limitUs(1, 8192));
  });
});

describe("pages that take longer than usual", () => {
  it.each(effort(["norbridge-sim"], ["frser-duino", "pico-serprog", "norbridge-sim"]))(
    "%s: are waited for once that is known",
    async (bridge) => {
      const world = serprogWorld({ settings: { bridge, times: "maximum" } });
      const image = pattern(128 * 1024);
      const resent = await world.run(async (flash, link) => {
        await world.write(flash, 0, image);
        return link.statistics.framesResent;
      });
      expect(Buffer.compare(world.sim.chip.peek(0, image.length), image)).toBe(0);
      // A page is three steps; of 512 pages some are too early before the wait is long enough.
      expect(resent).toBeGreaterThan(0);
      expect(resent).toBeLessThan(512 * 3 * 0.5);
    },
  );

  it.each(effort([1], [1, 2, 3]))("now and then: noticed, sent again, and right (seed %d)", async (seed) => {
    const world = serprogWorld({ settings: { bridge: "norbridge-sim", times: "varying", seed: String(seed) } });
    const image = pattern(128 * 1024, seed);
    const resent = await world.run(async (flash, link) => {
      await world.write(flash, 0, image);
      return link.statistics.framesResent;
    });
    expect(resent).toBeGreaterThan(0);
    expect(Buffer.compare(world.sim.chip.peek(0, image.length), image)).toBe(0);
  });
});

describe("the wait of a page is filled", () => {
  const sent = async (bridge: string, settings: Record<string, string> = {}): Promise<Map<number, number>> => {
    const world = serprogWorld({ settings: { bridge, ...settings } });
    let opened = 0;
    await world.run(async (flash) => {
      opened = world.written.length;
      await world.write(flash, 0, pattern(16_384));
    });
    const counts = new Map<number, number>();
    for (const [opcode = 0] of world.written.slice(opened)) counts.set(opcode, (counts.get(opcode) ?? 0) + 1);
    return counts;
  };

  it("by O_DELAY where the bridge has it", async () => {
    const counts = await sent("frser-duino");
    // 64 pages; one of them is where a shorter wait is tried, and goes again with what was sent after it.
    expect(counts.get(OPCODE.delay)).toBe(counts.get(OPCODE.execute));
    expect(counts.get(OPCODE.delay)).toBeGreaterThanOrEqual(64);
    expect(counts.get(OPCODE.delay)).toBeLessThanOrEqual(67);
    expect(counts.get(OPCODE.setSpiClock) ?? 0).toBe(0);
  });

  it("by a slow clock, or a long answer, where it has not", async () => {
    const counts = await sent("pico-serprog");
    expect(counts.get(OPCODE.delay) ?? 0).toBe(0);
    // There and back for each page that is not waited for by a long answer.
    expect((counts.get(OPCODE.setSpiClock) ?? 0) % 2).toBe(0);
  });

  it("by nothing where one command goes at a time: the turn is the wait", async () => {
    for (const bridge of ["stm32-vserprog", "picoprog"]) {
      const counts = await sent(bridge);
      expect(counts.get(OPCODE.setSpiClock) ?? 0).toBe(0);
    }
  });
});

it("an erase is asked about now and then, not all the time", async () => {
  const world = serprogWorld();
  world.sim.chip.load(0, pattern(4096, 3));
  let opened = 0;
  await world.run(async (flash) => {
    opened = world.written.length;
    await flash.erase(0, 4096);
  });
  const asked = world.written.slice(opened).filter((bytes) => bytes[0] === OPCODE.spiOperation && bytes[7] === 0x05);
  expect(asked.length).toBeGreaterThan(4);
  expect(asked.length).toBeLessThanOrEqual(26);
});

it("a survey does not read what a few bytes tell", async () => {
  const world = serprogWorld();
  world.sim.chip.load(0, pattern(CAPACITY, 3));
  const surveyBytes = await world.run(async (flash, link) => {
    const before = link.statistics.bytesReceived;
    await world.write(flash, 0, pattern(32 * 1024, 4));
    return link.statistics.bytesReceived - before;
  });
  // The verify reads all of it; the survey little more than 24 bytes of each sector, twice, and the answers.
  expect(surveyBytes).toBeLessThan(32 * 1024 * 1.1);
});
