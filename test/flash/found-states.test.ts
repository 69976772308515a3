/**
 * Chips as they are found: each is opened in the state that somebody has left, written and verified; the cells outside stay as they
 * were, and no command was sent that the chip ignores.
 */
import { describe, expect, it } from "vitest";
import { openBridge } from "../../src/bridge/open-bridge.ts";
import { memoryImage } from "../../src/files/image-source.ts";
import type { ChipStateKind } from "../../src/flash/leave-states.ts";
import { openFlash, type OpenedFlash, type OpenFlashOptions } from "../../src/flash/open-flash.ts";
import { writeImage } from "../../src/jobs/write/write-image.ts";
import { createRandom } from "../../src/sim/random.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { openSimulation } from "../../src/sim/sim-port.ts";
import type { Simulation } from "../../src/sim/simulation.ts";

const WRITE = { offset: 0, verify: true, assumeBlank: false, retries: 0 };
const IMAGE = { address: 0x1234, data: createRandom("image").bytes(3000) };
const CONTENT_BYTES = 256 * 1024;

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
