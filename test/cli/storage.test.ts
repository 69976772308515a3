/** The commands for logs, settings, safes and streams as a user runs them: child processes, image files, the simulated chip. */
import { createHash } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldenJson, goldenPath } from "../storage/support/golden.ts";
import { type CliResult, ensureBuilt, runQuickly as runCli } from "../support/cli.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-storage-"));
beforeAll(() => {
  ensureBuilt();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

type Line = Record<string, unknown> & { type: string };

function lines({ stdout }: CliResult): Line[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
}

function ofType(result: CliResult, type: string): Line[] {
  return lines(result).filter((line) => line.type === type);
}

let copies = 0;

/** A copy that may be changed. */
function copyOf(name: string): string {
  const path = join(folder, `${copies++}.bin`);
  copyFileSync(goldenPath(name), path);
  return path;
}

function blankFile(bytes: number): string {
  const path = join(folder, `${copies++}.bin`);
  writeFileSync(path, new Uint8Array(bytes).fill(0xff));
  return path;
}

interface FcbCase {
  name: string;
  sectorBytes: number;
  align: number;
  magic: number;
  crc: boolean;
  eraseValue: number;
  expected: {
    initError: string | null;
    walkEndless?: boolean;
    entries?: { sector: number; elemOffset: number; dataHex: string }[];
  } & Record<string, unknown>;
  tolerantEntries: unknown;
}
const STATE = ["oldestSector", "activeSector", "activeElemOffset", "activeId", "freeSectors", "isEmpty"];
const fcbCases = (goldenJson("zephyr-fcb/manifest.json") as FcbCase[]).filter(({ name }) =>
  ["one-entry", "align4", "wrapped", "id-wrap-65535", "erase00", "crc-off", "bad-crc-middle", "cleared"].includes(name),
);

describe.each(fcbCases)("log, FCB $name", (one) => {
  const port = `image:${goldenPath(`zephyr-fcb/${one.name}.bin`)}`;
  const told = [
    ...["--layout", "fcb", "--sector-size", String(one.sectorBytes), "--magic", `0x${one.magic.toString(16)}`],
    ...["--align", String(one.align), ...(one.crc ? [] : ["--no-crc"])],
    ...(one.eraseValue === 0 ? ["--erase-value", "0x00"] : []),
  ];

  it("gives out the manifest's entries and state, told or recognised", async () => {
    const read = await runCli(["log", "read", "--json", "-p", port, ...told]);
    expect(read.code).toBe(0);
    expect(ofType(read, "record").map(({ sector, offset, data }) => [sector, offset, data])).toEqual(
      one.expected.entries!.map(({ sector, elemOffset, dataHex }) => [sector, elemOffset, dataHex]),
    );
    const info = await runCli(["log", "info", "--json", "-p", port, ...told]);
    const [result] = ofType(info, "result");
    for (const name of STATE) expect([name, result![name]]).toEqual([name, one.expected[name]]);
    const guess = [
      "--sector-size",
      String(one.sectorBytes),
      ...(one.eraseValue === 0 ? ["--erase-value", "0x00"] : []),
    ];
    if (one.expected.entries!.length < 2) return;
    const env = { NORBRIDGE_PORT: port };
    const recognised = await runCli(["log", "read", "--json", ...guess], { env });
    expect(ofType(recognised, "record")).toEqual(ofType(read, "record"));
  });
});

interface PxCase {
  name: string;
  pageBytes: number;
  blockPages: number;
  recordBytes: number;
  expectedAll: string[];
}
const pxCases = (goldenJson("px-log-fs/manifest.json") as PxCase[]).filter(({ name }) =>
  ["partly-full", "wrapped-3x", "full-exact", "at45-b8-wrapped", "v1-wrapped", "archived"].includes(name),
);

describe.each(pxCases)("log, px_log_fs $name", (one) => {
  it("gives out all records in order, recognised and told", async () => {
    const port = `image:${goldenPath(`px-log-fs/${one.name}.bin`)}?pageBytes=${one.pageBytes}&eraseBytes=${one.pageBytes * one.blockPages}`;
    const recognised = await runCli(["log", "read", "--json", "-p", port]);
    expect(ofType(recognised, "record").map(({ data }) => data)).toEqual(one.expectedAll);
    const told = ["--layout", "px-log-fs", "--record-size", String(one.recordBytes), "--last", "5"];
    const last = await runCli(["log", "read", "--json", "-p", port, ...told]);
    expect(ofType(last, "record").map(({ data }) => data)).toEqual(one.expectedAll.slice(-5));
    const info = await runCli(["log", "info", "-p", port]);
    expect(info.stdout).toContain(`records of ${one.recordBytes} bytes`);
  });
});

describe("log, written", () => {
  it("is appended to, rotated and cleared on an FCB in a file", async () => {
    const port = `image:${blankFile(4096)}`;
    const shape = ["--sector-size", "1k", "--layout", "fcb", "--magic", "0x0BADC0DE"];
    expect((await runCli(["log", "append", "-p", port, ...shape, "--data", "text:hello"])).stdout).toBe(
      "appended 1 record, 5 bytes\n",
    );
    const more = '{"type":"record","data":"0102"}\n{"type":"result"}\n{"type":"record","data":""}\n';
    const appended = await runCli(["log", "append", "--json", "-p", port, ...shape, "--records", "-"], { input: more });
    expect(ofType(appended, "appended")).toHaveLength(2);
    const read = await runCli(["log", "read", "--format", "jsonl", "-p", port, ...shape]);
    expect(ofType(read, "record").map(({ data }) => data)).toEqual(["68656c6c6f", "0102", ""]);
    expect((await runCli(["log", "clear", "-p", port, ...shape])).code).toBe(0);
    expect(ofType(await runCli(["log", "read", "--json", "-p", port, ...shape]), "record")).toEqual([]);
    const rotated = await runCli(["log", "rotate", "--json", "-p", port, ...shape]);
    expect(ofType(rotated, "result")[0]).toMatchObject({ ok: true, erasedSector: 1 });
  });

  it("is written by px_log_fs to the simulated chip, and kept in its file", async () => {
    const file = join(folder, "chip.bin");
    const port = ["-p", `sim:AT45DB041E?file=${file}`, "--range", "0,21120"];
    const shape = ["--layout", "px-log-fs", "--record-size", "6", "--block-pages", "8"];
    expect((await runCli(["log", "append", ...port, ...shape, "--data", "text:first"])).code).toBe(0);
    expect((await runCli(["log", "append", ...port, ...shape, "--data", "010203040506"])).code).toBe(0);
    const read = await runCli(["log", "read", "--json", ...port]);
    expect(ofType(read, "record").map(({ data }) => data)).toEqual(["6669727374ff", "010203040506"]);
    expect(read.stderr).toBe("");
    const dump = await runCli(["log", "read", "--json", "-p", `image:${file}?chip=AT45DB041E`, "--range", "0,21120"]);
    expect(ofType(dump, "record")).toEqual(ofType(read, "record"));
    // Cleared, it is still this log's own, although no page is in use: it is written to again.
    expect((await runCli(["log", "clear", ...port, ...shape])).code).toBe(0);
    expect((await runCli(["log", "append", ...port, ...shape, "--data", "text:again"])).stderr).toBe("");
    const again = await runCli(["log", "read", "--json", ...port, ...shape]);
    expect(ofType(again, "record").map(({ data }) => data)).toEqual(["616761696eff"]);
  });

  it("reads a log through a struct file, and only from a time on", async () => {
    const port = `image:${blankFile(8192)}`;
    const shape = ["--layout", "px-log-fs", "--record-size", "8"];
    const struct = join(folder, "struct.json");
    const fields = [
      { name: "time", type: "u32le", time: { base: "2026-01-01T00:00:00Z", unit: "s" } },
      { name: "temp", type: "i16le", scale: 0.01, unit: "C" },
      { name: "note", type: "ascii", lengthBytes: 2 },
    ];
    writeFileSync(struct, JSON.stringify({ fields }));
    // The second note begins a formula, the third an escape sequence.
    const records = ["00000000f4ff4f4b", "100e00002909" + "3d31", "201c000000801b5b"];
    const input = records.map((data) => `${JSON.stringify({ type: "record", data })}\n`).join("");
    expect((await runCli(["log", "append", "-p", port, ...shape, "--records", "-"], { input })).code).toBe(0);
    const csv = await runCli(["log", "read", "-p", port, ...shape, "--struct", struct, "--format", "csv"]);
    expect(csv.stdout).toBe(
      "index,sector,offset,time,temp,note,unconfirmed\r\n" +
        "0,0,4,2026-01-01T00:00:00Z,-0.12,OK,\r\n" +
        "1,0,14,2026-01-01T01:00:00Z,23.45,'=1,\r\n" +
        "2,0,24,2026-01-01T02:00:00Z,-327.68,\\x1b[,\r\n",
    );
    const since = ["--struct", struct, "--since", "2026-01-01T01:00:00Z", "--json"];
    const late = await runCli(["log", "read", "-p", port, ...shape, ...since]);
    expect(ofType(late, "record").map(({ fields: decoded }) => decoded)).toEqual([
      { time: "2026-01-01T01:00:00Z", temp: 23.45, note: "=1" },
      { time: "2026-01-01T02:00:00Z", temp: -327.68, note: "\\x1b[" },
    ]);
  });

  it("follows a log that another program writes", { timeout: 60_000 }, async () => {
    const file = blankFile(8192);
    const shape = ["-p", `image:${file}`, "--layout", "px-log-fs", "--record-size", "4"];
    await runCli(["log", "append", ...shape, "--data", "00000001"]);
    const heard = new Map<string, () => void>();
    const hear = (text: string): Promise<void> =>
      new Promise((resolve) => {
        heard.set(text, resolve);
      });
    const begun = hear("waiting for new records");
    const all = hear("3 records so far");
    let stop: ((signal: NodeJS.Signals) => void) | undefined;
    const following = runCli(["log", "read", "--follow", "-v", "--format", "jsonl", ...shape], {
      onStderr(text, kill) {
        stop = kill;
        for (const [wanted, resolve] of heard) if (text.includes(wanted)) resolve();
      },
    });
    await begun;
    await runCli(["log", "append", ...shape, "--data", "00000002"]);
    await runCli(["log", "append", ...shape, "--data", "00000003"]);
    await Promise.race([all, following]);
    stop?.("SIGINT");
    const result = await following;
    expect(result.code).toBe(0);
    expect(ofType(result, "record").map(({ data }) => data)).toEqual(["00000001", "00000002", "00000003"]);
  });
});

describe("settings", () => {
  it("are listed, read, changed and deleted as a device has them", async () => {
    const port = ["-p", `image:${copyOf("zephyr-fcb/settings-basic.bin")}`];
    const list = await runCli(["settings", "list", "--json", ...port]);
    expect(ofType(list, "setting")).toEqual([
      { v: 1, type: "setting", name: "app/n", value: "07000000" },
      { v: 1, type: "setting", name: "app/name", value: "676f6c64656e" },
    ]);
    const set = await runCli(["settings", "set", "app/n=u32:8", "new=text:x", ...port]);
    expect(set.stdout).toBe("2 settings changed\n");
    expect((await runCli(["settings", "set", "app/n=u32:8", ...port])).stdout).toBe(
      "0 settings changed, 1 unchanged\n",
    );
    expect((await runCli(["settings", "delete", "app/name", ...port])).code).toBe(0);
    expect((await runCli(["settings", "get", "app/name", ...port])).code).toBe(1);
    expect((await runCli(["settings", "get", "new", "--raw", ...port])).stdout).toBe("x");
    expect((await runCli(["settings", "get", "app/n", ...port])).stdout).toBe("08000000\n");
  });
});

describe("a safe", () => {
  it("is formatted, changed in one commit, read and emptied on the simulated chip", async () => {
    const port = ["-p", `sim:AT25SF041?file=${join(folder, "safe.bin")}`, "--range", "0x10000,12k"];
    expect((await runCli(["safe", "list", ...port])).code).toBe(1);
    expect((await runCli(["safe", "format", "--buffer-size", "256", ...port])).code).toBe(0);
    expect((await runCli(["safe", "set", "7=text:hello", "8=0102", ...port])).stdout).toBe(
      "2 items changed, commit 2 in block 1\n",
    );
    const list = await runCli(["safe", "list", "--json", ...port]);
    expect(ofType(list, "item")).toEqual([
      { v: 1, type: "item", key: 7, length: 5, data: "68656c6c6f" },
      { v: 1, type: "item", key: 8, length: 2, data: "0102" },
    ]);
    expect((await runCli(["safe", "set", "7=text:hello", ...port])).stdout).toContain("nothing to change");
    expect((await runCli(["safe", "get", "7", "--raw", ...port])).stdout).toBe("hello");
    expect((await runCli(["safe", "delete", "7", ...port])).code).toBe(0);
    expect((await runCli(["safe", "get", "7", ...port])).code).toBe(1);
    const info = await runCli(["safe", "info", "--json", ...port]);
    expect(ofType(info, "result")[0]).toMatchObject({
      activeBlock: 2,
      sequence: 3,
      items: 1,
      blockBytes: 4096,
      bufferBytes: 256,
    });
  });
});

describe("stream", () => {
  const image = join(folder, "app.bin");
  const bytes = new Uint8Array(50_001).map((_, i) => (i * 7 + (i >> 8)) & 255);
  writeFileSync(image, bytes);

  it("writes a file and clears its progress, in settings on the chip and in a file", async () => {
    const file = join(folder, "stream.bin");
    const kept = join(folder, "app.progress");
    const port = ["-p", `sim:AT25SF041?file=${file}`, "--range", "0x20000,128k"];
    const onChip = ["--progress-key", "dfu/progress", "--settings-range", "0x7c000,16k"];
    const first = await runCli(["stream", image, "--json", ...port, ...onChip]);
    expect(ofType(first, "result")[0]).toMatchObject({ ok: true, resumedAt: 0, writtenBytes: 50_001 });
    expect(new Uint8Array(readFileSync(file).subarray(0x20000, 0x20000 + bytes.length))).toEqual(bytes);
    const settings = ["-p", `sim:AT25SF041?file=${file}`, "--range", "0x7c000,16k"];
    expect((await runCli(["settings", "list", ...settings])).stdout).toBe("");
    expect((await runCli(["stream", image, ...port, "--progress-file", kept])).code).toBe(0);
  });

  it("goes on where it was killed, and with no other image", { timeout: 60_000 }, async () => {
    const file = blankFile(256 * 1024);
    const kept = join(folder, "killed.progress");
    const args = ["stream", image, "-p", `image:${file}`, "--range", "0,128k", "--progress-file", kept];
    const identity = { lengthBytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
    // What a run that was killed after the fifth page leaves.
    const cells = new Uint8Array(256 * 1024).fill(0xff);
    cells.set(bytes.subarray(0, 5 * 4096), 0);
    writeFileSync(file, cells);
    writeFileSync(
      kept,
      JSON.stringify({ kind: "norbridge stream progress", version: 1, bytesWritten: 5 * 4096, image: identity }),
    );
    const other = join(folder, "other.bin");
    writeFileSync(other, bytes.subarray(1));
    const refused = await runCli(["stream", other, ...args.slice(2)]);
    expect([refused.code, refused.stderr.includes("another image")]).toEqual([9, true]);
    const resumed = await runCli([...args, "--json"]);
    expect(ofType(resumed, "result")[0]).toMatchObject({
      ok: true,
      resumedAt: 5 * 4096,
      writtenBytes: 50_001 - 5 * 4096,
    });
    expect(new Uint8Array(readFileSync(file).subarray(0, bytes.length))).toEqual(bytes);
  });
});

describe("what is refused, with its exit code and nothing changed", () => {
  const zero = join(folder, "zero.bin");
  writeFileSync(zero, new Uint8Array(8192));
  const log = goldenPath("zephyr-fcb/one-entry.bin");
  const other = blankFile(16_384);
  const firmware = new Uint8Array(readFileSync(other));
  firmware.fill(0x37, 0x1000, 0x1800);
  writeFileSync(other, firmware);
  const px = ["--layout", "px-log-fs", "--record-size", "8"];

  it.each([
    [
      "a region off the erase blocks",
      ["log", "read", "-p", `image:${log}`, "--range", "0x100,4k"],
      2,
      "does not start and end on erase block boundaries",
    ],
    [
      "a wrong magic",
      [
        "log",
        "read",
        "-p",
        `image:${log}`,
        "--layout",
        "fcb",
        "--magic",
        "0x12345678",
        "--align",
        "1",
        "--version",
        "1",
      ],
      9,
      "0x0badc0de",
    ],
    [
      "a wrong version",
      ["log", "read", "-p", `image:${log}`, "--layout", "fcb", "--version", "9"],
      9,
      "version 1, not 9",
    ],
    ["all blank", ["log", "read", "-p", `image:${blankFile(8192)}`], 1, "blank"],
    ["all zero", ["log", "read", "-p", `image:${zero}`], 9, "no log was detected"],
    ["all zero as a safe", ["safe", "list", "-p", `image:${zero}`], 1, "no safe"],
    ["all zero as settings", ["settings", "list", "-p", `image:${zero}`], 9, "0xc0ffeeee"],
    [
      "a record that is too long",
      ["log", "append", "-p", `image:${blankFile(8192)}`, ...px, "--data", "000102030405060708"],
      2,
      "records of 8",
    ],
    ["appending to what is only guessed", ["log", "append", "-p", `image:${log}`, "--data", "00"], 2, "needs --layout"],
    ["a verb that is none", ["log", "show"], 2, "no verb show"],
    ["no verb", ["safe"], 2, "needs a verb"],
    [
      "an option of another layout",
      ["log", "read", "-p", `image:${log}`, "--layout", "fcb", "--record-size", "8"],
      2,
      "cannot be used with",
    ],
    ["--since without a struct", ["log", "read", "-p", `image:${log}`, "--since", "2026-01-01"], 2, "--struct"],
    ["a key that is none", ["safe", "get", "x", "-p", `image:${zero}`], 2, "is not a key"],
    [
      "a stream over its own progress",
      ["stream", log, "-p", `image:${blankFile(65_536)}`, "--progress-key", "a", "--settings-range", "0,16k"],
      2,
      "overlap",
    ],
    ["a stream that does not fit", ["stream", log, "-p", `image:${blankFile(8192)}`, "--range", "0,4k"], 8, "range"],
    [
      "an erase value that the chip has not",
      ["log", "read", "-p", "sim:AT25SF041", "--erase-value", "0x00"],
      2,
      "erases to 0xff",
    ],
  ] as const)("%s", async (_, args, code, text) => {
    const file = args.find((word) => word.startsWith("image:"))?.slice("image:".length);
    const before = file === undefined ? undefined : readFileSync(file);
    const result = await runCli(args);
    expect([result.code, result.stderr + result.stdout]).toEqual([code, expect.stringContaining(text)]);
    if (file !== undefined) expect(readFileSync(file)).toEqual(before);
  });

  it.each([
    [
      "an FCB",
      [0xde, 0xc0, 0xff],
      ["log", "append", "--layout", "fcb", "--magic", "0x0badc0de", "--version", "1", "--align", "1", "--data", "01"],
    ],
    ["a px_log_fs", [0x5f, 0x00], ["log", "append", ...px, "--data", "01"]],
    ["settings", [0xee], ["settings", "set", "a=01"]],
  ] as const)("not %s whose first header a power cut has torn", async (_, torn, args) => {
    const file = blankFile(16_384);
    const bytes = new Uint8Array(readFileSync(file));
    bytes.set(torn, 0);
    writeFileSync(file, bytes);
    const result = await runCli([...args, "-p", `image:${file}`]);
    expect([result.code, result.stderr]).toEqual([0, expect.not.stringContaining("error")]);
  });

  it("a full log, which keeps what it has", async () => {
    const file = copyOf("zephyr-fcb/all-full.bin");
    const before = readFileSync(file);
    const shape = ["-p", `image:${file}`, "--layout", "fcb", "--sector-size", "256"];
    const result = await runCli(["log", "append", ...shape, "--data", "00".repeat(100)]);
    expect([result.code, result.stderr]).toEqual([8, expect.stringContaining("no sector is free")]);
    expect(readFileSync(file)).toEqual(before);
  });
});
