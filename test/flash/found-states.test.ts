/**
 * Chips as they are found: each is opened in the state that an earlier program left, written and verified; the cells outside
 * stay as they were, and no command was sent that the chip ignores.
 */
import { describe, expect, it } from "vitest";
import { NorbridgeError } from "../../src/errors.ts";
import { openBridge } from "../../src/bridge/open-bridge.ts";
import { memoryImage } from "../../src/files/image-source.ts";
import type { ChipStateKind } from "../../src/flash/leave-states.ts";
import { openFlash, type OpenedFlash, type OpenFlashOptions } from "../../src/flash/open-flash.ts";
import { writeImage } from "../../src/jobs/write/write-image.ts";
import { createRandom } from "../../src/sim/random.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { openSimulation } from "../../src/sim/sim-port.ts";
import type { Simulation } from "../../src/sim/simulation.ts";
import { effort } from "../support/effort.ts";

const WRITE = { offset: 0, verify: true, assumeBlank: false, retries: 0 };
const IMAGE = { address: 0x1234, data: createRandom("image").bytes(3000) };
const CONTENT_BYTES = 256 * 1024;
/** Where an erase is suspended that lies within the content. */
const SUSPENDED = { address: 0x30000, lengthBytes: 4096 };

interface Opened {
  readonly simulation: Simulation;
  readonly notes: string[];
  readonly open: (options?: OpenFlashOptions) => Promise<OpenedFlash>;
}

async function chip(port: string, content = createRandom("content").bytes(CONTENT_BYTES)): Promise<Opened> {
  const [name = "", query = ""] = port.split("?");
  const settings = new Map([...new URLSearchParams(query), ["times", "typical"]] as [string, string][]);
  const simulation = await openSimulation(parseSimParameters(name, settings));
  simulation.chip.load(0, content);
  const notes: string[] = [];
  const { clock, duplex } = simulation;
  const chance = createRandom(port).branch("host");
  const random = (): number => chance.nextUint32();
  const protocol = settings.has("bridge") ? "serprog" : "native";
  return {
    simulation,
    notes,
    open: async (options = {}) =>
      openFlash(await openBridge(duplex, { clock, protocol, random }), {
        note: (text) => void notes.push(text),
        ...options,
      }),
  };
}

function kinds(device: OpenedFlash): ChipStateKind[] {
  return device.states.map(({ kind }) => kind);
}

/** Ranges of cells that differ from `before` and are not of the image. */
function strayBytes(
  { chip: model }: Simulation,
  before: Uint8Array,
  end = IMAGE.address + IMAGE.data.length,
): number[] {
  const now = model.peek(0, before.length);
  const wrong: number[] = [];
  for (let at = 0; at < before.length; at++) {
    // A suspended erase has to end: what was in its block is gone.
    if (at >= SUSPENDED.address && at < SUSPENDED.address + SUSPENDED.lengthBytes) continue;
    const wanted = at >= IMAGE.address && at < end ? IMAGE.data[at - IMAGE.address] : before[at];
    if (now[at] !== wanted) wrong.push(at);
  }
  return wrong;
}

