/** Images and states that MCUboot's own code made, also in the middle of a swap: each is recognised as its manifest says. */
import { describe, expect, it } from "vitest";
import { mcubootSniffer } from "../../../src/storage/mcuboot/recognise.ts";
import { recogniseRegions } from "../../../src/storage/recognise/pass.ts";
import type { RegionFinding } from "../../../src/storage/recognise/region-finding.ts";
import { effort, sayCount } from "../../support/effort.ts";
import { NorRegion } from "../support/nor-region.ts";
import { packedGolden, type PackedCase, sha256 } from "../support/packed-golden.ts";

interface Slot {
  readonly trailer: {
    readonly magic: "good" | "unset" | "bad";
    readonly swapType: string;
    readonly imageNum: number;
    readonly copyDone: string;
    readonly imageOk: string;
    readonly swapSize?: number;
  };
  readonly image?: {
    readonly headerBytes: number;
    readonly imageBytes: number;
    readonly flags: number;
    readonly loadAddr: number;
    readonly version: string;
    readonly totalBytes?: number;
    readonly hashRight?: boolean;
    readonly tlvError?: string;
  } | null;
}

interface McubootCase extends PackedCase {
  readonly mode: string;
  readonly maxAlign: number;
  readonly isCut?: boolean;
  readonly areas: readonly { readonly name: string; readonly offset: number; readonly bytes: number }[];
  readonly slots: Readonly<Record<string, Slot>>;
}

const golden = packedGolden<McubootCase>("mcuboot");
const sample = golden.cases.filter(({ isCut }, index) => index % effort(isCut === true ? 9 : 3, 1) === 0);

function found(cells: Uint8Array, eraseBytes = 4096): Promise<readonly RegionFinding[]> {
  return recogniseRegions(new NorRegion({ eraseBytes, cells }), [mcubootSniffer({ ...SHAPE, eraseBytes })]);
}
const SHAPE = { lengthBytes: 0, programBytes: 1, erasedByte: 0xff };

/** What a slot of the manifest has to be found as. */
function wanted(slot: Slot, maxAlign: number, start: number, end: number): readonly object[] {
  const { trailer, image } = slot;
  const list: object[] = [];
  if (image !== null && image !== undefined) {
    const isEncrypted = (image.flags & 0x0c) !== 0;
    const certainty = image.tlvError !== undefined ? "possible" : image.hashRight === true ? "certain" : "likely";
    const facts = {
      version: image.version,
      headerBytes: image.headerBytes,
      imageBytes: image.imageBytes,
      ...(image.tlvError === undefined && (image.hashRight === true || !isEncrypted)
        ? { isHashValid: image.hashRight }
        : {}),
      ...(isEncrypted ? { isEncrypted } : {}),
      ...((image.flags & 0x10) === 0 ? {} : { isBootable: false }),
      ...((image.flags & 0x120) === 0 ? {} : { loadAddress: image.loadAddr }),
    };
    const size = image.totalBytes === undefined ? {} : { lengthBytes: image.totalBytes };
    list.push({ layout: "mcuboot-image", offset: start, ...size, certainty, facts });
  }
  if (trailer.magic === "good") {
    const { swapType, imageOk, copyDone, imageNum } = trailer;
    const facts = { swapType, imageOk, copyDone, imageNumber: imageNum, maxAlignBytes: maxAlign };
    list.push({ layout: "mcuboot-trailer", certainty: "certain", facts, end });
  }
  return list;
}

