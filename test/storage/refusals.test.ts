/** What storage refuses, at the last value that is taken and the first that is not, and what it says of it. */
import { describe, expect, it } from "vitest";
import { CircularBuffer, type CircularBufferOptions } from "../../src/storage/circular-buffer/circular-buffer.ts";
import { FlashSafe } from "../../src/storage/flash-safe/flash-safe.ts";
import { updateSafe } from "../../src/storage/flash-safe/update-safe.ts";
import { LogFs, type LogFsOptions } from "../../src/storage/log-fs/log-fs.ts";
import { copiedPieces, decodeLine, encodeLine, nameText, savedPieces } from "../../src/storage/settings/line.ts";
import { SettingsStore } from "../../src/storage/settings/settings-store.ts";
import { decodeProgress, encodeProgress } from "../../src/storage/stream-flash/progress-text.ts";
import { StreamFlash, type StreamFlashOptions } from "../../src/storage/stream-flash/stream-flash.ts";
import { NorRegion } from "./support/nor-region.ts";

/** "ok", or code and message. */
async function outcome(act: Promise<unknown>): Promise<string> {
  try {
    await act;
    return "ok";
  } catch (error) {
    const { code, message } = error as { readonly code?: string; readonly message: string };
    return `${code}: ${message}`;
  }
}

const region = (blocks = 4, erasedByte = 0xff): NorRegion =>
  new NorRegion({ eraseBytes: 1024, lengthBytes: blocks * 1024, erasedByte });

describe("FCB", () => {
  const OPTIONS = { sectorBytes: 1024, magic: 5, version: 1, alignBytes: 1, scratchSectors: 0, hasCrc: true };
  const mounted = (options: Partial<CircularBufferOptions>, on = region()): Promise<string> =>
    outcome(CircularBuffer.mount(on, { ...OPTIONS, ...options }));

  it("sectors are erase blocks, and fill the region", async () => {
    const size = "is not a multiple of the erase block of 1 KiB";
    expect([await mounted({ sectorBytes: 1024 }), await mounted({ sectorBytes: 2048 })]).toEqual(["ok", "ok"]);
    expect(await mounted({ sectorBytes: 512 })).toBe(`EINVAL: a sector of 512 bytes ${size}`);
    expect(await mounted({ sectorBytes: 1536 })).toBe(`EINVAL: a sector of 1536 bytes ${size}`);
    expect(await mounted({ sectorBytes: 0 })).toBe(`EINVAL: a sector of 0 bytes ${size}`);
    expect(await mounted({ sectorBytes: 3072 })).toBe(
      "EINVAL: the region of 4 KiB is not a whole number of sectors of 3 KiB",
    );
  });

  it("write blocks are those of a device, and fill a sector; something is left beside scratch", async () => {
    for (const alignBytes of [1, 2, 4, 8, 16, 32]) expect(await mounted({ alignBytes })).toBe("ok");
    for (const alignBytes of [0, -1, 3, 64]) {
      expect(await mounted({ alignBytes })).toBe(`EINVAL: an alignment of ${alignBytes} does not fit sectors of 1 KiB`);
    }
    const odd = new NorRegion({ eraseBytes: 1000, lengthBytes: 4000 });
    expect(await mounted({ sectorBytes: 1000, alignBytes: 8 }, odd)).toBe("ok");
    expect(await mounted({ sectorBytes: 1000, alignBytes: 16 }, odd)).toBe(
      "EINVAL: an alignment of 16 does not fit sectors of 1000 bytes",
    );
    expect([await mounted({ scratchSectors: 3 }), await mounted({ scratchSectors: 4 })]).toEqual([
      "ok",
      "EINVAL: 4 scratch sectors leave no sector for data: there are 4",
    ]);
  });

  it("entries end where the format does", async () => {
    expect(await mounted({ maxEntryBytes: 0x7ffe })).toBe("ok");
    expect(await mounted({ maxEntryBytes: 0 })).toBe("ok");
    expect(await mounted({ maxEntryBytes: 0x7fff })).toBe(
      "EINVAL: entries of up to 32767 bytes: the format allows 32766",
    );
    expect(await mounted({ maxEntryBytes: -1 })).toBe("EINVAL: entries of up to -1 bytes: the format allows 32766");
    const log = await CircularBuffer.mount(region(), { ...OPTIONS, maxEntryBytes: 30 });
    expect(await outcome(log.append(new Uint8Array(30)))).toBe("ok");
    expect(await outcome(log.append(new Uint8Array(31)))).toBe("EINVAL: an entry of 31 bytes: at most 30 are allowed");
  });

  it("a magic of erased flash is read and never written", async () => {
    const log = await CircularBuffer.mount(region(), { ...OPTIONS, magic: 0xffffffff });
    await expect(log.append(Uint8Array.of(1))).rejects.toMatchObject({
      code: "EINVAL",
      message: "the magic 0xffffffff looks like erased flash: devices find only sector 0",
      hint: "This log can only be read.",
    });
  });

  it("other sectors, and another version", async () => {
    const other = region();
    const log = await CircularBuffer.mount(other, { ...OPTIONS, magic: 0xabcdef01 });
    for (let entry = 0; entry < 9; entry++) await log.append(new Uint8Array(200).fill(entry));
    expect(await mounted({}, other)).toBe(
      "LAYOUT_MISMATCH: no sector starts with the magic 0x00000005: at 0x000000 it is 0xabcdef01, and 2 of 4 sectors hold other data",
    );
    expect(await mounted({ magic: 0xabcdef01, version: 0x0e }, other)).toBe(
      "LAYOUT_MISMATCH: the sectors have version 1, not 14 (at 0x000000)",
    );
  });
});

