/** The jobs that change nothing: read, verify, diff, blank check. */
import { describe, expect, it } from "vitest";
import { crc32 } from "../../firmware-protocol/crc.ts";
import { memoryImage } from "../../src/files/image-source.ts";
import { blankCheck } from "../../src/jobs/blank-check.ts";
import { diffImage } from "../../src/jobs/diff-image.ts";
import type { JobContext } from "../../src/jobs/job-event.ts";
import { readFlash } from "../../src/jobs/read-flash.ts";
import { verifyImage } from "../../src/jobs/verify-image.ts";
import { HALF_MEGABYTE, noise, NorDouble, TOY } from "./support/nor-double.ts";

const contextOf = (device: NorDouble): JobContext => ({ clock: device.clock });

describe("readFlash", () => {
  it("answers bytes in order, their CRC and count", async () => {
    const bytes = noise(524_288, 1);
    const device = new NorDouble(HALF_MEGABYTE, { bytes, depth: 64 });
    const pieces: { readonly address: number; readonly data: Uint8Array }[] = [];
    const range = { address: 100, lengthBytes: 300_000 };
    const report = await readFlash(
      device,
      range,
      (address, data) => void pieces.push({ address, data }),
      contextOf(device),
    );
    const wanted = bytes.subarray(100, 300_100);
    expect(report).toEqual({ readBytes: 300_000, crc32: crc32(wanted), durationUs: 0 });
    expect(Buffer.compare(Buffer.concat(pieces.map(({ data }) => data)), wanted)).toBe(0);
    expect(pieces.slice(0, 2).map(({ address }) => address)).toEqual([100, 4096]);
    expect([device.runs, device.log.length]).toEqual([1, 74]);
  });

  it("an empty range is no read", async () => {
    const device = new NorDouble(TOY);
    const report = await readFlash(device, { address: 5, lengthBytes: 0 }, () => undefined, contextOf(device));
    expect(report).toEqual({ readBytes: 0, crc32: 0, durationUs: 0 });
  });

  it("asks no more than 64 KiB ahead of a slow sink", async () => {
    const device = new NorDouble(HALF_MEGABYTE, { depth: 1000 });
    let taken = 0;
    const sink = async (): Promise<void> => {
      for (let i = 0; i < 500; i++) await Promise.resolve();
      taken++;
      expect(device.log.length - taken).toBeLessThanOrEqual(17);
    };
    await readFlash(device, { address: 0, lengthBytes: 524_288 }, sink, contextOf(device));
    expect(taken).toBe(128);
  });

  it("ends when the sink throws, and when the range is outside", async () => {
    const device = new NorDouble(HALF_MEGABYTE);
    const range = { address: 0, lengthBytes: 524_288 };
    const sink = (): never => {
      throw new RangeError("disk full");
    };
    await expect(readFlash(device, range, sink, contextOf(device))).rejects.toThrow("disk full");
    expect(device.log.length).toBeLessThan(40);
    const outside = readFlash(device, { address: 1, lengthBytes: 524_288 }, () => undefined, contextOf(device));
    await expect(outside).rejects.toMatchObject({ code: "ERANGE" });
  });

  it.each([
    ["abort", "ECANCELED"],
    ["cut", "BRIDGE_RESET"],
    ["timeout", "EBUSY"],
  ] as const)("%s becomes %s", async (fault, code) => {
    const device = new NorDouble(HALF_MEGABYTE);
    const abort = new AbortController();
    device.abort = () => abort.abort();
    device.faultAt = (index) => (index === 20 ? fault : undefined);
    const context = { ...contextOf(device), signal: abort.signal };
    const job = readFlash(device, { address: 0, lengthBytes: 524_288 }, () => undefined, context);
    await expect(job).rejects.toMatchObject({ code });
  });
});

describe("verifyImage", () => {
  const bytes = noise(128, 1);

  it.each([
    ["equal", [], []],
    ["one byte", [9], [{ address: 8, lengthBytes: 8 }]],
    [
      "neighbours are joined",
      [9, 16, 40],
      [
        { address: 8, lengthBytes: 16 },
        { address: 40, lengthBytes: 8 },
      ],
    ],
    ["only within the image", [0, 3], [{ address: 3, lengthBytes: 5 }]],
    ["outside of the image", [2, 120], []],
  ])("%s", async (_, changed, differing) => {
    const chip = bytes.slice();
    for (const address of changed) chip[address]! ^= 0x10;
    const device = new NorDouble(TOY, { bytes: chip });
    const image = memoryImage("image", [{ address: 1, data: bytes.subarray(3, 100) }]);
    const report = await verifyImage(device, image, { offset: 2 }, contextOf(device));
    expect(report).toEqual({ equal: differing.length === 0, comparedBytes: 97, differing });
    expect(device.log.every((line) => line.startsWith("digest"))).toBe(true);
  });
});

describe("diffImage", () => {
  it("yields runs of differing bytes, and reads only where a digest differs", async () => {
    const chip = noise(524_288, 1);
    const file = chip.slice(0x1000, 0x9000);
    file[0x10]! ^= 1;
    file[0x11]! ^= 2;
    file[0x13]! ^= 4;
    file[0x7fff]! ^= 8;
    const device = new NorDouble(HALF_MEGABYTE, { bytes: chip });
    const found = [];
    const image = memoryImage("image", [{ address: 0, data: file }]);
    for await (const difference of diffImage(device, image, { offset: 0x1000 }, contextOf(device)))
      found.push(difference);
    const at = (address: number, lengthBytes: number): unknown => ({
      address,
      lengthBytes,
      chip: chip.slice(address, address + lengthBytes),
      file: file.slice(address - 0x1000, address - 0x1000 + lengthBytes),
    });
    expect(found).toEqual([at(0x1010, 2), at(0x1013, 1), at(0x8fff, 1)]);
    expect([device.runs, device.count("digest"), device.count("read")]).toEqual([1, 8, 2]);
  });

  it("may be left in the middle", async () => {
    const device = new NorDouble(HALF_MEGABYTE);
    const image = memoryImage("image", [{ address: 0, data: noise(524_288, 1) }]);
    for await (const difference of diffImage(device, image, { offset: 0 }, contextOf(device))) {
      expect(difference.address).toBe(0);
      break;
    }
    expect(device.count("read")).toBeLessThan(20);
  });

  it("ends with the signal", async () => {
    const device = new NorDouble(HALF_MEGABYTE);
    const abort = new AbortController();
    const image = memoryImage("image", [{ address: 0, data: noise(524_288, 1) }]);
    const context = { ...contextOf(device), signal: abort.signal };
    const all = async (): Promise<void> => {
      for await (const difference of diffImage(device, image, { offset: 0 }, context)) {
        if (difference.address > 5000) abort.abort();
      }
    };
    await expect(all()).rejects.toMatchObject({ code: "ECANCELED" });
  });
});

describe("blankCheck", () => {
  it.each([
    ["blank", [], []],
    ["a zero bit", [17], [{ address: 16, lengthBytes: 8 }]],
    ["joined and clipped", [4, 8, 16], [{ address: 3, lengthBytes: 21 }]],
    ["outside", [2, 101], []],
  ])("%s", async (_, written, notBlank) => {
    const device = new NorDouble(TOY);
    for (const address of written) device.bytes[address] = 0xfe;
    const report = await blankCheck(device, { address: 3, lengthBytes: 98 }, contextOf(device));
    expect(report).toEqual({ blank: notBlank.length === 0, notBlank });
  });
});
