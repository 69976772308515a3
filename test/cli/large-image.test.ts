/** A file that does not fit is refused for its length: it is not read first, which takes as long as the file is. */
import { mkdtempSync, mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { realClock } from "../../src/clock.ts";
import { imageSha256 } from "../../src/files/image-hash.ts";
import type { ImageSource } from "../../src/files/image-source.ts";
import { encodeLine, type JobRecord } from "../../src/journal/journal-line.ts";
import { runHere } from "../support/cli.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-large-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const file = join(folder, "large.bin");
const GIB = 2 ** 30;

it.each([3, 1000])("%i GiB", async (gib) => {
  writeFileSync(file, "");
  truncateSync(file, gib * GIB);
  const port = ["-p", "sim:AT25SF041"];
  for (const words of [
    ["write", file],
    ["stream", file],
    ["stream", file, "--range", "0,64k"],
  ]) {
    const done = await runHere([...words, ...port]);
    expect(done.code, done.stderr).toBe(words[0] === "stream" && gib === 3 ? 8 : 9);
  }
  const job: JobRecord = {
    ...{ v: 1, command: "write", address: 0, lengthBytes: 100, beside: [], keepsOld: false, connection: [] },
    image: { file, base: 0, sha256: "0".repeat(64) },
    chip: { name: "AT25SF041", jedecId: "1f8401", uniqueId: "" },
    process: { pid: 0x7ffffff0, started: "1" },
  };
  const journals = join(folder, "j");
  mkdirSync(journals, { recursive: true });
  writeFileSync(join(journals, "1.journal"), encodeLine({ kind: "job", job }));
  const resumed = await runHere(["resume", "--journal", journals, ...port]);
  expect(resumed.code, resumed.stderr).toBe(9);
});

it("the wait for the hash of one that fits ends when it is cancelled", async () => {
  const abort = new AbortController();
  let reads = 0;
  const image: ImageSource = {
    ...{ name: "large", format: "bin", segments: [{ address: 0, lengthBytes: 4 * GIB }], totalBytes: 4 * GIB },
    read: ({ lengthBytes }) => {
      // As Ctrl-C does it: the event loop has to get a turn for that.
      if (++reads === 1) setImmediate(() => abort.abort());
      return Promise.resolve(new Uint8Array(lengthBytes));
    },
    close: () => Promise.resolve(),
  };
  const hash = imageSha256(image, { clock: realClock, signal: abort.signal });
  await expect(hash).rejects.toMatchObject({ code: "ECANCELED" });
  expect(reads).toBeLessThan(200);
});
