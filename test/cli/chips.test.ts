/** `norbridge chips`: the catalogue for people and for programs. */
import { describe, expect, it } from "vitest";
import { listedParts } from "../../drivers/catalog/all-parts.ts";
import { CATALOG } from "../../drivers/catalog/whole-catalog.ts";
import { simulatedChipNames } from "../../src/sim/chip/chip-catalog.ts";
import { runQuickly as runCli } from "../support/cli.ts";

describe("norbridge chips", { timeout: 60_000 }, () => {
  const names = listedParts().map(({ name }) => name);

  it("lists every part once, those that are described in full first", async () => {
    const { code, stdout } = await runCli(["chips"]);
    expect(code).toBe(0);
    const [head, ...rows] = stdout.trimEnd().split("\n");
    expect(head).toMatch(/^name +vendor +ID +size +page$/);
    expect(rows.slice(0, -1).map((row) => row.split("  ")[0])).toEqual(names);
    expect(names.slice(0, CATALOG.length)).toEqual(CATALOG.map(({ name }) => name));
  });

  it("gives programs the same, with the parts that share an ID and what can be simulated", async () => {
    const { stdout } = await runCli(["chips", "--json"]);
    const { chips, unusable } = JSON.parse(stdout) as {
      chips: { name: string; sharedWith: string[]; isSimulated: boolean }[];
      unusable: { name: string; reason: string }[];
    };
    expect([...chips, ...unusable].map(({ name }) => name).toSorted()).toEqual(names.toSorted());
    expect(chips.find(({ name }) => name === "AT25SF041")).toMatchObject({
      sharedWith: ["AT25SF041B"],
      isSimulated: true,
    });
    expect(chips.filter(({ isSimulated }) => isSimulated).map(({ name }) => name)).toEqual(
      expect.arrayContaining(simulatedChipNames().filter((name) => CATALOG.some((part) => part.name === name))),
    );
    expect(unusable.find(({ name }) => name === "SST25VF016B")?.reason).toContain("one byte");
  });

  it.each([
    ["3205", ["MX25L3205", "MX25L3205A", "MX25L3205D"]],
    ["c22016", ["MX25L3233F", "MX25L3205A"]],
    ["C2 20 16", ["MX25L3233F"]],
    ["macronix", ["MX25L12833F", "MX25L6405D"]],
    ["64MiB", ["W25Q512JV"]],
    ["64 M", ["W25Q512JV"]],
    ["SST25VF016B", ["SST25VF016B"]],
  ])("searches by name, ID, maker and size: %s", async (text, expected) => {
    const { code, stdout } = await runCli(["chips", text]);
    expect(code).toBe(0);
    const found = stdout.split("\n").map((row) => row.split("  ")[0]);
    expect(found).toEqual(expect.arrayContaining(expected));
    expect(stdout).toContain(` of ${names.length} parts.`);
    expect(found.length).toBeLessThan(names.length / 2);
  });

  it("shows a part of the tables with its sources, also by a name that a pattern stands for", async () => {
    const { stdout } = await runCli(["chips", "MX25L3205A"]);
    expect(stdout).toMatch(/erase +64 KiB block/);
    expect(stdout).toContain("flashrom flashchips/*.c");
    expect((await runCli(["chips", "W25Q128BV"])).stdout).toContain(" W25Q128.V\n");
  });

  it("names the other ID of a name that several parts have", async () => {
    expect((await runCli(["chips", "w25q128fv"])).stdout).toContain("another part of this name has the ID ef6018");
  });

  it.each(CATALOG.map(({ name }) => name).filter((_, index) => index % 7 === 0))(
    "%s: all that is known, with its sources, in any case of letters",
    async (name) => {
      const { code, stdout } = await runCli(["chips", name.toLowerCase()]);
      expect(code).toBe(0);
      expect(stdout).toContain(` ${name}\n`);
      for (const line of CATALOG.find((part) => part.name === name)!.sources) {
        // Facts of one source stand in one row.
        const at = line.startsWith("note: ") ? "note".length : line.lastIndexOf(": ");
        expect(stdout).toContain(line.slice(0, at));
        expect(stdout).toContain(line.slice(at + 2));
      }
    },
  );

  it("says both sizes of an AT45", async () => {
    const { stdout } = await runCli(["chips", "AT45DB041E", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ pageBytes: [256, 264], capacityByPageBytes: [524_288, 540_672] });
  });

  it("knows what was meant by a name that it does not have", async () => {
    const { code, stderr } = await runCli(["chips", "AT25SF40"]);
    expect(code).toBe(2);
    expect(stderr).toContain("Did you mean AT25SF041?");
  });
});
