/** `norbridge chips`: the catalogue for people and for programs. */
import { describe, expect, it } from "vitest";
import { CATALOG } from "../../drivers/catalog/catalog.ts";
import { simulatedChipNames } from "../../src/sim/chip/chip-catalog.ts";
import { runQuickly as runCli } from "../support/cli.ts";

describe("norbridge chips", { timeout: 60_000 }, () => {
  it("lists every part of the catalogue once", async () => {
    const { code, stdout } = await runCli(["chips"]);
    expect(code).toBe(0);
    const [head, ...rows] = stdout.trimEnd().split("\n");
    expect(head).toMatch(/^name +vendor +ID +size +page$/);
    expect(rows.slice(0, -1).map((row) => row.split(" ")[0])).toEqual(CATALOG.map(({ name }) => name));
  });

  it("gives programs the same, with who shares an ID and what can be simulated", async () => {
    const { stdout } = await runCli(["chips", "--json"]);
    const { chips } = JSON.parse(stdout) as { chips: { name: string; sharedWith: string[]; isSimulated: boolean }[] };
    expect(chips.map(({ name }) => name)).toEqual(CATALOG.map(({ name }) => name));
    expect(chips.find(({ name }) => name === "AT25SF041")).toMatchObject({
      sharedWith: ["AT25SF041B"],
      isSimulated: true,
    });
    expect(chips.filter(({ isSimulated }) => isSimulated).map(({ name }) => name)).toEqual(
      expect.arrayContaining([...simulatedChipNames()]),
    );
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