describe("px_log_fs", () => {
  const OPTIONS: LogFsOptions = { pageBytes: 256, blockPages: 4, recordBytes: 20, whenFull: "stop", format: 2 };
  const mounted = (options: Partial<LogFsOptions>, on = region()): Promise<string> =>
    outcome(LogFs.mount(on, { ...OPTIONS, ...options }));

  it("blocks are erase blocks, two at least, and fill the region", async () => {
    expect([
      await mounted({}),
      await mounted({ blockPages: 8 }),
      await mounted({ pageBytes: 512, blockPages: 2 }),
    ]).toEqual([...["ok", "ok", "ok"]]);
    const size = "is not a multiple of the erase block of 1 KiB";
    expect(await mounted({ blockPages: 2 })).toBe(`EINVAL: a block of 2 pages of 256 bytes ${size}`);
    expect(await mounted({ blockPages: 0 })).toBe(`EINVAL: a block of 0 pages of 256 bytes ${size}`);
    expect(await mounted({ blockPages: 6 })).toBe(`EINVAL: a block of 6 pages of 256 bytes ${size}`);
    const whole = "is not 2 or more whole blocks of";
    expect(await mounted({ blockPages: 16 })).toBe(`EINVAL: the region of 4 KiB ${whole} 4 KiB`);
    expect(await mounted({ blockPages: 12 })).toBe(`EINVAL: the region of 4 KiB ${whole} 3 KiB`);
    expect(await mounted({}, region(4, 0))).toBe("EINVAL: px_log_fs needs flash that erases to ff");
  });

  it("pages are numbered by 16 bits, without the last", async () => {
    const many = (pages: number): Promise<string> =>
      mounted(
        { pageBytes: 32, blockPages: 1, recordBytes: 4 },
        new NorRegion({ eraseBytes: 32, lengthBytes: pages * 32 }),
      );
    expect(await many(0xffff)).toBe("ok");
    expect(await many(0x10000)).toBe("EINVAL: 65536 pages: px_log_fs supports at most 65535");
  });

  it("a record fits a page, with marker and check byte", async () => {
    expect([await mounted({ recordBytes: 1 }), await mounted({ recordBytes: 250 })]).toEqual(["ok", "ok"]);
    for (const recordBytes of [0, -1, 1.5, 251, 1000]) {
      expect(await mounted({ recordBytes })).toBe(
        `EINVAL: records of ${recordBytes} bytes do not fit a page of 256 bytes`,
      );
    }
    const log = await LogFs.mount(region(), OPTIONS);
    expect(await outcome(log.append(new Uint8Array(20)))).toBe("ok");
    expect(await outcome(log.append(new Uint8Array(21)))).toBe(
      "EINVAL: a record of 21 bytes: this log has records of 20",
    );
  });

  it("other pages: more than a cut can leave, and no valid one", async () => {
    const foreign = (pages: number): NorRegion => {
      const other = region();
      for (let page = 0; page < pages; page++) other.cells.fill(0x31, (page + 3) * 256, (page + 3) * 256 + 8);
      return other;
    };
    expect([await mounted({}, foreign(1)), await mounted({}, foreign(4))]).toEqual(["ok", "ok"]);
    const other = foreign(5);
    expect(await mounted({}, other)).toBe(
      "LAYOUT_MISMATCH: no page has a valid header of px_log_fs format 2; 5 of 16 pages hold other data",
    );
    await expect(LogFs.mount(other, OPTIONS)).rejects.toMatchObject({ range: { address: 3 * 256, lengthBytes: 4 } });
    const log = await LogFs.mount(region(), OPTIONS);
    expect(await outcome(log.append(Uint8Array.of(1)))).toBe("ok");
  });

  it("what is not there in format 1 is said, and a log that is to stop stops", async () => {
    const old = await LogFs.mount(region(), { ...OPTIONS, format: 1 });
    const { offset } = await old.append(Uint8Array.of(1));
    expect(offset).toBe(4);
    const log = await LogFs.mount(region(2), { ...OPTIONS, recordBytes: 250 });
    for (let page = 0; page < 8; page++) expect(await outcome(log.append(Uint8Array.of(page)))).toBe("ok");
    expect(await outcome(log.append(Uint8Array.of(9)))).toBe(
      "ENOSPC: append: the log is full and must not overwrite records",
    );
  });
});

