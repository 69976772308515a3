/** The same jobs through every serprog bridge that is known, and each quirk's rule taken out once: then it must show. */
import { describe, expect, it } from "vitest";
import { OPCODE } from "../../../firmware-protocol/serprog/command.ts";
import { type BridgeRule, KNOWN_BRIDGES, type KnownBridge } from "../../../src/bridge/serprog/known-bridges.ts";
import type { OpenedFlash } from "../../../src/flash/open-flash.ts";
import { eraseRange } from "../../../src/jobs/erase-range.ts";
import { readFlash } from "../../../src/jobs/read-flash.ts";
import { verifyImage } from "../../../src/jobs/verify-image.ts";
import {
  SERPROG_PROFILE_NAMES,
  SERPROG_PROFILES,
  type SerprogProfileName,
} from "../../../src/sim/serprog/serprog-profile.ts";
import { pattern, serprogWorld, type SerprogWorld, type SerprogWorldOptions } from "./serprog-world.ts";
import { effort } from "../../support/effort.ts";

/** Rules of the chip that are broken by pages sent ahead: the chip ignores them, and they go again. */
const AHEAD = new Set(["command-while-busy", "program-without-write-enable"]);

function brokenRules({ sim }: SerprogWorld): string[] {
  return sim.violations.map(({ rule }) => rule).filter((rule) => !AHEAD.has(rule));
}

async function readBack(flash: OpenedFlash, world: SerprogWorld, lengthBytes: number): Promise<Uint8Array> {
  const read: number[] = [];
  await readFlash(flash, { address: 0, lengthBytes }, (_, data) => void read.push(...data), world.context);
  return Uint8Array.from(read);
}

/** Write, verify, rewrite in part, read, erase: what a user does to a chip. */
async function usualJobs(world: SerprogWorld): Promise<void> {
  await world.run(async (flash) => {
    const image = pattern(24 * 1024);
    await world.write(flash, 0, image);
    const source = {
      name: "image",
      format: "bin" as const,
      segments: [{ address: 0, lengthBytes: image.length }],
      totalBytes: image.length,
      read: (range: { address: number; lengthBytes: number }) =>
        Promise.resolve(image.slice(range.address, range.address + range.lengthBytes)),
      close: () => Promise.resolve(),
    };
    expect((await verifyImage(flash, source, { offset: 0 }, world.context)).equal).toBe(true);
    const other = pattern(5000, 9);
    await world.write(flash, 6000, other);
    image.set(other, 6000);
    expect(Buffer.compare(await readBack(flash, world, image.length), image)).toBe(0);
    expect(Buffer.compare(world.sim.chip.peek(0, image.length), image)).toBe(0);
    await eraseRange(flash, { address: 0, lengthBytes: 8448 }, { keepOutside: true }, world.context);
    image.fill(0xff, 0, 8448);
    expect(Buffer.compare(world.sim.chip.peek(0, image.length), image)).toBe(0);
  });
}

describe.each(SERPROG_PROFILE_NAMES)("%s", (bridge: SerprogProfileName) => {
  const slow: Record<string, string> = bridge === "frser-duino-u2" ? { baud: "115200" } : {};

  it.each(effort(["AT25SF041"], ["AT25SF041", "AT45DB041E", "W25Q128JV"]))(
    "works with %s and breaks no rule",
    async (chip) => {
      const world = serprogWorld({ chip, settings: { bridge, times: "varying", ...slow } });
      await usualJobs(world);
      expect(brokenRules(world)).toEqual([]);
      expect(world.notes).toEqual([]);
    },
  );

  it("breaks none at all where pages take as long as the data sheet says, or longer, and none goes ahead", async () => {
    const world = serprogWorld({ settings: { bridge, ...slow } });
    await usualJobs(world);
    const opcodes = world.sim.chip.violations.filter(({ rule }) => AHEAD.has(rule)).map(({ opcode }) => opcode);
    // Write enable, page program and read are all that a busy chip may be sent.
    expect(opcodes.filter((opcode) => ![0x06, 0x02, 0x0b].includes(opcode))).toEqual([]);
  });

  it("is left with its pins released", async () => {
    const world = serprogWorld({ settings: { bridge, ...slow } });
    await world.run(() => Promise.resolve());
    const profile = SERPROG_PROFILES[bridge];
    const missing: readonly number[] = "missing" in profile ? profile.missing : [];
    const commands: readonly number[] = profile.commands;
    const canRelease = commands.includes(OPCODE.setPinState) && !missing.includes(OPCODE.setPinState);
    const tail = Buffer.concat(world.written.slice(-2)).subarray(-2).toString("hex");
    expect(tail === "1500").toBe(canRelease);
  });
});

/** The table without the rules of one kind of one firmware. */
function without(firmware: string, kind: BridgeRule["kind"]): KnownBridge[] {
  return KNOWN_BRIDGES.map((known) =>
    known.firmware === firmware ? { ...known, rules: known.rules.filter((rule) => rule.kind !== kind) } : known,
  );
}

interface Trouble {
  readonly rules: readonly string[];
  readonly code: string | undefined;
  /** S_SPI_FREQ sent in the middle of the job. */
  readonly clockCommands: number;
  readonly isUnchecked: boolean;
  /** Questions for the chip's ID before the chip was opened. */
  readonly trials: number;
}

