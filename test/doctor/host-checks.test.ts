/** What the machine says of a port, on folders that look like a machine's. */
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { advice } from "../../src/advice.ts";
import { diagnose, type Finding } from "../../src/doctor/finding.ts";
import { checkHost, type HostMachine, permissionFix } from "../../src/doctor/host-checks.ts";
import { udevRule } from "../../src/doctor/udev-rule.ts";
import { NORBRIDGE_USB } from "../../src/transport/usb-boards.ts";
import { describeUnless, itUnless, missing } from "../support/needs.ts";
import { makePty, type Pty, ptyMissing } from "../support/pty.ts";

let folder: string;
let roots: Omit<HostMachine, "platform"> & { platform: HostMachine["platform"] };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "norbridge-host-"));
  roots = {
    ...{ platform: "linux", proc: join(folder, "proc"), sys: join(folder, "sys") },
    ...{ run: join(folder, "run"), etc: join(folder, "etc") },
  };
  for (const path of [roots.proc, roots.sys, roots.run, roots.etc]) mkdirSync(path);
  // The first program of a machine: a list of programs without any is not a list.
  file(join(roots.proc, "1", "comm"), "init\n");
  mkdirSync(join(roots.proc, "1", "fd"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(path: string, text: string): void {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
}

const states = (findings: readonly Finding[]): string[] => findings.map(({ check, state }) => `${check}: ${state}`);

it("a port that is not there, and one that is no port", async () => {
  expect(await checkHost(join(folder, "ttyUSB9"), roots)).toMatchObject([
    { check: "port", state: "fault", cause: "the port does not exist" },
  ]);
  file(join(folder, "notes"), "");
  expect(await checkHost(join(folder, "notes"), roots)).toMatchObject([
    { check: "port", state: "fault", cause: "this is not a serial port" },
  ]);
  if (process.platform === "linux") expect(states(await checkHost("/dev/null", roots))).toEqual(["port: fault"]);
});

describeUnless(missing.procFiles ?? ptyMissing)("a pseudo terminal", () => {
  let pty: Pty;
  beforeEach(async () => (pty = await makePty()));
  afterEach(() => pty.peer.vanish());

  it("that nothing is wrong with", async () => {
    const findings = await checkHost(pty.path, roots);
    expect(states(findings)).toEqual([
      "port: ok",
      "permission: ok",
      "other programs: ok",
      "ModemManager: ok",
      "latency timer: ok",
    ]);
    expect(diagnose(findings)).toBeUndefined();
  });

  it("in a container that shows no programs: not looked, and never right", async () => {
    const findings = await checkHost(pty.path, { ...roots, proc: join(folder, "nowhere") });
    expect(states(findings).slice(2, 4)).toEqual(["other programs: skipped", "ModemManager: skipped"]);
    expect(findings[2]?.evidence).toMatch(/^not looked: /);
    expect(diagnose(findings)).toBeUndefined();
  });

  it("on macOS: what that system does not show is not looked at", async () => {
    const findings = await checkHost(pty.path, { ...roots, platform: "macos" });
    expect(states(findings)).toEqual(["port: ok", "permission: ok", "other programs: skipped"]);
    expect(diagnose(findings)).toBeUndefined();
  });

  it("that another program has open: which one", async () => {
    file(join(roots.proc, "77", "comm"), "minicom\n");
    mkdirSync(join(roots.proc, "77", "fd"));
    symlinkSync(pty.path, join(roots.proc, "77", "fd", "3"));
    const diagnosis = diagnose(await checkHost(pty.path, roots));
    expect(diagnosis).toMatchObject({ cause: "another program has the port open" });
    expect(diagnosis?.evidence).toContain("minicom (process 77)");
  });

  it("that a real program has open, by the real list of open files", async () => {
    const holder = spawn("sh", ["-c", 'exec 3<>"$0"; echo open; exec sleep 60', pty.path]);
    try {
      await new Promise((resolve) => holder.stdout.once("data", resolve));
      const found = (await checkHost(pty.path)).find(({ check }) => check === "other programs");
      expect(found).toMatchObject({ state: "fault" });
      expect(found?.evidence).toContain(`(process ${holder.pid ?? 0})`);
    } finally {
      holder.kill("SIGKILL");
    }
  });

  it("behind a converter with a slow latency timer: the file to write to", async () => {
    file(join(roots.sys, "class/tty", basename(pty.path), "device/latency_timer"), "16\n");
    const findings = await checkHost(pty.path, roots);
    expect(diagnose(findings)).toMatchObject({ evidence: "the converter delays short replies by 16 ms" });
    expect(diagnose(findings)?.fix.text).toContain("latency_timer");
    file(join(roots.sys, "class/tty", basename(pty.path), "device/latency_timer"), "1\n");
    expect(diagnose(await checkHost(pty.path, roots))).toBeUndefined();
  });

  it("that ModemManager may take, unless a rule keeps it away", async () => {
    file(join(roots.proc, "9", "comm"), "ModemManager\n");
    file(join(roots.sys, "class/tty", basename(pty.path), "dev"), "188:0\n");
    expect(diagnose(await checkHost(pty.path, roots))).toMatchObject({
      fix: { remedies: ["print-udev-rule"] },
    });
    file(join(roots.run, "udev/data/c188:0"), "E:ID_MM_DEVICE_IGNORE=1\n");
    expect(diagnose(await checkHost(pty.path, roots))).toBeUndefined();
  });

  itUnless(missing.deniedFiles)("that this user may not open: its group, and what to do", async () => {
    chmodSync(pty.path, 0);
    expect(diagnose(await checkHost(pty.path, roots))).toMatchObject({ cause: "this user may not open the port" });
  });
});

it("a COM port has no file to look at: opening it decides", async () => {
  const findings = await checkHost("COM7", { ...roots, platform: "windows" });
  expect(states(findings)).toEqual(["port: skipped"]);
  expect(diagnose(findings)).toBeUndefined();
});

it.each(["root", "wheel", "shadow", "sudo", "tty", "disk", "1000"])("never advises to join the group %s", (group) => {
  const { text: fix, remedies } = permissionFix("/dev/ttyACM0", group, "linux");
  expect(remedies).toEqual(["print-udev-rule"]);
  expect(fix).toContain("rule");
  expect(fix).not.toContain("usermod");
  expect(permissionFix("/dev/cu.usbmodem1", group, "macos").text).not.toMatch(/usermod|udev|group/);
});

it.each(["dialout", "uucp", "plugdev"])("advises to join the group %s, which is one for devices", (group) => {
  expect(permissionFix("/dev/ttyACM0", group, "linux").text).toContain(`usermod -aG ${group} `);
  expect(permissionFix("/dev/cu.usbmodem1", group, "macos").text).not.toMatch(/usermod|udev|group/);
});

it("a fault comes before a warning that was found first, and both before nothing", () => {
  const warning: Finding = { check: "a", state: "warning", evidence: "1", cause: "slow", fix: advice("x") };
  const fault: Finding = { check: "b", state: "fault", evidence: "2", cause: "wrong", fix: advice("y") };
  expect(diagnose([warning, fault])).toEqual({ cause: "wrong", evidence: "2", fix: advice("y") });
  expect(diagnose([warning])).toMatchObject({ cause: "slow" });
  expect(diagnose([{ check: "a", state: "ok", evidence: "" }])).toBeUndefined();
});

it("the udev rule is for these devices only, and gives no other user the right", () => {
  const rule = udevRule([{ identity: "0403:6001" }, { identity: "0403:6001" }, { identity: "2341:0043" }]);
  const lines = rule.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  expect(lines).toEqual([
    'SUBSYSTEM=="tty", ATTRS{idVendor}=="0403", ATTRS{idProduct}=="6001", MODE="0660", TAG+="uaccess", ENV{ID_MM_DEVICE_IGNORE}="1"',
    'SUBSYSTEM=="tty", ATTRS{idVendor}=="2341", ATTRS{idProduct}=="0043", MODE="0660", TAG+="uaccess", ENV{ID_MM_DEVICE_IGNORE}="1"',
  ]);
});

it("the udev rule for norbridge's own firmware asks for its name too: others use the same ids", () => {
  const lines = udevRule([])
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  expect(lines).toHaveLength(2);
  const [vendor, product] = NORBRIDGE_USB.identity.split(":");
  expect(lines[0]).toContain(
    `ATTRS{idVendor}=="${vendor}", ATTRS{idProduct}=="${product}", ATTRS{product}=="norbridge"`,
  );
  expect(lines[1]).toContain('ATTRS{idVendor}=="1209", ATTRS{idProduct}=="0001", ATTRS{product}=="norbridge"');
});
