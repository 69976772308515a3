/** What the user reads of a chip that cannot be used: the reason, and a hint that leads on. */
import { describe, expect, it } from "vitest";
import { hintText } from "../../src/cli/output/remedy-text.ts";
import { NorbridgeError } from "../../src/errors.ts";
import { openBridge } from "../../src/bridge/open-bridge.ts";
import { openFlash, type OpenFlashOptions } from "../../src/flash/open-flash.ts";
import { createRandom } from "../../src/sim/random.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { openSimulation } from "../../src/sim/sim-port.ts";

/** Code, message and hint as the command line shows it, of a chip that does not open. */
async function refusal(settings: Record<string, string>, options: OpenFlashOptions = {}): Promise<[string, string]> {
  const simulation = await openSimulation(parseSimParameters("W25Q64JV", new Map(Object.entries(settings))));
  const { clock, duplex } = simulation;
  const chance = createRandom("host");
  try {
    await simulation.run(async () =>
      openFlash(await openBridge(duplex, { clock, protocol: "native", random: () => chance.nextUint32() }), options),
    );
  } catch (error) {
    if (error instanceof NorbridgeError) return [`${error.code}: ${error.message}`, hintText(error.advice)];
    throw error;
  }
  throw new Error("it was opened");
}

describe("hints of a chip that cannot be used", () => {
  it.each<[string, string, RegExp, RegExp]>([
    ["C16", "00efaa2100000000", /CHIP_UNKNOWN: .*SPI NAND/, /commands of NOR flash do not work on it/],
    ["C40", "7f9d997f9d99", /CHIP_UNKNOWN: .*PMC/, /Describe it in a chip file.* Use --chip-file\.$/],
    ["C41", "047f2703", /CHIP_UNKNOWN: .*FRAM of Fujitsu/, /use a tool for that device\.$/],
    ["C17", "bf2599bf2599", /CHIP_UNKNOWN: .*one byte per command/, /"pageBytes": 1\. Use --chip-file\.$/],
    ["C18", "f7a00c0000000000", /CHIP_UNKNOWN: .*ef4018 read one bit late/, /SPI mode 0.* Use --spi-clock\.$/],
    ["an ID that no part has", "123456123456", /CHIP_UNKNOWN: .*not in the catalogue/, /Use --chip-file\.$/],
    ["MISO stuck to a pattern", "5a".repeat(16), /CHIP_MISSING: .*all bytes read 5A/, /Something else drives MISO/],
  ])("%s", async (_, otherDevice, message, hint) => {
    const [what, how] = await refusal({ otherDevice });
    expect(what).toMatch(message);
    expect(how).toMatch(hint);
    expect(how).not.toMatch(/--chip\b(?!-file)/);
    // A name that was specified does not change the cause.
    expect(await refusal({ otherDevice }, { chip: "W25Q64JV" })).toEqual(
      what.endsWith("has no SFDP area")
        ? [expect.stringMatching(/has the ID/), "Let norbridge identify the chip. Omit --chip."]
        : [what, how],
    );
  });

  it("C40, C48: a part of the tables has to be named, and is used then", async () => {
    const [what, how] = await refusal({ otherDevice: "7f9d467f9d46" });
    expect(what).toMatch(/CHIP_UNKNOWN: .*its ID does not prove which part it is: pm25lq032/);
    expect(how).toBe("Nothing was changed. Read the marking on the chip and specify the part. Use --chip.");
    expect((await refusal({ otherDevice: "c22019" }))[0]).toMatch(/MX25L25635E, MX25L25635F/);
  });

  it("C17: a part of the tables that programs single bytes needs a chip file", async () => {
    const [what, how] = await refusal({ otherDevice: "bf2541bf2541" }, { chip: "SST25VF016B" });
    expect(what).toMatch(/CHIP_UNKNOWN: .*one byte with each command/);
    expect(how).toMatch(/"pageBytes": 1\. Use --chip-file\.$/);
  });

  it("nothing at all: MISO low has its own causes", async () => {
    expect((await refusal({ missing: "00" }))[1]).toMatch(/^MISO stays low: .*short circuit/);
    expect((await refusal({ missing: "ff" }))[1]).toMatch(/WP# and HOLD#/);
  });

  it("a chip file of another chip, a size that it does not have", async () => {
    const [, hint] = await refusal({}, { sizeBytes: 1024 });
    expect(hint).toBe("Nothing was changed. Specify the size of the chip, or let norbridge find it. Use --size.");
  });
});