async function troubleWith(options: SerprogWorldOptions): Promise<Trouble> {
  const world = serprogWorld(options);
  let code: string | undefined;
  let isUnchecked = false;
  let opened = 0;
  try {
    await world.run(async (flash, { info }) => {
      ({ isUnchecked } = info);
      opened = world.written.length;
      await world.write(flash, 0, pattern(8192));
      await readBack(flash, world, 8192);
    });
  } catch (error) {
    code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
  const clocks = (from: number): number =>
    world.written.slice(from).filter((bytes) => bytes[0] === OPCODE.setSpiClock && bytes.length > 1).length;
  // Opening the chip begins with waking it.
  const firstWake = world.written.findIndex((bytes) => bytes[0] === OPCODE.spiOperation && bytes[7] === 0xab);
  const isTrial = (bytes: Uint8Array): boolean => bytes[0] === OPCODE.spiOperation && bytes[7] === 0x9f;
  return {
    rules: brokenRules(world),
    code,
    clockCommands: clocks(opened),
    isUnchecked,
    trials: world.written.slice(0, Math.max(firstWake, 0)).filter(isTrial).length,
  };
}

/** A world in which the quirk matters, and how its absence shows. */
const QUIRKS: readonly {
  readonly firmware: string;
  readonly kind: BridgeRule["kind"];
  readonly world: SerprogWorldOptions;
  readonly shows: (trouble: Trouble) => boolean;
}[] = [
  {
    firmware: "frser-duino",
    kind: "uart-inside",
    world: { settings: { bridge: "frser-duino" }, isChecked: true },
    shows: ({ isUnchecked }) => !isUnchecked,
  },
  {
    firmware: "frser-duino",
    kind: "pipelines",
    world: { settings: { bridge: "frser-duino" } },
    shows: ({ trials }) => trials > 1,
  },
  {
    firmware: "stm32-serprog-rs",
    kind: "receive-at-most",
    world: { settings: { bridge: "stm32-serprog-rs" } },
    shows: ({ rules, code }) => rules.includes("operation-too-long") && code !== undefined,
  },
  {
    firmware: "stm32-serprog-rs",
    kind: "pins-stay",
    world: { settings: { bridge: "stm32-serprog-rs" } },
    shows: ({ rules, code }) => rules.includes("command-not-in-map") && code !== undefined,
  },
  {
    firmware: "stm32-serprog-rs",
    kind: "returns-requested-clock",
    world: { settings: { bridge: "stm32-serprog-rs" } },
    shows: ({ clockCommands }) => clockCommands > 8,
  },
  {
    firmware: "stm32-vserprog",
    kind: "one-at-a-time",
    world: { settings: { bridge: "stm32-vserprog" }, mergesWrites: true },
    shows: ({ rules, code }) => rules.includes("command-shares-packet") && code !== undefined,
  },
  ...(["pico-serprog", "serprog_pico (jhbdream)", "esp32-serprog"] as const).map((firmware) => ({
    firmware,
    kind: "pipelines" as const,
    world: {
      settings: { bridge: firmware === "serprog_pico (jhbdream)" ? "serprog-pico-jhbdream" : firmware },
    },
    shows: ({ trials }: Trouble) => trials > 1,
  })),
  {
    firmware: "picoprog",
    kind: "opcode-alone",
    world: { settings: { bridge: "picoprog" } },
    shows: ({ rules, code }) => rules.includes("packet-holds-more") && code !== undefined,
  },
];

describe("the rule", () => {
  it("of every known bridge has a test here", () => {
    const rules = KNOWN_BRIDGES.flatMap(({ firmware, rules: own }) => own.map(({ kind }) => `${firmware}: ${kind}`));
    expect(QUIRKS.map(({ firmware, kind }) => `${firmware}: ${kind}`).sort()).toEqual(rules.sort());
  });

  it.each(QUIRKS)("$firmware: $kind is needed", async ({ firmware, kind, world, shows }) => {
    const sound = await troubleWith(world);
    expect(sound).toMatchObject({ rules: [], code: undefined });
    expect(shows(sound)).toBe(false);
    expect(shows(await troubleWith({ ...world, knownBridges: without(firmware, kind) }))).toBe(true);
  });
});

describe("an unknown bridge", () => {
  const base = SERPROG_PROFILES["norbridge-sim"];

  it("and that takes commands in a row is used that way after a trial", async () => {
    const world = serprogWorld({ profile: { ...base, programmerName: "new" }, settings: { usb: "fs" } });
    const bufferBytes = await world.run((_, { info }) => Promise.resolve(info.bufferBytes));
    expect(bufferBytes).toBe(4096);
    expect(brokenRules(world)).toEqual([]);
  });

  it.each([1024, 512, 300])("and that holds %d bytes of the 4096 it announces is given no more", async (ringBytes) => {
    const world = serprogWorld({
      profile: { ...base, programmerName: "liar", serialBufferBytes: 4096, ringBytes, link: "uart" },
    });
    await world.run(async (flash, { info }) => {
      expect(info.bufferBytes).toBeLessThanOrEqual(ringBytes);
      await world.write(flash, 0, pattern(8192));
    });
    expect(Buffer.compare(world.sim.chip.peek(0, 8192), pattern(8192))).toBe(0);
  });

  it("and that loses what shares a packet with an opcode is given one command at a time", async () => {
    const world = serprogWorld({
      profile: { ...SERPROG_PROFILES.picoprog, programmerName: "cousin" },
      settings: { usb: "fs" },
    });
    await usualJobs(world);
  });

  it("and that names no limits is not given long operations", async () => {
    const commands = base.commands.filter(
      (opcode) => opcode !== OPCODE.queryMaxSend && opcode !== OPCODE.queryMaxReceive,
    );
    const world = serprogWorld({
      // What it would answer is not asked.
      profile: { ...base, programmerName: "mute", commands, sendHangsAbove: 261, receiveHangsAbove: 4096 },
      settings: { usb: "fs" },
    });
    await usualJobs(world);
    expect(brokenRules(world)).toEqual([]);
  });
});
