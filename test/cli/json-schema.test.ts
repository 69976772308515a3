/**
 * Every line that any command prints with --json, against the schema that is published; strict, so that no field is
 * forgotten.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands/commands.ts";
import { runCli } from "../../src/cli/program/run-cli.ts";
import { realClock } from "../../src/clock.ts";
import { packedGolden } from "../storage/support/packed-golden.ts";
import { fakeIo, jsonLines } from "../support/fake-io.ts";

const schema: unknown = JSON.parse(
  readFileSync(new URL("../../schema/norbridge-output-1.schema.json", import.meta.url), "utf8"),
);
const folder = mkdtempSync(join(tmpdir(), "norbridge-schema-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const options = { allErrors: true, strict: true, strictRequired: false, strictTypes: false, validateFormats: false };
const isPublished = new Ajv2020(options).compile(schema as object);
const isWhole = new Ajv2020(options).compile({ ...(closed(schema) as object), unevaluatedProperties: false });

/** The same schema without fields that it does not name. */
function closed(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((each) => closed(each));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, closed(each, name)]));
  const isNested = fields["type"] === "object" && key !== "" && !("additionalProperties" in fields);
  return isNested && !("$schema" in fields) ? { ...fields, additionalProperties: false } : fields;
}

/** Runs a command line with --json; Ctrl-C comes where it has said that it listens. */
async function lines(words: readonly string[]): Promise<Record<string, unknown>[]> {
  const io = fakeIo({ cwd: folder, env: { XDG_STATE_HOME: join(folder, "state"), SHELL: "/bin/bash" } });
  const { stdout } = io;
  const write = stdout.write.bind(stdout);
  stdout.write = (text) => {
    write(text);
    if (text.includes('"listening"')) setImmediate(() => io.interrupt());
  };
  await runCli([...words, "--json"], { ...io, clock: realClock });
  return jsonLines(stdout.text);
}

const path = (name: string): string => join(folder, name);
writeFileSync(path("image.bin"), new Uint8Array(5000).fill(0x53));
writeFileSync(path("other.bin"), new Uint8Array(5000).fill(0x51));
writeFileSync(path("area.txt"), "53464450");
writeFileSync(path("board.layout"), "10000:10fff a\n11000:11fff b\n12000:12fff c\n");
writeFileSync(
  path("struct.json"),
  JSON.stringify({
    fields: [
      { name: "n", type: "u8" },
      { name: "m", type: "u32le" },
    ],
  }),
);
const chip = ["-p", `sim:AT25SF041?file=${path("chip.bin")}`];
const kv = ["--layout", "nvs", "--align", "4", "--sector-size", "4096", "--range", "0x50000,16k"];
const log = ["--layout", "fcb", "--magic", "0xfcb", "--align", "1", "--sector-size", "4096", "--range", "0x40000,32k"];
const part = ["--range", "0x60000,32k"];
const LEDGER = ["--ledger", path("ledger.sqlite")];
const NO_SERVER = ["--server", "postgres://127.0.0.1:1/none"];
const journal = ["--journal", path("jobs")];
const store = ["--store", path("store")];

