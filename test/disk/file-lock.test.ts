/** One writer for a file: never two, whatever order they come in, and the dead are noticed without a clock. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { heldOrBusy, holderOf, lockFile, tryLockFile } from "../../src/disk/file-lock.ts";
import { HOST_HOLDS, type Holds, holdsOf } from "../../src/disk/held-file.ts";
import { ownMark, ownPlace } from "../../src/disk/process-mark.ts";
import { ensureCompiled } from "../support/cli.ts";
import { itUnless, missing } from "../support/needs.ts";
import { removeFolder } from "../support/remove-folder.ts";

let folder = mkdtempSync(join(tmpdir(), "norbridge-lock-"));
const folders = [folder];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "norbridge-lock-"));
  folders.push(folder);
});
afterAll(() => {
  for (const each of folders) removeFolder(each);
});

const claim = (fields: object): string => JSON.stringify({ v: 1, ...ownMark(), ...ownPlace(), ...fields });

describe("a lock", () => {
  it("is had by one, and by the next when it is let go", async () => {
    const path = join(folder, "chip.bin");
    const first = await lockFile(path);
    expect(first.kind).toBe("held");
    expect(tryLockFile(path)).toMatchObject({ kind: "taken", pid: process.pid });
    expect(await lockFile(path)).toMatchObject({ kind: "taken" });
    expect(holderOf(path)).toBe(process.pid);
    if (first.kind === "held") first.release();
    expect(holderOf(path)).toBeUndefined();
    const second = await lockFile(path);
    expect(second.kind).toBe("held");
    if (second.kind === "held") second.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  itUnless(missing.links)("is one for a file and a link to it", async () => {
    const path = join(folder, "chip.bin");
    writeFileSync(path, "x");
    symlinkSync(path, join(folder, "other.bin"));
    const lock = heldOrBusy(await lockFile(path), "it");
    expect(tryLockFile(join(folder, "other.bin")).kind).toBe("taken");
    lock.release();
  });

  it("is one for all names of the same file", async () => {
    const path = join(folder, "chip.bin");
    writeFileSync(path, "x");
    const lock = heldOrBusy(await lockFile(path), "it");
    expect(tryLockFile(join(folder, "..", basename(folder), "chip.bin")).kind).toBe("taken");
    expect(() => heldOrBusy(tryLockFile(path), "it")).toThrow(expect.objectContaining({ code: "PORT_BUSY" }));
    const neighbour = tryLockFile(join(folder, "chip.bin2"));
    expect(neighbour.kind).toBe("held");
    lock.release();
    if (neighbour.kind === "held") neighbour.release();
  });

  itUnless(missing.procFiles)("is free when its process is dead, or another one by now", () => {
    const path = join(folder, "chip.bin");
    const dead = [claim({ pid: 0x7ffffff0, started: "" }), claim({ started: "1" }), claim({ boot: "another boot" })];
    for (const [index, text] of dead.entries()) writeFileSync(join(folder, `.chip.bin.0000000${index}.lock`), text);
    const lock = tryLockFile(path);
    expect(lock.kind).toBe("held");
    expect(readdirSync(folder)).toHaveLength(1);
    if (lock.kind === "held") lock.release();
  });

  it("stays locked if the owner is unknown: another machine, another container, a claim that makes no sense", () => {
    const path = join(folder, "chip.bin");
    for (const text of [claim({ host: `not-${hostname()}` }), claim({ space: "pid:[1]" }), "", "nonsense"]) {
      writeFileSync(join(folder, ".chip.bin.00000000.lock"), text);
      const lock = tryLockFile(path);
      expect(lock, text).toMatchObject({ kind: "taken", claim: join(folder, ".chip.bin.00000000.lock") });
    }
  });

  describe("by a file that its process holds, where numbers of processes are used again", () => {
    /** A system on which these files are held. */
    function holdsWith(files: Set<string>): Holds {
      return {
        hold(path) {
          writeFileSync(path, "");
          files.add(path);
          return () => {
            files.delete(path);
            rmSync(path, { force: true });
          };
        },
        isHeld: (path) => files.has(path),
      };
    }

    it("is locked as long as the file is held, and free after a kill, although another process has the number", () => {
      const path = join(folder, "chip.bin");
      const files = new Set<string>();
      const lock = tryLockFile(path, holdsWith(files));
      expect(files.size).toBe(1);
      expect(tryLockFile(path, holdsWith(files))).toMatchObject({ kind: "taken", pid: process.pid });
      expect(holderOf(path, holdsWith(files))).toBe(process.pid);
      // The system lets go of it with the process; this process has the number by now.
      files.clear();
      expect(holderOf(path, holdsWith(files))).toBeUndefined();
      const next = tryLockFile(path, holdsWith(files));
      expect(next.kind).toBe("held");
      if (next.kind === "held") next.release();
      if (lock.kind === "held") lock.release();
      expect(readdirSync(folder)).toEqual([]);
    });

    it("is unknown on another machine: it stays locked", () => {
      const path = join(folder, "chip.bin");
      writeFileSync(join(folder, ".chip.bin.00000000.lock"), claim({ host: `not-${hostname()}`, held: 1 }));
      expect(tryLockFile(path, holdsWith(new Set())).kind).toBe("taken");
    });

    itUnless(missing.heldFiles)("this system holds files so", () => {
      const path = join(folder, "held");
      const letGo = HOST_HOLDS.hold(path);
      expect(letGo).toBeDefined();
      expect(HOST_HOLDS.isHeld(path)).toBe(true);
      letGo?.();
      expect(HOST_HOLDS.isHeld(path)).toBe(false);
      expect(readdirSync(folder)).toEqual([]);
    });

    it("Linux knows when a process began, and holds none", () => {
      expect(holdsOf("linux").hold(join(folder, "held"))).toBeUndefined();
      expect(readdirSync(folder)).toEqual([]);
    });
  });

  it("leaves files alone that only look like claims", () => {
    for (const name of [".chip.bin.lock", ".chip.bin.mine.lock", ".chip.bin.00000000.lock.txt"]) {
      writeFileSync(join(folder, name), claim({ pid: 0x7ffffff0 }));
    }
    const lock = tryLockFile(join(folder, "chip.bin"));
    expect(lock.kind).toBe("held");
    if (lock.kind === "held") lock.release();
    expect(readdirSync(folder)).toHaveLength(3);
  });

  it("is never had by two programs at once, and not kept by one that was killed", async () => {
    ensureCompiled();
    const module = new URL("../../dist/src/disk/file-lock.js", import.meta.url);
    const path = join(folder, "chip.bin");
    // Each takes the lock 30 times; while it has it a folder of one name is made and removed, which two could not do.
    const program = `
      const { lockFile } = await import(${JSON.stringify(module.href)});
      const { mkdirSync, rmdirSync } = await import("node:fs");
      let had = 0;
      for (let tries = 0; tries < 30; tries++) {
        const lock = await lockFile(${JSON.stringify(path)});
        if (lock.kind !== "held") continue;
        mkdirSync(${JSON.stringify(join(folder, "inside"))});
        had++;
        rmdirSync(${JSON.stringify(join(folder, "inside"))});
        lock.release();
      }
      const last = await lockFile(${JSON.stringify(`${path}.`)} + process.pid);
      console.log(had);
      process.kill(process.pid, "SIGKILL");`;
    const run = (): Promise<string> =>
      new Promise((resolve) => {
        const child = spawn(process.execPath, ["--input-type=module", "-e", program]);
        let said = "";
        child.stdout.on("data", (bytes: Buffer) => (said += bytes.toString()));
        child.stderr.on("data", (bytes: Buffer) => (said += bytes.toString()));
        child.on("close", (code, signal) => {
          resolve(`${said.trim()} ${signal ?? `exit code ${code ?? "none"}`}`);
        });
      });
    const said = await Promise.all([run(), run(), run()]);
    // Windows has no signals: a killed process ends with 1.
    const howKilled = process.platform === "win32" ? "exit code 1" : "SIGKILL";
    for (const line of said) expect(line).toMatch(new RegExp(`^\\d+ ${howKilled}$`));
    expect(said.reduce((sum, line) => sum + Number.parseInt(line, 10), 0)).toBeGreaterThan(0);
    // Beside a claim there may be the file that its process held.
    const left = readdirSync(folder).filter((name) => name.endsWith(".lock"));
    expect(left).toHaveLength(3);
    for (const name of left) {
      const file = name.replace(/^\./, "").replace(/\.[0-9a-f]{8}\.lock$/, "");
      const lock = tryLockFile(join(folder, file));
      expect(lock.kind).toBe("held");
      if (lock.kind === "held") lock.release();
    }
    expect(readdirSync(folder)).toEqual([]);
  });
});
