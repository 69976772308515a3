/** Opcodes that are no erase: no known part lists one, and no description can bring one to a chip. */
import { expect, it } from "vitest";
import { listedParts } from "../../drivers/catalog/all-parts.ts";
import { descriptorByName } from "../../drivers/catalog/catalog.ts";
import { parseChipFile } from "../../drivers/chip-file.ts";
import { otherUseOf } from "../../drivers/erase-opcodes.ts";
import { watchIrreversible } from "../../drivers/irreversible.ts";

const OPCODES = Array.from({ length: 256 }, (_, opcode) => opcode);

it("no part that can be operated by name has such an erase", () => {
  const wrong = listedParts().flatMap(({ name, descriptor }) =>
    descriptor?.family !== "at25"
      ? []
      : descriptor.eraseCommands
          .filter(({ opcode }) => otherUseOf(opcode) !== undefined)
          .map(({ opcode }) => `${name} ${opcode}`),
  );
  expect(wrong).toEqual([]);
});

it("a chip file with one is refused, with what the command does", () => {
  const opcodes = OPCODES.filter((opcode) => otherUseOf(opcode) !== undefined);
  expect(opcodes.length).toBeGreaterThan(30);
  for (const opcode of opcodes) {
    const text = `0x${opcode.toString(16).padStart(2, "0")}`;
    const times = { typicalMs: 60, maximumMs: 400 };
    const file = {
      ...{ name: "XY", jedecId: "a14013", capacityBytes: 524_288, program: times },
      ...{ erase: [{ opcode: "0x20", sizeBytes: 4096, ...times }], chipErase: { opcode: text, ...times } },
    };
    const parsed = parseChipFile(JSON.stringify(file));
    const reason = `chipErase.opcode: ${text} is not an erase command: it ${otherUseOf(opcode)}`;
    expect(parsed).toEqual({ ok: false, reason });
  }
});

it("every command that the last gate holds back on all parts is one of them", () => {
  const part = descriptorByName("AT25DF321A")!;
  const watch = watchIrreversible(part);
  watch.begin();
  const held = OPCODES.filter(
    (opcode) =>
      watch.judge({ kind: "transfer", send: Uint8Array.of(opcode, 0, 0, 0), receiveBytes: 0 }) !== undefined &&
      // B1h writes a setting on some parts; none of them calls it an erase.
      opcode !== 0xb1,
  );
  expect(held.length).toBeGreaterThan(5);
  expect(held.filter((opcode) => otherUseOf(opcode) === undefined)).toEqual([]);
});
