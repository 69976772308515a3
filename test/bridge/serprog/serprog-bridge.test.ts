/** serprog over a simulated line, held to what every bridge keeps to: bridges that exist, and one that has everything. */
import { openBridge } from "../../../src/bridge/open-bridge.ts";
import type { LinkOptions } from "../../../src/sim/link/link-model.ts";
import { SERPROG_PROFILES, type SerprogProfile } from "../../../src/sim/serprog/serprog-profile.ts";
import { bridgeConformance, type BridgeWorld } from "../../conformance/bridge.ts";
import { effort } from "../../support/effort.ts";
import { pacedWorld } from "../../sim/link/paced-world.ts";

const USB: Partial<LinkOptions> = { baudRate: 0, bytesPerSecond: 1e6 };

async function worldWith(
  serprog: SerprogProfile,
  link: Partial<LinkOptions>,
  isUnchecked: boolean,
): Promise<BridgeWorld> {
  const world = pacedWorld({ serprog, link });
  const { clock, duplex } = world;
  const options = { clock, protocol: "serprog", random: () => 1, isChecked: !isUnchecked } as const;
  const bridge = await world.run(() => openBridge(duplex, options));
  // What opening has tried is not the test's.
  const before = world.chip.windows.length;
  return {
    bridge,
    run: (job) => world.run(job),
    wait: (durationUs) => clock.wait(durationUs),
    windows: () => world.chip.windows.slice(before).map(({ sent }) => sent),
    chipIsSelected: () => world.chip.isSelected,
    violations: () => world.model.violations,
  };
}

const profiles = SERPROG_PROFILES;
const stranger: SerprogProfile = { ...profiles["norbridge-sim"], name: "stranger", programmerName: "stranger" };

/** The long ones in part, but in CI. */
const PART = { share: effort(0.025, 1) };
/**
 * What lasts long is the same for every bridge that takes commands in a row, and for every one that does not: one each
 * does all.
 */
const QUARTER = { share: 0.25 };
bridgeConformance("frser-duino at 2 Mbaud", () => worldWith(profiles["frser-duino"], {}, true), PART);
bridgeConformance("picoprog", () => worldWith(profiles.picoprog, USB, false), PART);
// Much the same again, one with commands in a row and one without: in CI.
if (effort(0, 1) > 0) {
  bridgeConformance("pico-serprog", () => worldWith(profiles["pico-serprog"], USB, false), QUARTER);
  bridgeConformance("stm32-vserprog", () => worldWith(profiles["stm32-vserprog"], USB, false), QUARTER);
  bridgeConformance(
    "frser-duino behind an ATmega16U2",
    () => worldWith(profiles["frser-duino-u2"], { baudRate: 115_200 }, true),
    QUARTER,
  );
  bridgeConformance("an unknown bridge", () => worldWith(stranger, USB, true), QUARTER);
}
