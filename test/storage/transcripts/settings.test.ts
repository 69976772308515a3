/**
 * A settings area on flash in every state: what it is treated as, and what is done to it. The page is written by the test
 * (NORBRIDGE_WRITE_TRANSCRIPTS=1) and read by people; golden data of the original and power cuts are tested in ../settings.
 */
import { CircularBuffer } from "../../../src/storage/circular-buffer/circular-buffer.ts";
import { SETTINGS_MAGIC, SettingsStore, type SettingsOptions } from "../../../src/storage/settings/settings-store.ts";
import { settingsProgressStore } from "../../../src/storage/stream-flash/settings-progress-store.ts";
import { RecordingRegion, transcript, Transcript } from "../support/transcript.ts";

/** Sectors of 64 bytes: eight of header, and four lines of eleven bytes with lengths and check bytes. */
const FCB = { sectorBytes: 64, magic: SETTINGS_MAGIC, version: 1, alignBytes: 1, scratchSectors: 0, hasCrc: true };

/** Flash with lines, sector by sector, as FCB entries; numbers of sectors begin at `first`. */
async function flashOf(sectors: readonly (readonly string[])[], first = 0, count = 4): Promise<RecordingRegion> {
  const region = new RecordingRegion({ eraseBytes: 64, lengthBytes: 64 * count });
  const log = await CircularBuffer.mount(region, FCB);
  for (let skipped = 0; skipped < first; skipped++) await log.rotate();
  for (const [index, lines] of sectors.entries()) {
    if (index > 0) await log.appendToScratch();
    for (const line of lines) await log.append(Buffer.from(line, "latin1"));
  }
  region.takeTurns();
  region.resetCounts();
  return region;
}

const page = new Transcript();

async function mounted(title: string, region: RecordingRegion, options: SettingsOptions = {}): Promise<SettingsStore> {
  page.part(title, region);
  const store = await page.call("mount", async () => {
    const opened = await SettingsStore.mount(region, options);
    return opened;
  });
  if (store === undefined) throw new Error(`${title}: was not mounted`);
  await lookAt(store);
  return store;
}

const text = (bytes: Uint8Array | undefined): string =>
  bytes === undefined ? "nothing" : Buffer.from(bytes).toString("latin1");

async function lookAt(store: SettingsStore): Promise<void> {
  await page.call("values", () =>
    store.names().map((name) => {
      const doubt = store.isUnconfirmed(name) ? ` (in doubt, before ${text(store.getConfirmed(name))})` : "";
      return `${name}=${text(store.get(name))}${doubt}`;
    }),
  );
  await page.call("blank?", () => store.isBlank);
  await page.call("damage", () => store.damage);
  await page.call("foreign sectors", () => store.foreignSectors());
}

const set = (store: SettingsStore, name: string, value: string): Promise<boolean | undefined> =>
  page.call(`set ${name}=${value}`, () => store.set(name, Buffer.from(value)));