describe("safe", () => {
  const formatted = (blockBytes: number, bufferBytes: number, on = region()): Promise<string> =>
    outcome(FlashSafe.format(on, { blockBytes, bufferBytes }));

  it("blocks are erase blocks, two at least; a buffer is a fraction of one, at most a third", async () => {
    expect([await formatted(1024, 256), await formatted(2048, 512), await formatted(1024, 64)]).toEqual([
      "ok",
      "ok",
      "ok",
    ]);
    expect(await formatted(512, 64)).toBe("EINVAL: a block of 512 bytes is not a multiple of the erase block of 1 KiB");
    expect(await formatted(0, 64)).toBe("EINVAL: a block of 0 bytes is not a multiple of the erase block of 1 KiB");
    expect(await formatted(4096, 256)).toBe("EINVAL: the region of 4 KiB is not 2 or more whole blocks of 4 KiB");
    expect(await formatted(3072, 256)).toBe("EINVAL: the region of 4 KiB is not 2 or more whole blocks of 3 KiB");
    const fraction = (bufferBytes: number): string =>
      `EINVAL: a buffer of ${bufferBytes} bytes does not fit blocks of 1 KiB: a block must hold a whole number of buffers, 3 or more`;
    expect([
      await formatted(1024, 512),
      await formatted(1024, 300),
      await formatted(1024, 16),
      await formatted(1024, 8),
    ]).toEqual([512, 300, 16, 8].map((bufferBytes) => fraction(bufferBytes)));
    expect(await formatted(1024, 256, region(4, 0))).toBe("EINVAL: a safe needs flash that erases to ff");
  });

  it("a buffer has room for a header, whole words, and not too many of it in a block", async () => {
    const odd = new NorRegion({ eraseBytes: 1000, lengthBytes: 3000 });
    expect([await formatted(1000, 40, odd), await formatted(1000, 200, odd)]).toEqual(["ok", "ok"]);
    expect(await formatted(1000, 50, odd)).toMatch(/^EINVAL: a buffer of 50 bytes does not fit blocks of/);
    const words = new NorRegion({ eraseBytes: 96, lengthBytes: 192 });
    expect(await formatted(96, 32, words)).toBe("ok");
    const long = new NorRegion({ eraseBytes: 65_536, lengthBytes: 2 ** 22 });
    expect(await formatted(2 ** 21, 32, long)).toMatch(/^EINVAL: a buffer of 32 bytes does not fit blocks of 2 MiB/);
    expect(await formatted(2 ** 21, 64, long)).toBe("ok");
  });

  it("of other sizes than it was made with is not opened", async () => {
    const on = region();
    const safe = await FlashSafe.format(on, { blockBytes: 1024, bufferBytes: 256 });
    await updateSafe(safe, new Map([[1, Uint8Array.of(1)]]));
    expect(await outcome(FlashSafe.mount(on, { blockBytes: 1024, bufferBytes: 128 }))).toMatch(
      /^LAYOUT_MISMATCH: this safe has blocks of 1 KiB and a buffer of 256 bytes, not 1 KiB and 128 bytes \(at 0x/,
    );
    expect(await outcome(FlashSafe.mount(on, { blockBytes: 1024, bufferBytes: 256 }))).toBe("ok");
  });

  it("transactions: one at a time, each key once, keys that there are, and no more than fits", async () => {
    const safe = await FlashSafe.format(region(), { blockBytes: 1024, bufferBytes: 256 });
    const transaction = await safe.open();
    expect(await outcome(safe.open())).toBe("EINVAL: a transaction is already open: commit or abandon it first");
    expect(await outcome(transaction.write(7, Uint8Array.of(1)))).toBe("ok");
    expect(await outcome(transaction.write(7, Uint8Array.of(1)))).toBe(
      "EINVAL: key 7 is already written in this transaction",
    );
    expect(await outcome(transaction.write(-1, Uint8Array.of(1)))).toMatch(/^EINVAL: -1 is not a key: use 0 to \d+$/);
    expect(await outcome(transaction.write(1.5, Uint8Array.of(1)))).toMatch(/^EINVAL: 1\.5 is not a key/);
    expect(await outcome(transaction.write(8, new Uint8Array(2000)))).toMatch(
      /^ENOSPC: item 8 needs .*, but a block has only .* left$/,
    );
    expect(await outcome(transaction.commit())).toBe("ok");
    expect(await outcome(transaction.write(9, Uint8Array.of(1)))).toBe("EINVAL: the transaction is no longer open");
    expect(safe.keys()).toEqual([7]);
  });

  it("changes are one commit, and none where all is as asked for", async () => {
    const on = region();
    const safe = await FlashSafe.format(on, { blockBytes: 1024, bufferBytes: 256 });
    const change = (...changes: [number, number[] | undefined][]): Promise<number> =>
      updateSafe(safe, new Map(changes.map(([key, data]) => [key, data && Uint8Array.from(data)])));
    expect(await change([1, [1]], [2, [2, 2]])).toBe(2);
    on.resetCounts();
    expect(await change([1, [1]], [3, undefined])).toBe(0);
    expect(on.changes).toEqual([]);
    expect(await change([1, [9]], [2, [2, 2]])).toBe(1);
    expect([...(safe.read(1) ?? [])]).toEqual([9]);
    expect([...(safe.read(2) ?? [])]).toEqual([2, 2]);
    expect(await change([2, undefined])).toBe(1);
    expect(safe.keys()).toEqual([1]);
    expect(await change([1, []])).toBe(1);
    expect([...(safe.read(1) ?? [9])]).toEqual([]);
    // One that does not fit leaves the last commit in force, and the safe usable.
    await expect(change([4, Array.from({ length: 2000 }, () => 0)])).rejects.toMatchObject({ code: "ENOSPC" });
    expect(safe.keys()).toEqual([1]);
    expect(await change([4, [4]])).toBe(1);
  });
});

describe("stream", () => {
  const OPTIONS: StreamFlashOptions = { offset: 0, sizeBytes: 4096, bufferBytes: 64 };
  const begun = (options: Partial<StreamFlashOptions>): Promise<string> =>
    outcome(Promise.resolve().then(() => StreamFlash.init(region(), { ...OPTIONS, ...options })));

  it("lies within the region, on write blocks, with buffers within a page", async () => {
    const lies = "ERANGE: the stream does not fit the region of 4 KiB";
    const results: [Partial<StreamFlashOptions>, string][] = [
      [{}, "ok"],
      [{ offset: 1024, sizeBytes: 3072 }, "ok"],
      [{ offset: -1 }, "EINVAL: offset -1 is not a whole number of bytes"],
      [{ offset: 4096, sizeBytes: 0 }, lies],
      [{ offset: 4095, sizeBytes: 1 }, "ok"],
      [{ offset: 4095, sizeBytes: 2 }, lies],
      [{ sizeBytes: 4097 }, lies],
      [{ writeBlockBytes: 0 }, "EINVAL: a write block of 0 bytes does not fit pages of 1 KiB"],
      [{ writeBlockBytes: 3 }, "EINVAL: a write block of 3 bytes does not fit pages of 1 KiB"],
      [{ writeBlockBytes: 8 }, "ok"],
      [{ pageBytes: 512 }, "EINVAL: pages of 512 bytes are not made of whole erase blocks of 1 KiB"],
      [{ pageBytes: 2048 }, "ok"],
      [{ pageBytes: 3072 }, "EINVAL: pages of 3 KiB are not made of whole erase blocks of 1 KiB"],
      [{ pageBytes: 0 }, "EINVAL: pages of 0 bytes are not made of whole erase blocks of 1 KiB"],
      [{ bufferBytes: 0 }, "EINVAL: a buffer of 0 bytes is not a multiple of the write block of 1"],
      [
        { bufferBytes: 60, writeBlockBytes: 8 },
        "EINVAL: a buffer of 60 bytes is not a multiple of the write block of 8",
      ],
      [{ bufferBytes: 1024 }, "ok"],
      [{ bufferBytes: 1025 }, "EINVAL: a buffer of 1025 bytes is larger than a page of 1 KiB"],
      [
        { offset: 4, sizeBytes: 96, writeBlockBytes: 8 },
        "EINVAL: the start at 4 is not a multiple of the write block of 8",
      ],
      [{ offset: 8, sizeBytes: 96, writeBlockBytes: 8 }, "ok"],
      [
        { offset: 8, sizeBytes: 100, writeBlockBytes: 8 },
        "EINVAL: a size of 100 bytes is not a multiple of the write block of 8",
      ],
    ];
    for (const [options, expected] of results) expect(await begun(options), JSON.stringify(options)).toBe(expected);
  });

  it("has room for what it was given, and says how much that is", async () => {
    const stream = StreamFlash.init(region(), { ...OPTIONS, sizeBytes: 100 });
    await stream.write(new Uint8Array(90));
    await expect(stream.write(new Uint8Array(11))).rejects.toMatchObject({
      ...{ code: "ENOSPC", hint: "Use a larger region." },
      message: "the stream holds at most 100 bytes; with this data it has 101 bytes",
    });
    expect(await outcome(stream.write(new Uint8Array(10)))).toBe("ok");
    expect(await outcome(stream.erasePage(100))).toBe("ERANGE: offset 100 is outside the stream");
    expect(await outcome(stream.erasePage(-1))).toBe("ERANGE: offset -1 is outside the stream");
    // The page in progress is erased already; one that is full of data is another matter.
    expect(await outcome(stream.erasePage(5))).toBe("ok");
    const long = StreamFlash.init(region(), OPTIONS);
    await long.write(new Uint8Array(1500));
    expect(await outcome(long.erasePage(5))).toBe("EINVAL: the page holds data of this stream and was not erased");
    expect(await outcome(long.erasePage(1024))).toBe("ok");
    expect(await outcome(long.erasePage(3000))).toBe("ok");
  });

  const image = { lengthBytes: 7, sha256: "0123456789abcdef".repeat(4) };

  it("progress as text comes back, and whatever it is not is said", () => {
    for (const progress of [{ bytesWritten: 0 }, { bytesWritten: 2 ** 40, image }]) {
      expect(decodeProgress(encodeProgress(progress), "x")).toEqual(progress);
    }
    const text = encodeProgress({ bytesWritten: 5, image });
    const reason = (changed: string): string => {
      try {
        decodeProgress(changed, "a\u001bb");
        return "ok";
      } catch (error) {
        const { code, message, hint } = error as {
          readonly code: string;
          readonly message: string;
          readonly hint: string;
        };
        expect([code, hint]).toEqual(["FILE_INVALID", "Specify another file, or start again."]);
        expect(message).toMatch(/^a\S+b cannot be used: /);
        expect(message).not.toContain("\u001b");
        return message.replace(/^.* cannot be used: /, "");
      }
    };
    const none = "it is not the progress of a stream";
    expect([reason("{"), reason("null"), reason("7"), reason("{}")]).toEqual(["it is not JSON", none, none, none]);
    expect(reason(text.replace("norbridge stream progress", "norbridge"))).toBe(none);
    expect(reason(text.replace('"version": 1', '"version": 2'))).toBe(none);
    expect(reason(text.replace('"bytesWritten": 5', '"bytesWritten": -5'))).toBe(
      "bytesWritten is not a number of bytes",
    );
    expect(reason(text.replace('"bytesWritten": 5', '"bytesWritten": 0.5'))).toBe(
      "bytesWritten is not a number of bytes",
    );
    expect(reason(text.replace('"bytesWritten": 5', '"bytesWritten": "5"'))).toBe(
      "bytesWritten is not a number of bytes",
    );
    expect(reason(text.replace('"lengthBytes": 7', '"lengthBytes": null'))).toBe(
      "image.lengthBytes is not a number of bytes",
    );
    expect(reason(text.replace("cdef0123", "CDEF0123"))).toBe("image.sha256 is not a SHA-256 hash");
    expect(reason(text.replace(image.sha256, `${image.sha256}0`))).toBe("image.sha256 is not a SHA-256 hash");
    expect(reason(text.replace(image.sha256, `0${image.sha256}`))).toBe("image.sha256 is not a SHA-256 hash");
    expect(reason(text.replace(`"${image.sha256}"`, "5"))).toBe("image.sha256 is not a SHA-256 hash");
    expect(reason(JSON.stringify({ kind: "norbridge stream progress", version: 1, bytesWritten: 1, image: 3 }))).toBe(
      none,
    );
  });
});

describe("settings", () => {
  it("need a sector to copy into, and names that can be told from values", async () => {
    const options = { sectorBytes: 1024, alignBytes: 1 };
    await expect(SettingsStore.mount(region(), { ...options, scratchSectors: 0 })).rejects.toMatchObject({
      ...{ code: "EINVAL", message: "settings need a scratch sector for compression" },
    });
    const store = await SettingsStore.mount(region(), options);
    expect(await outcome(store.set("", Uint8Array.of(1)))).toBe("EINVAL: a setting needs a name");
    expect(await outcome(store.set("a=b", Uint8Array.of(1)))).toBe(
      'EINVAL: the name of a setting must not contain "="',
    );
    expect(await outcome(store.set("a/b", Uint8Array.of(1)))).toBe("ok");
  });

  it("lines: name, equals sign, value, all as they are", () => {
    const line = (text: string): unknown => {
      const decoded = decodeLine(Buffer.from(text));
      return decoded && [nameText(decoded.name), Buffer.from(decoded.value).toString()];
    };
    expect([line("a/b=c=d"), line("=x"), line("a="), line("a"), line("")]).toEqual([
      ...[
        ["a/b", "c=d"],
        ["", "x"],
        ["a", ""],
      ],
      undefined,
      undefined,
    ]);
    const name = Buffer.from("0123456789");
    const value = Buffer.from("abcdefghijklmnopqrstuvwxyz");
    expect(Buffer.from(encodeLine({ name, value })).toString()).toBe("0123456789=abcdefghijklmnopqrstuvwxyz");
    const texts = (pieces: readonly Uint8Array[]): string[] =>
      pieces.map((piece) => Buffer.from(piece).toString().replaceAll("\0", "."));
    expect(texts(savedPieces({ name, value }, 1))).toEqual(["0123456789", "=abcdefghijklmno", "pqrstuvwxyz"]);
    expect(texts(savedPieces({ name, value }, 4))).toEqual(["01234567", "89=abcdefghijklm", "nopqrstuvwxyz..."]);
    expect(texts(savedPieces({ name, value }, 32))).toEqual([
      "",
      "0123456789=abcdefghijklmnopqrstu",
      `vwxyz${".".repeat(27)}`,
    ]);
    expect(texts(copiedPieces({ name, value }, 4))).toEqual(["0123456789=abcde", "fghijklmnopqrstu", "vwxyz..."]);
    const full = { name: Buffer.from("0123456789"), value: Buffer.from("abcde") };
    expect(texts(copiedPieces(full, 1))).toEqual(["0123456789=abcde"]);
  });

  it("names that are no UTF-8 are shown byte by byte, and a byte order mark is a part of them", () => {
    expect(nameText(Uint8Array.of(0xc3, 0xa4))).toBe("\u00e4");
    expect(nameText(Uint8Array.of(0xc3, 0x28))).toBe("\u00c3(");
    expect(nameText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe("\ufeffa");
  });
});

it("what is returned and passed in are copies: changing them changes nothing", async () => {
  const data = Uint8Array.of(1, 2, 3);
  const spoil = (bytes: Uint8Array | undefined): void => {
    bytes?.fill(0x77);
  };
  const safe = await FlashSafe.format(region(), { blockBytes: 1024, bufferBytes: 256 });
  const transaction = await safe.open();
  const mine = data.slice();
  await transaction.write(1, mine);
  spoil(mine);
  await transaction.commit();
  spoil(safe.read(1));
  expect(safe.read(1)).toEqual(data);

  const settings = await SettingsStore.mount(region());
  const value = data.slice();
  await settings.set("a", value);
  spoil(value);
  spoil(settings.get("a"));
  spoil(settings.getConfirmed("a"));
  expect([settings.get("a"), settings.getConfirmed("a")]).toEqual([data, data]);

  const fcb = { sectorBytes: 1024, magic: 5, version: 1, alignBytes: 1, scratchSectors: 0, hasCrc: true };
  const px: LogFsOptions = { pageBytes: 256, blockPages: 4, recordBytes: 3, whenFull: "stop", format: 2 };
  for (const open of [(on: NorRegion) => CircularBuffer.mount(on, fcb), (on: NorRegion) => LogFs.mount(on, px)]) {
    const on = region();
    await (await open(on)).append(data);
    const log = await open(on);
    for (let round = 0; round < 2; round++) {
      for await (const item of log.records()) {
        if (item.kind !== "record") continue;
        expect(item.data).toEqual(data);
        spoil(item.data);
      }
    }
  }
});