describe("states of MCUboot", () => {
  it.each(sample.map((one) => [one.name, one] as const))("%s", async (name, one) => {
    const cells = golden.image(name);
    expect(sha256(cells)).toBe(one.sha256);
    const findings = await found(cells);
    const places = new Set<number>();
    for (const { name: area, offset, bytes } of one.areas) {
      const slot = one.slots[area];
      if (slot === undefined) continue;
      for (const want of wanted(slot, one.maxAlign, offset, offset + bytes)) {
        const { end, ...fields } = want as { end?: number };
        const match = findings.find((each) => {
          return end === undefined
            ? each.layout === "mcuboot-image" && each.offset === offset
            : each.layout === "mcuboot-trailer" && each.offset + each.lengthBytes === end;
        });
        expect(match, JSON.stringify(want)).toMatchObject(fields);
        if (match !== undefined) places.add(match.offset);
      }
    }
    // Images also stand elsewhere: shifted by a sector, and half copied.
    const others = findings.filter(({ offset }) => !places.has(offset));
    expect(others.filter(({ layout }) => layout === "mcuboot-trailer")).toEqual([]);
    if (one.isCut !== true && one.mode !== "offset") {
      // What a swap left in the scratch area.
      const scratch = one.areas.find(({ name: area }) => area === "scratch")?.offset ?? cells.length;
      expect(others.filter(({ offset, certainty }) => offset < scratch || certainty !== "possible")).toEqual([]);
    }
  });

  it("a swap in progress is told from an image that was put there with a magic", async () => {
    let swapping = 0;
    let still = 0;
    for (const one of sample) {
      const primary = one.slots["primary"]?.trailer;
      if (primary?.magic !== "good") continue;
      const { swapType, copyDone, swapSize } = primary;
      const wish = swapType !== "none" && copyDone === "unset" && swapSize !== undefined && swapSize !== 0xffffffff;
      const end = (one.areas[0]?.offset ?? 0) + (one.areas[0]?.bytes ?? 0);
      const findings = await found(golden.image(one.name));
      const trailer = findings.find(({ offset, lengthBytes }) => offset + lengthBytes === end);
      expect(trailer?.facts["isSwapping"], one.name).toBe(wish);
      if (wish) swapping++;
      else still++;
    }
    sayCount(`MCUboot: ${sample.length} states, ${swapping} with a swap in progress, ${still} others with a trailer`);
    expect(Math.min(swapping, still)).toBeGreaterThan(3);
  });
});

describe("an image elsewhere", () => {
  const name = "mcb-imgtool-protected-tlvs";
  const image = golden.image(name).subarray(0, 0x2000);

  it("is found at the borders of any erase block, also of one that is no power of two", async () => {
    for (const eraseBytes of [256, 512, 4096, 264, 2112, 65536]) {
      const place = Math.max(eraseBytes * 5, 0x1000);
      const cells = new Uint8Array(Math.ceil((place + 0x20000) / eraseBytes) * eraseBytes).fill(0xff);
      cells.set(image, Math.ceil(place / eraseBytes) * eraseBytes);
      const findings = await found(cells, eraseBytes);
      const offset = Math.ceil(place / eraseBytes) * eraseBytes;
      expect(findings, String(eraseBytes)).toMatchObject([{ layout: "mcuboot-image", offset, certainty: "certain" }]);
    }
  });

  it("each of many is proved, also those that are not hashed during the pass", async () => {
    const cells = new Uint8Array(0x40000).fill(0xff);
    // The header of an image that would fill the flash, before each of them: its hash stays open to the end.
    const large = golden.image(name).slice(0, 32);
    new DataView(large.buffer).setUint32(12, 0x20000, true);
    for (let place = 0; place < 6 * 0x1000; place += 0x1000) cells.set(large, place);
    for (let place = 0x10000; place < cells.length; place += 0x4000) cells.set(image.subarray(0, 0x2000), place);
    const findings = await found(cells);
    expect(findings.filter(({ certainty }) => certainty === "certain")).toHaveLength(12);
  });

  it("that ends after the region, or that was changed anywhere, is not certain", async () => {
    const total = (await found(image.slice()))[0]?.lengthBytes ?? 0;
    const cut = await found(image.slice(0, 4096));
    expect(cut).toMatchObject([{ offset: 0, lengthBytes: 4096, certainty: "possible" }]);
    expect(cut[0]?.why).toContain("end after the region");
    for (let at = 0; at < total; at += effort(97, 1)) {
      const damaged = image.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      for (const { certainty } of await found(damaged.slice(0, 0x2000)))
        expect(certainty, String(at)).not.toBe("certain");
    }
  });
});