/** C04, C11, C12, C13, C14 and C15 of docs/field-cases.md, and others of their kind. */
describe.each<[string, ChipStateKind[]]>([
  ["W25Q64JV", []],
  ["W25Q256JV?mode4=on", ["four-byte-mode"]],
  ["W25Q256JV?earBank=1", ["extended-address"]],
  ["W25Q256JV?mode4=on&earBank=1", ["four-byte-mode"]],
  ["MT25QL256A?mode4=on", ["four-byte-mode"]],
  ["IS25LP256?mode4=on", ["four-byte-mode"]],
  ["S25FL064L?mode4=on", ["four-byte-mode"]],
  ["S25FL128L?mode4=on", ["four-byte-mode"]],
  ["S25FL128S?mode4=on", ["four-byte-mode"]],
  ["W25Q64JV?busyMs=1500", ["busy"]],
  ["W25Q64JV?busyMs=1500&busyReads=00", ["busy"]],
  ["W25Q64JV?busyMs=1500&busyReads=id", ["busy"]],
  ["S25FL064L?mode4=on&busyMs=10&busyReads=id", ["busy", "four-byte-mode"]],
  ["W25Q64JV?suspended=0x40000", ["erase-suspended"]],
  ["W25Q64JV?suspended=0x40000:program", ["erase-suspended"]],
  ["MX25L12833F?suspended=0x40000", ["erase-suspended"]],
  ["N25Q128A?suspended=0x40000:program", ["program-suspended"]],
  ["S25FL128L?suspended=0x40000", ["erase-suspended"]],
  ["AT25SL128A?suspended=0x40000", ["erase-suspended"]],
  ["ZB25VQ16?suspended=0x40000", ["erase-suspended"]],
  ["S25FL128S?stickyError=on", ["error-flag"]],
  ["S25FL128S?stickyError=on&busyReads=id", ["error-flag"]],
  ["N25Q128A?stickyError=on", ["error-flag"]],
  ["W25Q64FV?qpi=on", ["line-mode"]],
  ["W25Q64JV?continuous=bb", ["line-mode"]],
  ["W25Q64JV?continuous=eb", []],
  ["W25Q64JV?asleep=on", []],
  ["AT25DN256?asleep=on", []],
])("%s", (port, states) => {
  it.each(["", "bridge=pico-serprog"])(`is found ${states.join(", ") || "as after power-up"} %s`, async (more) => {
    const joined = more === "" ? port : `${port}${port.includes("?") ? "&" : "?"}${more}`;
    const before = createRandom("content").bytes(port.startsWith("AT25DN256") ? 32 * 1024 : CONTENT_BYTES);
    const { simulation, open } = await chip(joined, before);
    await simulation.run(async () => {
      const device = await open();
      expect(kinds(device)).toEqual(states);
      await writeImage(device, memoryImage("image", [IMAGE]), WRITE, { clock: simulation.clock });
      await device.close();
    });
    expect(strayBytes(simulation, before)).toEqual([]);
    expect(simulation.violations).toEqual([]);
  });
});

/** Opened only: most of them are protected after power-up. */
describe.each<[string, ChipStateKind[]]>([
  ["AT25DF041B?suspended=0x30000", ["erase-suspended"]],
  ["AT25DF041B?suspended=0x30000:program", ["program-suspended"]],
  ["AT25XE041D?suspended=0x30000", ["erase-suspended"]],
  ["AT25XE041D?suspended=0x30000:program", ["program-suspended"]],
  ["AT25DF321A?suspended=0x30000", ["erase-suspended"]],
  ["SST26VF032B?suspended=0x30000", ["erase-suspended"]],
  ["SST26VF032B?suspended=0x30000:program", ["program-suspended"]],
  // Their 05h has one byte, which comes again, with protection bits in the place of the others.
  ["AT25DF041A", []],
  ["AT26DF081A", []],
  ["AT25DF041B", []],
])("%s", (port, states) => {
  it(`is found ${states.join(", ") || "as after power-up"}`, async () => {
    const { simulation, open } = await chip(port);
    const device = await simulation.run(() => open());
    expect(kinds(device)).toEqual(states);
    expect(simulation.chip.peekRegisters().suspended).toBeUndefined();
    expect(simulation.violations).toEqual([]);
  });
});

/** Protection bits in the place of the error bits of S25FL-S, on chips that become ready while they are asked. */
it.each(["", "&busyReads=00", "&busyReads=id"])("busy and protected is no error that stays%s", async (reads) => {
  for (let tenths = 2; tenths < effort(20, 80); tenths++) {
    const { simulation, open } = await chip(`W25Q64JV?sr1=100&busyMs=${tenths / 10}${reads}`);
    const device = await simulation.run(() => open());
    expect(kinds(device)).not.toContain("error-flag");
    expect(simulation.violations).toEqual([]);
  }
});

it("busy with all bits of the status set, where no other register can be read meanwhile", async () => {
  const { simulation, open } = await chip("MX25L3205A?sr1=252&busyMs=300&busyReads=id");
  const device = await simulation.run(() => open());
  expect(kinds(device)).toEqual(["busy"]);
  expect(simulation.clock.nowUs()).toBeGreaterThan(300_000);
});

it("locks of single blocks that are found are opened, also on a part of which no source has them", async () => {
  const { simulation, open } = await chip("W25Q128FV?wps=1");
  await simulation.run(async () => {
    const device = await open({ chip: "W25Q128FV" });
    const work = writeImage(device, memoryImage("image", [IMAGE]), WRITE, { clock: simulation.clock });
    await expect(work).rejects.toMatchObject({ code: "EROFS" });
  });
  expect(simulation.violations).toEqual([]);
});