/** One after the other on one chip; `ok` undefined: it depends on the machine. */
const TOUR: readonly (readonly [words: readonly string[], ok?: boolean])[] = [
  [["--version"], true],
  [["--help"], true],
  [["log", "read", "--help"], true],
  [["list"]],
  [["completion", "bash"], true],
  [["config"], true],
  [["chips"], true],
  [["chips", "AT45DB041E"], true],
  [["info", ...chip], true],
  [["info", "-v", "-p", `image:${path("image.bin")}`]],
  [["doctor", ...chip], true],
  [["doctor", "--udev"], true],
  [["firmware", ...chip], true],
  [["firmware", "--board", "pico"], true],
  [["protect", "status", ...chip], true],
  [["protect", "on", ...chip], true],
  [["protect", "off", ...chip], true],
  [["write", path("image.bin"), "--dry-run", ...chip], true],
  [["write", path("image.bin"), "-v", ...chip], true],
  [["write", path("other.bin"), "--keep-old", ...journal, ...chip], true],
  [["jobs", ...journal], true],
  [["undo", ...journal, ...chip], true],
  [["write", path("image.bin"), ...journal, "-p", "sim:AT25SF041?powerCutAt=12000"], false],
  [["jobs", ...journal], true],
  [["resume", ...journal, ...chip]],
  [["jobs", "--discard", "00000000", ...journal], false],
  [["verify", path("image.bin"), ...chip], true],
  [["verify", path("other.bin"), ...chip], false],
  [["diff", path("image.bin"), ...chip], true],
  [["diff", path("other.bin"), ...chip], false],
  [["read", path("copy.bin"), "--length", "4k", ...chip], true],
  [["dump", "--length", "32", ...chip], true],
  [["blank-check", ...chip], false],
  [["blank-check", "--range", "0x20000,4k", ...chip], true],
  [["erase", "--range", "0x1000,4k", ...chip], true],
  [["stream", path("image.bin"), "--range", "0x30000,64k", ...chip], true],
  [["log", "append", ...log, "--data", "68656c6c6f", ...chip], true],
  [["log", "read", ...log, "--struct", path("struct.json"), ...chip], true],
  [["log", "read", ...log, "-v", ...chip], true],
  [["log", "info", ...log, ...chip], true],
  [["log", "rotate", ...log, ...chip], true],
  [["log", "append-to-scratch", ...log, ...chip], true],
  [["log", "read", ...log, "--sector", "1", ...chip], true],
  [["log", "clear", ...log, ...chip], true],
  [["log", "append", "--layout", "px-log-fs", "--record-size", "13", "--data", "00".repeat(13), ...PX()], true],
  [["log", "info", "--layout", "px-log-fs", "--record-size", "13", ...PX()], true],
  [["settings", "set", "a=text:hello", ...part, ...chip], true],
  [["settings", "list", ...part, ...chip], true],
  [["settings", "get", "a", ...part, ...chip], true],
  [["settings", "get", "b", ...part, ...chip], false],
  [["settings", "delete", "a", ...part, ...chip], true],
  [["kv", "set", "3=text:hello", ...kv, ...chip], true],
  [["kv", "list", ...kv, ...chip], true],
  [["kv", "get", "3", ...kv, ...chip], true],
  [["kv", "delete", "3", ...kv, ...chip], true],
  [["safe", "format", "--buffer-size", "256", "--range", "0x70000,32k", ...chip], true],
  [["safe", "set", "1=text:hello", "--range", "0x70000,32k", ...chip], true],
  [["safe", "list", "--range", "0x70000,32k", ...chip], true],
  [["safe", "get", "1", "--range", "0x70000,32k", ...chip], true],
  [["safe", "info", "--range", "0x70000,32k", ...chip], true],
  [["regions", ...chip], true],
  [["regions", "--range", "0,4k", "-p", "sim:AT25SF041"], false],
  [["regions", "--layout", path("board.layout"), ...chip], true],
  [["erase", "--layout", path("board.layout"), "--region", "a", "--region", "c", ...chip], true],
  [["safe", "delete", "1", "--range", "0x70000,32k", ...chip], true],
  [["fs", "list", ...FS()], true],
  [["fs", "list", ...FS({ isDamaged: true })], false],
  [["fs", "get", "/cfg/serial", "--out", path("serial.bin"), ...FS()], true],
  [["fs", "get", "/none", "--out", path("none.bin"), ...FS()], false],
  [["fs", "get", "/", "--out", path("all"), ...FS()], true],
  [["fs", "get", "/log", "--out", path("all"), ...FS()], false],
  [["log", "read", ...TSDB()], true],
  [["log", "info", "--layout", "flashdb-tsdb", ...TSDB()], true],
  [["log", "info", ...TSDB()], false],
  [["regions", ...TSDB()], true],
  [["extract", ...store, "--serial", "1", "--struct", path("struct.json"), ...TSDB()], true],
  [["extract", ...store, "--serial", "2", "--range", "0,4k", "-p", "sim:AT25SF041"], false],
  [["extract", ...store, "--serial", "3", "-p", "sim:AT25SF041"], false],
  [["logs", "decode", ...store, "--serial", "1"], true],
  [["logs", "decode", ...store, "--serial", "none"], false],
  [["logs", "export", ...store, "--out", path("all.csv")], true],
  [["logs", "export", ...store, "--table", "none", "--out", path("all.csv")], false],
  [["logs", "views", ...store], true],
  [["logs", "compact", ...store], true],
  [["otp", "read", ...chip], true],
  [["otp", "program", "--register", "1", "--data", "01", "--permanent", ...chip]],
  [["page-size", "-p", "sim:AT45DB041E"], true],
  [["page-size", "256", "--accept-content-loss", "-p", "sim:AT45DB041E"]],
  [["sfdp", path("area.txt")]],
  [["station", "run", RECIPE(), "--slots", "sim:NONE"], false],
  [["station", "check", RECIPE()], true],
  [["station", "check", path("struct.json")], false],
  [["station", "approve", RECIPE(), "--by", "A. Smith"], true],
  [["station", "compose", RECIPE(), "--unit", "MK3-2648-00017F", "-o", path("unit.hex"), ...UNIT()], true],
  [["ledger", "take", RECIPE(), ...LEDGER], true],
  [["ledger", "take", RECIPE(), ...LEDGER, "--jedec", "1f8401", "--uid", "01020304"], true],
  [["ledger", "issue", "none", "--unit", "MK3-2648-00017F", "--image-hash", "ab".repeat(32), ...LEDGER], false],
  [["ledger", "burn", "none", "--reason", "lost", ...LEDGER], false],
  [["ledger", "unit", "none", ...LEDGER], false],
  [["ledger", "account", "mk3-serial", ...LEDGER], true],
  [["ledger", "check", ...LEDGER], true],
  [["ledger", "export", ...LEDGER], true],
  // With a server that is there: test/cli/ledger-server.test.ts.
  [["ledger", "join", "--station", "a", ...NO_SERVER, ...LEDGER], false],
  [["ledger", "lease", "mk3-serial", "--count", "5", ...NO_SERVER, ...LEDGER], false],
  [["ledger", "sync", ...NO_SERVER, ...LEDGER], false],
  [["ledger", "rebuild-server", ...NO_SERVER, ...LEDGER], false],
  [["info", "--record", path("a.rec"), "-p", "sim:AT25SF041"], true],
  [["replay", path("a.rec")], true],
  [["explain", path("a.rec")], true],
  [["sim", "--chip", "AT25SF041", "--listen", "127.0.0.1:0"], true],
  [["page", "--no-open", "--at", "0"], true],
  [["write", path("image.bin"), "--unprotect", "-p", "sim:AT25SF041?resetAtMs=30"], true],
  [["info", "-p", "sim:AT25SF041?missing=ff", "-v"], false],
  [["nonsense"], false],
];

