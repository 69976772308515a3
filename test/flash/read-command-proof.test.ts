/**
 * C48, with the name of another part: a part above 16 MiB without an SFDP area, which only a name or a chip file
 * identifies. A read command that the chip does not have returns FF. An erase or a blank check must not take that for
 * blank cells.
 */
import { describe, expect, it } from "vitest";
import { parseChipFile } from "../../drivers/chip-file.ts";
import { eraseRange } from "../../src/jobs/erase-range.ts";
import type { At25Part } from "../../src/sim/chip/at25/part.ts";
import { siblingPart } from "../../src/sim/chip/at25/sibling-parts.ts";
import { createRandom } from "../../src/sim/random.ts";
import { errorOf } from "../files/support.ts";
import { type StrangeChip, strangeChip } from "./strange-chip.ts";

const MIB = 1024 * 1024;
const CAPACITY_BYTES = 32 * MIB;
const DATA = createRandom("content").bytes(4096);
/** Off the places that are looked at first. */
const LOW = 5 * MIB + 0x30000;
const HIGH = CAPACITY_BYTES - 4096;
const PROTOCOLS = ["native", "serprog"];

function withoutArea(name: string): At25Part {
  return { ...siblingPart(name), sfdp: undefined };
}

function holding(part: At25Part, places: readonly number[], protocol: string): StrangeChip {
  const strange = strangeChip(part, { settings: { protocol, usb: "fs" } });
  for (const place of places) strange.chip.load(place, DATA);
  return strange;
}

/** What the user has copied from the datasheet of its successor. */
const FILE = parseChipFile(
  JSON.stringify({
    ...{ name: "ONE", jedecId: "c22019", capacityBytes: CAPACITY_BYTES, program: { typicalMs: 1, maximumMs: 3 } },
    erase: [{ opcode: "0x21", sizeBytes: 4096, typicalMs: 60, maximumMs: 400 }],
    chipErase: { opcode: "0xc7", typicalMs: 3000, maximumMs: 15000 },
  }),
);
if (!FILE.ok) throw new Error(FILE.reason);

const WAYS = [
  ["its successor's name", { chip: "MX25L25635F" }],
  ["a chip file of its successor", { part: FILE.value }],
] as const;

describe.each(PROTOCOLS)("MX25L25635E, which has no command 0Ch, over %s", (protocol) => {
  it.each(WAYS)("is refused by %s before any change, and the message leads on", async (_, options) => {
    const strange = holding(withoutArea("MX25L25635E"), [LOW], protocol);
    const before = strange.chip.fork();
    const error = await errorOf(() => strange.open(options));
    expect(error.code).toBe("CHIP_UNKNOWN");
    expect(error.message).toMatch(/(MX25L25635F|ONE) has the command 0Ch, and this chip does not read with it$/);
    expect(error.remedies).toEqual(["chip" in options ? "omit-part" : "set-chip-description"]);
    expect(strange.chip.changedSince(before)).toEqual([]);
  });

  it.each(WAYS)(
    "is used by the mode that all parts of its ID have if it is blank below 16 MiB, by %s",
    async (_, options) => {
      const strange = holding(withoutArea("MX25L25635E"), [HIGH], protocol);
      const { simulation, chip } = strange;
      const device = await strange.open(options);
      expect(device.doubts.join()).toContain("nothing on the chip shows that it has the command 0Ch");
      expect(await simulation.run(() => device.read(HIGH, 4096))).toEqual(DATA);
      await simulation.run(() => eraseRange(device, { address: HIGH, lengthBytes: 4096 }));
      await simulation.run(() => device.close());
      expect(chip.peek(HIGH, 4096).every((byte) => byte === 0xff)).toBe(true);
      expect(chip.isInFourByteMode).toBe(false);
    },
  );
});

describe.each(PROTOCOLS)("MX25L25635F over %s", (protocol) => {
  it("has its read, which its content shows; its programs are not shown, so the mode is used", async () => {
    const strange = holding(withoutArea("MX25L25635F"), [0, HIGH], protocol);
    const device = await strange.open({ chip: "MX25L25635F" });
    expect(device.doubts.join()).toContain(
      "nothing on the chip shows that it has the programs and erases with 4 address",
    );
    expect(await strange.simulation.run(() => device.read(HIGH, 4096))).toEqual(DATA);
    expect(strange.rules()).toEqual([]);
  });

  it("costs one round trip more than a chip that says it itself", async () => {
    const trips = async (part: At25Part, chip?: string): Promise<number> => {
      const strange = holding(part, [0], protocol);
      await strange.open({ chip });
      return strange.roundTrips();
    };
    expect(await trips(withoutArea("MX25L25635F"), "MX25L25635F")).toBe((await trips(siblingPart("MT25QL256A"))) + 1);
  });
});