describe("what is said and refused", () => {
  it("says that it waits, after two seconds, and gives up in the end", async () => {
    const long = await chip("W25Q64JV?busyMs=10000");
    await long.simulation.run(async () => {
      await (await long.open()).close();
    });
    expect(long.notes).toEqual(["the chip is busy; waiting up to 240 s"]);
    const endless = await chip("W25Q64JV?busyMs=900000");
    await endless.simulation.run(async () => {
      await expect(endless.open({ busyLimitMs: 5000 })).rejects.toMatchObject({
        code: "EBUSY",
        message: "the chip is still busy after 5 s: its status reads 0x03",
      });
    });
  });

  it("a chip in a QPI that one data line cannot leave does not respond", async () => {
    const { simulation, open } = await chip("MX25L25635F?qpi=on");
    await simulation.run(async () => {
      const refused = open();
      await expect(refused).rejects.toMatchObject({ code: "CHIP_MISSING" });
      await expect(refused).rejects.toThrow(/no chip responds/);
    });
  });

  it("names locks of single blocks and leaves them", async () => {
    const { simulation, open } = await chip("W25Q128JV?wps=1");
    const device = await simulation.run(() => open());
    expect(device.states).toEqual([
      {
        kind: "block-locks",
        text: "each block has a lock of its own (WPS = 1), which replaces the block protection bits",
        remains: true,
      },
    ]);
  });
});

describe("by seed", () => {
  const NAMES = ["W25Q64JV", "W25Q64FV", "W25Q256JV", "MX25L12833F", "MX25L3205D", "N25Q128A"];
  const MORE = [
    "MT25QL256A",
    "S25FL064L",
    "S25FL128L",
    "S25FL128S",
    "IS25LP064",
    "IS25LP256",
    "GD25Q128",
    "AT25SF161B",
  ];
  const STATES = [
    ["mode4", "on"],
    ["earBank", "1"],
    ["suspended", "0x30000"],
    ["suspended", "0x30000:program"],
    ["busyMs", "700"],
    ["busyReads", "00"],
    ["busyReads", "id"],
    ["qpi", "on"],
    ["continuous", "bb"],
    ["continuous", "eb"],
    ["asleep", "on"],
    ["stickyError", "on"],
    ["bridge", "pico-serprog"],
  ] as const;

  /** A part and up to four states that it can have at once. */
  function drawn(seed: number): string {
    const random = createRandom(seed).branch("states");
    const name = random.pick([...NAMES, ...MORE]);
    const settings = new Map<string, string>();
    for (let count = random.intBelow(5); count > 0; count--) {
      const [key, value] = random.pick(STATES);
      try {
        parseSimParameters(name, new Map([...settings, [key, value]]));
        settings.set(key, value);
      } catch (error) {
        if (!(error instanceof NorbridgeError) || error.code !== "USAGE") throw error;
      }
    }
    return `${name}?${new URLSearchParams([...settings]).toString()}`;
  }

  it("whatever a chip is found in, only the image changes, and status registers are as they were", async () => {
    const before = createRandom("content").bytes(CONTENT_BYTES);
    for (let seed = 0; seed < effort(12, 120); seed++) {
      const port = drawn(seed);
      const { simulation, open } = await chip(port, before);
      await simulation.run(async () => {
        // Its way out of QPI takes more than one data line.
        if (port.startsWith("IS25") && port.includes("qpi=on")) {
          await expect(open()).rejects.toMatchObject({ code: "CHIP_MISSING" });
          return;
        }
        const device = await open();
        const found = await device.services!.protection.read();
        await writeImage(device, memoryImage("image", [IMAGE]), WRITE, { clock: simulation.clock });
        const { registers } = await device.services!.protection.read();
        expect(registers, `seed ${seed}: ${port}`).toEqual(found.registers);
        await device.close();
      });
      if (simulation.chip.counters.programs === 0) continue;
      expect(strayBytes(simulation, before), `seed ${seed}: ${port}`).toEqual([]);
      expect(simulation.violations, `seed ${seed}: ${port}`).toEqual([]);
    }
  }, 600_000);
});