/** A chip of its own for the other log. */
function PX(): string[] {
  return ["-p", `sim:AT25SF041?file=${path("px.bin")}`];
}

/** A recipe with its files. */
function RECIPE(): string {
  cpSync(fileURLToPath(new URL("../golden/recipes/good/", import.meta.url)), folder, { recursive: true });
  return path("logger.yaml");
}

/** The values of a unit of that recipe. */
function UNIT(): string[] {
  const values = ["mac=70-B3-D5-12-30-01", "board=B00000002", "made=2026-11-29T12:00:00Z", "uid=0102030405060708"];
  return values.flatMap((value) => ["--value", value]);
}

/** A dump of a database of records. */
function TSDB(): string[] {
  writeFileSync(path("tsdb.bin"), packedGolden("flashdb").image("tsdb-g1-t32-status"));
  return ["-p", `image:${path("tsdb.bin")}`];
}

/** A dump of a file system; a damaged one has lost all but its root. */
function FS({ isDamaged = false } = {}): string[] {
  const file = path(isDamaged ? "damaged.bin" : "littlefs.bin");
  const cells = packedGolden("littlefs").image("lfs21-4k-p16-basic");
  writeFileSync(file, isDamaged ? cells.fill(0x5a, 2 * 4096) : cells);
  return ["-p", `image:${file}`];
}

const seen = new Set<string>();
const types = new Set<string>();

describe("the published schema", { timeout: 120_000 }, () => {
  it.each(TOUR.map(([words, ok]) => [words.join(" ").replaceAll(folder, "."), words, ok] as const))(
    "%s",
    async (_name, words, ok) => {
      const said = await lines(words);
      for (const line of said) {
        const [isOpen, isClosed] = [isPublished(line), isWhole(line)];
        expect([line, isPublished.errors, isWhole.errors, isOpen, isClosed]).toEqual([line, null, null, true, true]);
        types.add(String(line["type"]));
      }
      const result = said.at(-1);
      expect(result).toMatchObject({ v: 1, type: "result" });
      if (ok !== undefined) expect([result?.["ok"], result]).toEqual([ok, result]);
      seen.add(String(result?.["ran"]));
    },
  );

  it("has met every command, and every command is named in it", () => {
    expect([...seen].toSorted()).toEqual(["", ...commands.map(({ name }) => name)].toSorted());
  });

  it("refuses a type and a field that it does not know", () => {
    const note = { v: 1, type: "note", level: "note", message: "" };
    expect([isPublished(note), isWhole(note)]).toEqual([true, true]);
    expect(isWhole({ ...note, more: 1 })).toBe(false);
    // Fields may be added within v 1: a program with an old schema still reads the lines.
    expect(isPublished({ ...note, more: 1 })).toBe(true);
    expect(isPublished({ ...note, type: "nonsense" })).toBe(false);
    expect(isPublished({ v: 1, type: "result", ok: true, ran: "dump", exit: 0, address: 0 })).toBe(false);
    expect(isPublished({ v: 2, type: "note", level: "note", message: "" })).toBe(false);
  });
});
