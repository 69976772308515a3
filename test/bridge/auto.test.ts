/** `auto` finds native and serprog bridges, and says nothing to a modem, a shell or a bridge of the other kind. */
import { describe, expect, it } from "vitest";
import type { Bridge } from "../../src/bridge/bridge.ts";
import { openBridge } from "../../src/bridge/open-bridge.ts";
import { NorbridgeError } from "../../src/errors.ts";
import { createSimulation, type Simulation } from "../../src/sim/simulation.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { worldFromParameters } from "../../src/sim/sim-port.ts";
import { SERPROG_PROFILE_NAMES } from "../../src/sim/serprog/serprog-profile.ts";
import { createVirtualClock } from "../../src/sim/virtual-clock.ts";
import type { ByteDuplex } from "../../src/transport/byte-duplex.ts";

function simulation(settings: Record<string, string>): Simulation {
  return createSimulation(
    worldFromParameters(parseSimParameters("AT25SF041", new Map(Object.entries(settings)))).parts,
  );
}

async function openAuto(sim: Simulation): Promise<{ bridge: Bridge; tookUs: number }> {
  const { clock, duplex } = sim;
  return sim.run(async () => {
    const bridge = await openBridge(duplex, { clock, protocol: "auto", random: () => 0x12345678 });
    return { bridge, tookUs: clock.nowUs() };
  });
}

describe("auto", () => {
  it.each(["small", "large"])("finds a %s native bridge, a moment later than if it was named", async (bridge) => {
    const sim = simulation({ bridge });
    const opened = await openAuto(sim);
    expect(opened.bridge.info.protocol).toBe("native");
    expect(opened.tookUs).toBeLessThan(150_000);
    await sim.run(() => opened.bridge.close());
    expect(sim.violations).toEqual([]);
  });

  it.each(SERPROG_PROFILE_NAMES.filter((name) => name !== "norbridge-sim"))("finds %s", async (bridge) => {
    const sim = simulation({ bridge, ...(bridge === "frser-duino-u2" ? { baud: "115200" } : {}) });
    const opened = await openAuto(sim);
    expect(opened.bridge.info.protocol).toBe("serprog");
    await sim.run(() => opened.bridge.close());
    expect(sim.violations).toEqual([]);
  });

  it("speaks native to a bridge that speaks both", async () => {
    const sim = simulation({ protocol: "both" });
    const opened = await openAuto(sim);
    expect(opened.bridge.info.protocol).toBe("native");
    await sim.run(() => opened.bridge.close());
    expect(sim.violations).toEqual([]);
  });

  it("speaks serprog to a bridge of ours that has only that", async () => {
    const sim = simulation({ protocol: "serprog" });
    const opened = await openAuto(sim);
    expect(opened.bridge.info.protocol).toBe("serprog");
    await sim.run(() => opened.bridge.close());
    // Its name makes it look like one that has both: the native greeting is not a mistake before a session.
    expect(sim.violations).toEqual([]);
  });

  it("names the protocol if a serprog bridge is greeted as a native one", async () => {
    const sim = simulation({ protocol: "serprog" });
    const { clock, duplex } = sim;
    const opening = sim.run(() => openBridge(duplex, { clock, protocol: "native", random: () => 0x12345678 }));
    await expect(opening).rejects.toMatchObject({ code: "BRIDGE_PROTOCOL", remedies: ["set-protocol"] });
    await expect(opening).rejects.toThrow("the bridge responds as a serprog bridge does");
    expect(sim.violations).toEqual([]);
  });

  it.each([{ bridge: "large" }, { bridge: "frser-duino" }])("waits for a board that boots: %j", async (settings) => {
    const sim = simulation({ ...settings, resetAtMs: "0" });
    const opened = await openAuto(sim);
    expect(opened.tookUs).toBeGreaterThan(900_000);
    await sim.run(() => opened.bridge.close());
  });
});

/** A port that answers each write; all that was written is kept. */
function strangerPort(answer: (bytes: Uint8Array) => Uint8Array | undefined): {
  duplex: ByteDuplex;
  written: number[];
} {
  const written: number[] = [];
  const arrived: Uint8Array[] = [];
  let wake: () => void = () => undefined;
  let isOpen = true;
  async function* incoming(): AsyncGenerator<Uint8Array> {
    while (isOpen) {
      const bytes = arrived.shift();
      if (bytes !== undefined) yield bytes;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  const duplex: ByteDuplex = {
    name: "port",
    incoming: incoming(),
    baudRate: 115_200,
    isChecked: false,
    write(bytes) {
      written.push(...bytes);
      const back = answer(bytes);
      if (back !== undefined) arrived.push(back);
      wake();
      return Promise.resolve();
    },
    setBaudRate: () => Promise.resolve(false),
    close() {
      isOpen = false;
      wake();
      return Promise.resolve();
    },
  };
  return { duplex, written };
}

describe("something that is no bridge", () => {
  it.each([
    ["silence", () => undefined, "BRIDGE_SILENT"],
    ["an echo, as of a modem or a shell", (bytes: Uint8Array) => bytes.slice(), "BRIDGE_PROTOCOL"],
    ["a GPS", () => Buffer.from("$GPGGA,123519,4807.038,N\r\n"), "BRIDGE_PROTOCOL"],
  ] as const)("%s: hears SYNCNOP, FF and HELLO, and nothing else", async (_, answer, code) => {
    const clock = createVirtualClock();
    const { duplex, written } = strangerPort(answer);
    await clock.run(async () => {
      const opening = openBridge(duplex, { clock, protocol: "auto", random: () => 0x9e3779b1 });
      await expect(opening).rejects.toBeInstanceOf(NorbridgeError);
      await expect(opening).rejects.toMatchObject({ code });
    });
    // A HELLO has no byte below 20h: no CR, LF or control character but ^P, which completes nothing and runs nothing.
    expect(written.filter((byte) => byte < 0x20 && byte !== 0x10)).toEqual([]);
    expect(clock.nowUs()).toBeLessThan(5_000_000);
  });
});
