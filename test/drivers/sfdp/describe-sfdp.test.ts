/** All fields of all areas read from real chips, and what is refused. */
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { describeBasicTable } from "../../../drivers/sfdp/basic-table-facts.ts";
import { describeSfdp } from "../../../drivers/sfdp/describe-sfdp.ts";
import { effort } from "../../support/effort.ts";
import { SFDP_DUMPS, sfdpBytes } from "./sfdp-dumps.ts";

interface Expected {
  readonly dumps: Record<string, { readonly scope: string; readonly expect: Record<string, unknown> }>;
}
const file = new URL("../../golden/sfdp/sfdp-dumps.json", import.meta.url);
const { dumps } = JSON.parse(readFileSync(file, "utf8")) as Expected;
const full = SFDP_DUMPS.filter(([, { scope }]) => scope === "full").map(([name]) => name);
const tablesOnly = SFDP_DUMPS.filter(([, { scope }]) => scope === "bfpt-only").map(([name]) => name);

function reasonFor(area: Uint8Array): string | undefined {
  const facts = describeSfdp(area);
  return facts.ok ? undefined : facts.reason;
}

/** A copy with other bytes. */
function changed(area: Uint8Array, at: number, ...bytes: number[]): Uint8Array {
  const copy = area.slice();
  copy.set(bytes, at);
  return copy;
}

describe("the areas of real chips", () => {
  it.each(full)("%s: every field", (name) => {
    const facts = describeSfdp(sfdpBytes(name));
    expect(facts).toEqual({ ok: true, value: dumps[name]!.expect });
  });

  it.each(tablesOnly)("%s: every field of the table alone", (name) => {
    const bytes = sfdpBytes(name);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const dwords = Array.from({ length: bytes.length / 4 }, (_, index) => view.getUint32(4 * index, true));
    const { bfpt } = dumps[name]!.expect as { bfpt: { rev?: string } };
    const facts = describeBasicTable(dwords, bfpt.rev ?? "");
    expect(facts).toEqual({ ok: true, value: bfpt.rev === undefined ? { ...bfpt, rev: "" } : bfpt });
  });

  it.each(full)("%s cut at every length: facts or a reason, nothing else", (name) => {
    const area = sfdpBytes(name);
    for (let length = 0; length < area.length; length++) {
      const facts = describeSfdp(area.subarray(0, length));
      if (facts.ok) expect(facts.value.bfpt.sizeBytes).toBeGreaterThan(0);
      else expect(facts.reason.length).toBeGreaterThan(10);
    }
  });
});

describe("what is refused", () => {
  const area = sfdpBytes("w25q128jv");
  const pointer = area[12]! | (area[13]! << 8);

  it.each<[string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(0), /SFDP signature is missing/],
    ["all FF", new Uint8Array(256).fill(0xff), /SFDP signature is missing/],
    ["all 00", new Uint8Array(256), /SFDP signature is missing/],
    ["a flipped signature", changed(area, 0, 0x52), /SFDP signature is missing/],
    ["a revision that is not known", changed(area, 5, 2), /revision 2\.\d+ is not supported/],
    ["256 headers", changed(area, 6, 255), /declares 256 parameter headers but ends in header/],
    ["a pointer beyond the end", changed(area, 12, 0xf0, 0xff), /ends at byte/],
    ["a table of no dwords", changed(area, 11, 0), /has 0 dwords/],
    ["a density of nothing", changed(area, pointer + 4, 0, 0, 0, 0), /density/],
    ["a density that is no power of two", changed(area, pointer + 4, 0xfe, 0xff, 0x3f, 0), /density/],
  ])("%s", (_, bytes, reason) => {
    expect(reasonFor(bytes)).toMatch(reason);
  });

  it("a sector map that does not add up to the chip, ends too soon, or never ends", () => {
    const sst = sfdpBytes("sst26vf064b");
    const at = 0x10;
    expect(sst[at]! | (sst[at + 7]! << 8)).toBe(0xff81);
    const map = sst[at + 4]! | (sst[at + 5]! << 8);
    expect(reasonFor(changed(sst, map + 5, 0x7e))).toMatch(/covers \d+ bytes of a chip of 8388608/);
    expect(reasonFor(changed(sst, at + 3, 3))).toMatch(/ends within a descriptor/);
    expect(reasonFor(changed(sst, map, sst[map]! & 0xfe))).toMatch(/no last descriptor/);
  });

  it("whatever is done to an area: facts or a reason", () => {
    const areas = full.map((name) => sfdpBytes(name));
    fc.assert(
      fc.property(fc.nat(), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }), (which, changes) => {
        const bytes = areas[which % areas.length]!.slice();
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const facts = describeSfdp(bytes);
        if (facts.ok) {
          expect(facts.value.bfpt.sizeBytes).toBeGreaterThan(0);
          for (const { sizeBytes } of facts.value.bfpt.eraseTypes) expect(sizeBytes).toBeGreaterThan(1);
        } else {
          expect(facts.reason).not.toBe("");
        }
      }),
      { numRuns: effort(500, 20_000) },
    );
  });
});
