/** Journals from elsewhere and from many: what they may say, who works on them, and which stay. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { blockCheck } from "../../firmware-protocol/block-check.ts";
import { crc32 } from "../../firmware-protocol/crc.ts";
import { heldOrBusy, tryLockFile } from "../../src/disk/file-lock.ts";
import { createRandom } from "../../src/sim/random.ts";
import { runHere } from "../support/cli.ts";
import { effort } from "../support/effort.ts";

const root = mkdtempSync(join(tmpdir(), "norbridge-foreign-"));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});
let folder = "";
let tests = 0;
beforeEach(() => {
  folder = join(root, String(++tests));
  mkdirSync(folder);
});
const at = (name: string): string => join(folder, name);

function line(fields: object): string {
  const json = JSON.stringify(fields);
  return `${crc32(Buffer.from(json)).toString(16).padStart(8, "0")} ${json}\n`;
}

const JOB = {
  ...{ kind: "job", v: 1, command: "erase", address: 0, lengthBytes: 4096, beside: [], keepsOld: true },
  chip: { name: "AT25SF041", jedecId: "1f8401", uniqueId: "" },
  connection: [] as string[],
  process: { pid: 999_999, started: "1" },
};
const hold = (address: number, data: string): object => ({
  kind: "hold",
  units: [{ address, lengthBytes: 4096, pieces: [], old: [{ address, data }] }],
});

describe("a journal from elsewhere", () => {
  it("opens no file, whatever words it names for the connection", async () => {
    writeFileSync(at("keys"), "my own key\n".repeat(1000).slice(0, 8192));
    const mine = readFileSync(at("keys"));
    const real = ["--port", "tcp://127.0.0.1:1"];
    // Exit 2: to be typed by the user. 9: no words of a command line. 3: of a real port, where nothing listens.
    const words: readonly (readonly [number, readonly string[]])[] = [
      [2, ["--port", `image:${at("keys")}?eraseBytes=4096`]],
      [2, ["--port", `sim:AT25SF041?file=${at("new.bin")}`]],
      [2, ["--port", "sim:AT25SF041"]],
      [2, ["--port", `replay:${at("keys")}`]],
      [2, ["--port", `replay-steps:${at("keys")}`]],
      [2, ["--port", at("keys")]],
      [2, ["--port", `/dev/..${at("keys")}`]],
      [2, ["--port", "keys"]],
      [2, [...real, "--record", at("new.rec")]],
      [2, [...real, "--chip-file", at("keys")]],
      [9, [...real, "--port", "sim:AT25SF041"]],
      [9, ["--journal", at("elsewhere")]],
      [9, ["--json"]],
      [9, ["info"]],
      [9, [""]],
      [9, ["-p", "sim:AT25SF041"]],
      [9, ["--port=sim:AT25SF041"]],
      [9, ["--port"]],
      [9, ["--port", ""]],
      [9, ["--port", "--fast"]],
      [9, ["--port", "http://127.0.0.1/"]],
      [9, ["--unprotect"]],
      [9, ["--paranoid", "--fast"]],
      [9, ["--spi-clock", "fast"]],
      [9, ["--size", "-1"]],
      [9, Array.from({ length: 1000 }, () => "--fast")],
      [9, Array.from({ length: 1000 }, (_, index) => `--${index}`)],
      [3, real],
      [3, ["--port", "/dev/norbridge-nothing-here"]],
      [3, ["--port", "COM253"]],
      [3, ["--port", "usb:0001:0002:nobody"]],
      [3, [...real, "--spi-clock", "8MHz", "--baud", "9600", "--size", "512k", "--protocol", "native", "--paranoid"]],
    ];
    for (const [index, [code, connection]] of words.entries()) {
      for (const command of effort([index % 2 === 0 ? "resume" : "undo"], ["resume", "undo"])) {
        mkdirSync(at("j"), { recursive: true });
        writeFileSync(at("j/1.journal"), line({ ...JOB, connection }) + line(hold(0, "UFdO")) + line({ kind: "undo" }));
        const done = await runHere([command, "--journal", at("j")]);
        expect(done.code, `${connection.join(" ").slice(0, 100)}: ${done.stderr}`).toBe(code);
        expect(readdirSync(folder).toSorted()).toEqual(["j", "keys"]);
        expect(readdirSync(at("j"))).toEqual(["1.journal"]);
        expect(Buffer.compare(readFileSync(at("keys")), mine)).toBe(0);
      }
    }
  });

  it("does nothing to a file that is typed as a serial port", async () => {
    writeFileSync(at("keys"), "my own key\n");
    mkdirSync(at("j"));
    writeFileSync(at("j/1.journal"), line(JOB) + line(hold(0, "UFdO")));
    const before = statSync(at("keys"));
    const done = await runHere(["undo", "--journal", at("j"), "--port", at("keys")]);
    expect([done.code, done.stderr]).toEqual([3, expect.stringContaining("this is not a serial port")]);
    const after = statSync(at("keys"));
    expect([after.mtimeMs, after.ctimeMs, after.mode, after.ino]).toEqual([
      before.mtimeMs,
      before.ctimeMs,
      before.mode,
      before.ino,
    ]);
    expect(readFileSync(at("keys"), "utf8")).toBe("my own key\n");
  });

  it("says in print what has to be typed, and works when it is typed", async () => {
    const connection = ["--port", `sim:AT25SF041?file=${at("chip.bin")}`];
    mkdirSync(at("j"));
    writeFileSync(at("j/1.journal"), line({ ...JOB, connection }) + line(hold(0, "UFdO")) + line({ kind: "undo" }));
    const refused = await runHere(["undo", "--journal", at("j")]);
    const port = `--port 'sim:AT25SF041?file=${at("chip.bin")}'`;
    expect(refused.stderr).toContain(`connection options that are not accepted from a journal: ${port}`);
    expect(refused.stderr).toContain(`type them: norbridge undo 1 --journal ${at("j")} ${port}`);
    const done = await runHere(["undo", "1", "--journal", at("j"), ...connection]);
    expect(done.code, done.stderr).toBe(0);
    expect(readFileSync(at("chip.bin")).toString("latin1", 0, 4)).toBe("PWN\u00ff");
  });

  it("reaches the terminal only in print", async () => {
    const evil = "\u001b]0;PWN\u0007\u001b[2J\u202e";
    const image = { file: `/tmp/${evil}`, base: 0, sha256: "0".repeat(64) };
    for (const job of [
      { ...JOB, chip: { ...JOB.chip, name: evil } },
      { ...JOB, command: "write", image },
      { ...JOB, connection: ["--port", evil] },
      { ...JOB, command: evil },
      { ...JOB, chip: { ...JOB.chip, jedecId: evil } },
    ]) {
      for (const words of [["jobs"], ["jobs", "--json"], ["resume"], ["undo"], ["jobs", "--discard", "1"]]) {
        mkdirSync(at("j"), { recursive: true });
        writeFileSync(at("j/1.journal"), line(job));
        const port = words[0] === "jobs" ? [] : ["-p", "sim:AT25SF041"];
        const done = await runHere([...words, "--journal", at("j"), ...port]);
        expect(done.stdout + done.stderr).not.toMatch(/[\u001b\u0007\u202e]/);
        expect(done.code).not.toBe(70);
      }
    }
  });

  it("changes nothing on a chip that it does not prove to be the right one", async () => {
    const chip = createRandom("chip").bytes(2 ** 19);
    const port = ["--port", `sim:AT25SF041?file=${at("chip.bin")}`];
    const done = {
      kind: "done",
      digests: [{ address: 4096, lengthBytes: 16, check: blockCheck(chip.subarray(4096, 4112)) }],
    };
    const beside = [{ address: 8192, lengthBytes: 512, check: blockCheck(chip.subarray(8192, 8704)) }];
    const sound = { ...JOB, beside };
    const cases: readonly (readonly [number, string, object, ...object[]])[] = [
      [0, "", sound],
      [0, "", sound, done],
      // As versions before the block check wrote it.
      [0, "", { ...JOB, beside: [{ address: 8192, lengthBytes: 512, crc32: crc32(chip.subarray(8192, 8704)) }] }],
      [6, "outside the job's range", { ...JOB, beside: [{ address: 8192, lengthBytes: 512, crc32: 1 }] }],
      [6, "outside the job's range, now holds different bytes", { ...JOB, beside: [{ ...beside[0], check: 1 }] }],
      [
        6,
        "written by the job, now holds different bytes",
        sound,
        { kind: "done", digests: [{ ...done.digests[0], check: 1 }] },
      ],
      [6, "it holds 512 KiB, not 1 MiB", { ...sound, chip: { ...JOB.chip, capacityBytes: 2 ** 20 } }],
      [6, "its ID is 1f8401, not ef4018", { ...sound, chip: { ...JOB.chip, jedecId: "ef4018" } }],
      [6, "another unique ID", { ...sound, chip: { ...JOB.chip, uniqueId: "00" } }],
    ];
    for (const [code, why, job, ...lines] of cases) {
      mkdirSync(at("j"), { recursive: true });
      writeFileSync(at("chip.bin"), chip);
      writeFileSync(at("j/1.journal"), [job, hold(0, "UFdO"), ...lines].map(line).join(""));
      const undone = await runHere(["undo", "--journal", at("j"), ...port]);
      expect([undone.code, undone.stderr]).toEqual([code, expect.stringContaining(why)]);
      expect(Buffer.compare(readFileSync(at("chip.bin")), chip) === 0).toBe(code !== 0);
    }
  });

  it("is damaged where it holds bytes from around the target in the middle of it", async () => {
    mkdirSync(at("j"));
    writeFileSync(at("image.bin"), "123");
    const units = (address: number): object => ({
      kind: "hold",
      units: [{ address: 0, lengthBytes: 4096, pieces: [{ address, data: "UFdO" }] }],
    });
    const sha256 = createHash("sha256").update("123").digest("hex");
    const image = { file: at("image.bin"), base: 0, sha256 };
    const write = { ...JOB, command: "write", address: 100, lengthBytes: 3, image, keepsOld: false };
    const erase = { ...JOB, address: 100, lengthBytes: 3, keepsOld: false };
    for (const job of [write, erase]) {
      for (const [address, code] of [
        [97, 0],
        [98, 9],
        [100, 9],
        [102, 9],
        [103, 0],
      ] as const) {
        writeFileSync(at("j/1.journal"), line(job) + line(units(address)));
        const done = await runHere(["resume", "--journal", at("j"), "-p", "sim:AT25SF041"]);
        expect(done.code, `${job.command} with a piece at ${address}: ${done.stderr}`).toBe(code);
      }
    }
  });

  it("is bounded by the chip and by its own length, not by what it says", async () => {
    mkdirSync(at("j"));
    const ranges = Array.from({ length: 4 }, (_, index) => ({ address: index * 2 ** 31, lengthBytes: 2 ** 30 }));
    writeFileSync(at("j/1.journal"), line(JOB) + line({ kind: "blank", value: 0, ranges }));
    const unknown = { ...JOB, chip: { ...JOB.chip, capacityBytes: 2 ** 32 } };
    writeFileSync(at("j/2.journal"), line(unknown) + line({ kind: "blank", value: 0, ranges: ranges.slice(0, 2) }));
    const before = process.memoryUsage().rss;
    const listed = await runHere(["jobs", "--journal", at("j")]);
    expect(listed.stdout).toContain("line 2: a range ends beyond the chip, which holds 512 KiB");
    expect(listed.stdout).toContain("2147483648 bytes to restore");
    // The chip that is there is smaller: known before anything is put together.
    const undone = await runHere(["undo", "2", "--journal", at("j"), "-p", "sim:AT25SF041"]);
    expect([undone.code, undone.stderr]).toEqual([6, expect.stringContaining("it holds 512 KiB, not 4 GiB")]);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 2 ** 20);
  });

  it.skipIf(process.platform === "win32")(
    "may be anything but a journal: nothing waits, nothing ends as a bug",
    async () => {
      mkdirSync(at("j"));
      mkdirSync(at("j/1.journal"));
      execFileSync("mkfifo", [at("j/2.journal")]);
      symlinkSync("/dev/zero", at("j/3.journal"));
      symlinkSync(at("nowhere"), at("j/4.journal"));
      writeFileSync(at("j/5.journal"), "x".repeat(300_000));
      writeFileSync(at("j/6.journal"), Buffer.alloc(300_000));
      const listed = await runHere(["jobs", "--journal", at("j")]);
      expect(listed.code, listed.stderr).toBe(0);
      for (const id of ["1", "2", "3", "5", "6"]) {
        expect(listed.stdout).toMatch(new RegExp(`^${id} +damaged`, "m"));
        const done = await runHere(["jobs", "--discard", id, "--journal", at("j")]);
        // Files and links are removed, and nothing else.
        expect(done.code, done.stderr).toBe(id === "1" || id === "2" ? 9 : 0);
      }
      expect(existsSync("/dev/zero")).toBe(true);
      expect(readdirSync(at("j")).toSorted()).toEqual(["1.journal", "2.journal", "4.journal"]);
      writeFileSync(at("1.journal"), "not in the folder\n");
      for (const id of ["../1", "..", "./2", "/etc/passwd", ""]) {
        expect((await runHere(["jobs", "--discard", id, "--journal", at("j")])).code).toBe(id === "" ? 2 : 1);
      }
      expect(existsSync(at("1.journal"))).toBe(true);
    },
  );
});

describe("who works on a job", () => {
  it("is known by a lock: it is shown as running, and neither discarded nor resumed by another", async () => {
    mkdirSync(at("j"));
    writeFileSync(at("j/1.journal"), line(JOB) + line(hold(0, "UFdO")));
    const lock = heldOrBusy(tryLockFile(at("j/1.journal")), "it");
    expect((await runHere(["jobs", "--journal", at("j")])).stdout).toContain("running");
    for (const words of [
      ["jobs", "--discard", "1"],
      ["resume", "-p", "sim:AT25SF041"],
      ["undo", "-p", "sim:AT25SF041"],
    ]) {
      const done = await runHere([...words, "--journal", at("j")]);
      expect([done.code, done.stderr]).toEqual([8, expect.stringContaining("the job 1 still runs")]);
    }
    lock.release();
    expect((await runHere(["jobs", "--journal", at("j")])).stdout).toContain("interrupted");
    expect((await runHere(["undo", "--journal", at("j"), "-p", "sim:AT25SF041"])).code).toBe(0);
    expect(readdirSync(at("j"))).toEqual([]);
  });
});

describe("which journals stay", () => {
  const image = createRandom("stays").bytes(300);

  /** Writes with --keep-old, each time other bytes; returns the journal that was promised. */
  async function keep(index: number): Promise<string> {
    writeFileSync(
      at("image.bin"),
      image.map((byte) => byte ^ index),
    );
    const port = ["-p", `sim:AT25SF041?file=${at("chip.bin")}`];
    const done = await runHere(["write", at("image.bin"), "--keep-old", "--journal", at("j"), ...port]);
    expect(done.code, done.stderr).toBe(0);
    return /undo ([0-9a-f]{8})/.exec(done.stderr)?.[1] ?? "";
  }

  it("is not decided by a clock: the undo that was just promised is there", { timeout: 60_000 }, async () => {
    const random = createRandom("clock");
    for (let index = 1; index <= 12; index++) {
      const id = await keep(index);
      const names = readdirSync(at("j")).filter((name) => name.endsWith(".journal"));
      expect(names).toContain(`${id}.journal`);
      // The newest eight, by the order of the jobs.
      expect(names).toHaveLength(Math.min(index, 8));
      // The clock of the next job may be anywhere.
      for (const name of names) {
        const seconds = random.intBelow(4_000_000_000);
        utimesSync(at(`j/${name}`), seconds, seconds);
      }
    }
    const before = readFileSync(at("chip.bin"));
    const id = await keep(99);
    const undone = await runHere(["undo", id, "--journal", at("j"), "-p", `sim:AT25SF041?file=${at("chip.bin")}`]);
    expect(undone.code, undone.stderr).toBe(0);
    expect(Buffer.compare(readFileSync(at("chip.bin")), before)).toBe(0);
  });

  it("is not decided by journals that cannot be removed or read", async () => {
    mkdirSync(at("j"));
    for (let index = 0; index < 20; index++) {
      writeFileSync(
        at(`j/${index}.journal`),
        line({ ...JOB, number: 1e15 - index }) + line({ kind: "done", digests: [] }),
      );
    }
    chmodSync(at("j/3.journal"), 0);
    writeFileSync(at("j/99.journal"), "nonsense\n");
    const id = await keep(1);
    expect(readdirSync(at("j"))).toContain(`${id}.journal`);
  });
});