transcript("settings", "is taken for what it is, and saved to as it should be", async () => {
  let store = await mounted("blank", await flashOf([]));
  await page.call("get a", () => text(store.get("a")));
  await page.call("confirmed a", () => text(store.getConfirmed("a")));
  await page.call("in doubt?", () => store.isUnconfirmed("a"));
  await set(store, "a/b", "1");
  await set(store, "a/b", "1");
  await set(store, "a/b", "12");
  await page.call("delete", () => store.delete("a/b"));
  await page.call("delete again", () => store.delete("a/b"));
  await page.call("delete what never was", () => store.delete("z"));
  await lookAt(store);

  store = await mounted("written round and round", await flashOf([]));
  for (let number = 0; number < 26; number++) await set(store, `n${number % 3}`, `value${number}`);
  await lookAt(store);

  store = await mounted("too much to keep", await flashOf([]), { scratchSectors: 1 });
  for (let number = 0; number < 14; number++) await set(store, `name${number}`, "123456");
  await lookAt(store);
  await set(store, "name1", "");
  await set(store, "other", "12");
  store = await mounted("a line that does not fit", await flashOf([]));
  await set(store, "name", "x".repeat(60));
  await set(store, "name", "x".repeat(49));
  await set(store, "name", "x".repeat(50));

  store = await mounted(
    "deleted lines are not copied",
    await flashOf([["a=1", "b=", "c=3", "a="], ["d=4"], ["e=5", "f=6", "g=7", "h=88888888888888888888888"]]),
  );
  await set(store, "i", "9999999999999");
  await set(store, "k", "00000000000000000000000000000000000");
  await lookAt(store);
  store = await mounted("write blocks of 4", await flashOf([]), { alignBytes: 4 });
  await set(store, "abcde", "0123456789");
  await set(store, "abcde", "");
  await lookAt(store);

  // A compression that was cut: the ring is full, and the newest sector holds copies and nothing else.
  const three = [["a=1", "b=2", "c=3"], ["d=4", "a=5"], ["e=6"]];
  store = await mounted("a compression was cut: one copy", await flashOf([...three, ["b=2"]]));
  await set(store, "x", "1");
  await lookAt(store);
  store = await mounted("a compression was cut: no copy yet", await flashOf([...three, []]));
  await set(store, "x", "1");
  store = await mounted("the newest holds something else", await flashOf([...three, ["b=3"]]));
  await set(store, "x", "1");
  store = await mounted("the newest holds a new name", await flashOf([...three, ["b=2", "y=1"]]));
  await set(store, "x", "1");
  const torn = await flashOf([...three, ["b=2", "c=3"]]);
  torn.cells[192 + 8 + 2] = 0;
  store = await mounted("the newest holds a copy that is wrong", torn);
  await set(store, "x", "1");
  await lookAt(store);
  const written = await flashOf([...three, ["b=2", "y=1", "z=1"]]);
  written.cells[192 + 8 + 10 + 2] = 0;
  store = await mounted("the newest holds a copy, a new name, and a line that is wrong", written);
  await set(store, "x", "1");
  const elsewhere = await flashOf([...three, ["b=2", "y=1"]]);
  elsewhere.cells[64 + 8 + 2] = 0;
  store = await mounted("the newest holds a new name, and another sector a line that is wrong", elsewhere);
  await set(store, "x", "1");
  store = await mounted("full, with no room in the newest", await flashOf([...three, ["b=3", `y=${"1".repeat(42)}`]]));
  await set(store, "x", "12");
  store = await mounted("full with two sectors", await flashOf([["a=1"], ["a=1"]], 0, 2));
  await set(store, "b", "2");
  store = await mounted("a single sector of two", await flashOf([["a=1"]], 1, 2));
  await set(store, "b", "2");

  // Lines that are none, names of bytes, lines in doubt.
  store = await mounted(
    "no equals sign, no name, bytes",
    await flashOf([["nothing", "=1", "\xff\xfe=2", "a\x01=3", "", "n=4", "n="]]),
  );
  await set(store, "\u00ff\u00fe", "7");
  // Twelve bytes whose check byte is ff.
  const doubtful = doubtfulLine("n=");
  const strange = doubtfulLine("\x02=");
  const mixed = doubtfulLine("a\x02=");
  const longer = doubtfulLine("name=");
  store = await mounted("a line in doubt", await flashOf([["n=old", doubtful]]));
  await set(store, "n", "new");
  await lookAt(store);
  store = await mounted("a line in doubt, with a name of no program", await flashOf([["n=old", strange]]));
  store = await mounted("a line in doubt, with a name in part of no program", await flashOf([["n=old", mixed]]));
  store = await mounted("a line in doubt, with a longer name", await flashOf([["n=old", longer]]));
  const half = await flashOf([["a=11", "b=22", "a=33"], ["c=4"]]);
  half.cells[8 + 3] = 0;
  half.cells[15 + 3] = 0;
  store = await mounted("most of the oldest is wrong", half);

  // Progress of a stream.
  const region = await flashOf([], 0, 8);
  store = await mounted("progress", region, { sectorBytes: 128 });
  const image = { lengthBytes: 0x12345678, sha256: "0123456789abcdef".repeat(4) };
  for (const bytes of [4, 8] as const) {
    const progress = settingsProgressStore(store, "p", bytes);
    await page.call(`load, ${bytes} bytes`, async () => (await progress.load()) ?? "none");
    await page.call("save", () => progress.save({ bytesWritten: 0x01020304 }));
    await page.call("load", async () => (await progress.load()) ?? "none");
    await page.call("save with image", () => progress.save({ bytesWritten: 0x0a0b0c0d0e, image }));
    await page.call("load", async () => (await progress.load()) ?? "none");
    await page.call("clear", () => progress.clear());
    await page.call("load", async () => (await progress.load()) ?? "none");
    await page.call("clear again", () => progress.clear());
  }
  const progress = settingsProgressStore(store, "p", 4);
  await set(store, "p", "123");
  await page.call("load three bytes", () => progress.load());
  await set(store, "p", "1234");
  await set(store, "p/image", "1234");
  await page.call("load, with an image that is none", () => progress.load());
  await page.call("clear", () => progress.clear());
  await page.call("save an image with too long a hash", () =>
    progress.save({ bytesWritten: 1, image: { lengthBytes: 1, sha256: `${image.sha256}ff` } }),
  );
  await page.call("load", () => progress.load());

  return page;
});

/** `start` and more, so that the check byte of the entry reads erased. */
function doubtfulLine(start: string): string {
  for (let number = 0; ; number++) {
    const line = `${start}${number}`;
    if (crc8Of([line.length, ...Buffer.from(line, "latin1")]) === 0xff) return line;
  }
}

function crc8Of(bytes: readonly number[]): number {
  let crc = 0xff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x80) === 0 ? crc << 1 : ((crc << 1) ^ 0x07) & 0xff;
  }
  return crc;
}
