/** The pass hands every block to every sniffer once, in order; what is found twice stands once; unsteady blocks hide nothing. */
import { describe, expect, it } from "vitest";
import { NorbridgeError } from "../../../src/errors.ts";
import type { RegionOp, RegionResult } from "../../../src/flash/flash-region.ts";
import { recogniseRegions, withoutOverlaps } from "../../../src/storage/recognise/pass.ts";
import type { RegionFinding, Sniffer } from "../../../src/storage/recognise/region-finding.ts";
import type { Stream } from "../../../src/stream.ts";
import { NorRegion } from "../support/nor-region.ts";

/** Notes the blocks it sees, and finds what it is told to. */
class Recorder implements Sniffer {
  readonly seen: [number, number, number][] = [];
  readonly findings: readonly RegionFinding[];

  constructor(findings: readonly RegionFinding[] = []) {
    this.findings = findings;
  }

  look(offset: number, block: Uint8Array): void {
    this.seen.push([offset, block.length, block[0] ?? -1]);
  }

  conclude(): Promise<readonly RegionFinding[]> {
    return Promise.resolve(this.findings);
  }
}

/** A block of this flash is never read the same twice: the chip refuses it. */
class UnsteadyRegion extends NorRegion {
  override async *run(ops: Stream<RegionOp>): AsyncGenerator<RegionResult> {
    for await (const op of ops) {
      const lengthBytes = op.kind === "program" ? op.data.length : op.lengthBytes;
      if (op.offset < 12_288 && op.offset + lengthBytes > 8192) {
        throw new NorbridgeError("EIO", "two reads differ", { operation: "read" });
      }
      yield* super.run([op]);
    }
  }
}

const finding = (
  layout: RegionFinding["layout"],
  offset: number,
  more: Partial<RegionFinding> = {},
): RegionFinding => ({
  layout,
  offset,
  lengthBytes: 4096,
  certainty: "certain",
  why: "",
  facts: {},
  ...more,
});

describe("a pass", () => {
  it("shows all blocks, the last one shorter, to all sniffers", async () => {
    const cells = new Uint8Array(32 * 4096 + 1024).map((_, index) => Math.floor(index / 4096));
    const region = new NorRegion({ eraseBytes: 1024, cells });
    const [a, b] = [new Recorder([finding("nvs", 8192)]), new Recorder([finding("fcb", 0)])];
    expect((await recogniseRegions(region, [a, b])).map(({ layout }) => layout)).toEqual(["fcb", "nvs"]);
    expect(a.seen).toEqual([...Array(32).keys()].map((n) => [n * 4096, 4096, n]).concat([[32 * 4096, 1024, 32]]));
    expect(b.seen).toEqual(a.seen);
    expect(region.bytesRead).toBe(cells.length);
    expect(region.changes).toEqual([]);
  });

  it("shows a block that cannot be read twice the same as zeros, and all others as they are", async () => {
    const region = new UnsteadyRegion({ eraseBytes: 4096, cells: new Uint8Array(48 * 4096).fill(7) });
    const recorder = new Recorder();
    await recogniseRegions(region, [recorder]);
    expect(recorder.seen).toEqual([...Array(48).keys()].map((n) => [n * 4096, 4096, n === 2 ? 0 : 7]));
  });
});

describe("findings that overlap", () => {
  const kept = (...findings: RegionFinding[]): string[] =>
    withoutOverlaps(findings).map(({ layout, offset }) => `${layout}@${offset}`);

  it("certain over possible, whatever the proofs", () => {
    expect(kept(finding("fcb", 0, { certainty: "possible", proofs: 900 }), finding("nvs", 0))).toEqual(["nvs@0"]);
  });

  it("more proofs over fewer, then the longer one", () => {
    expect(kept(finding("fcb", 0, { proofs: 3 }), finding("fcb2", 0, { proofs: 4 }))).toEqual(["fcb2@0"]);
    expect(kept(finding("fcb", 0), finding("fcb2", 0, { lengthBytes: 8192 }))).toEqual(["fcb2@0"]);
  });

  it("what lies within a certain one is its content, however well proved", () => {
    const outer = finding("littlefs", 0, { lengthBytes: 16_384 });
    const inner = finding("mcuboot-image", 4096, { proofs: 5000 });
    expect(kept(inner, outer)).toEqual(["littlefs@0"]);
    expect(kept(inner, { ...outer, certainty: "likely" })).toEqual(["mcuboot-image@4096"]);
    expect(kept({ ...inner, lengthBytes: 16_384 }, outer)).toEqual(["mcuboot-image@4096"]);
  });

  it("neighbours both stand, in order of place", () => {
    expect(kept(finding("nvs", 4096), finding("fcb", 0))).toEqual(["fcb@0", "nvs@4096"]);
  });
});
