/**
 * What the machine reports of a serial port before it is opened. Linux keeps all of it in files; what another system does not
 * show is reported as not looked at, and never as right.
 */
import { constants } from "node:fs";
import { access, readdir, readFile, readlink, realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { advice, type Advice } from "../advice.ts";
import { printable } from "../bytes.ts";
import { hostPlatform, type Platform } from "../platform.ts";
import type { Finding } from "./finding.ts";

/** The machine that is looked at; a test has its own. */
export interface HostMachine {
  readonly platform: Platform;
  /** Where Linux has its files. */
  readonly proc: string;
  readonly sys: string;
  readonly run: string;
  readonly etc: string;
}

/** This machine. */
export const HOST_MACHINE: HostMachine = {
  platform: hostPlatform,
  proc: "/proc",
  sys: "/sys",
  run: "/run",
  etc: "/etc",
};

/** Above this a turn-around costs more than the bytes in it. */
const QUICK_LATENCY_MS = 2;
/** Groups that exist for devices. In any other a user gets far more rights than to a serial port. */
const DEVICE_GROUPS: ReadonlySet<string> = new Set(["dialout", "uucp", "plugdev"]);

/** Looks at everything about a serial port that needs no opening of it. */
export async function checkHost(path: string, machine: HostMachine = HOST_MACHINE): Promise<readonly Finding[]> {
  if (machine.platform === "windows") {
    // A COM port has no name in the file system that could be asked.
    return [notLooked("port", "on Windows, only opening the port shows whether it exists and can be used")];
  }
  const presence = await checkPresence(path);
  if (presence.state !== "ok") return [presence];
  const permission = await checkPermission(path, machine);
  if (machine.platform !== "linux") {
    return [presence, permission, notLooked("other programs", "this system does not provide this information")];
  }
  return [
    presence,
    permission,
    await checkHolder(path, machine),
    await checkModemManager(path, machine),
    await checkLatencyTimer(path, machine),
  ];
}

function notLooked(check: string, why: string): Finding {
  return { check, state: "skipped", evidence: `not looked: ${why}` };
}

async function checkPresence(path: string): Promise<Finding> {
  const check = "port";
  try {
    const found = await stat(path);
    const name = await realpath(path);
    // Major 1 is memory, null and their kin.
    if (found.isCharacterDevice() && found.rdev >> 8 !== 1)
      return { check, state: "ok", evidence: `${printable(name)} is there` };
    return {
      check,
      state: "fault",
      evidence: `${printable(path)} is not a serial device`,
      cause: "this is not a serial port",
      fix: advice("Specify another port.", "list-ports"),
    };
  } catch {
    return {
      check,
      state: "fault",
      evidence: `there is no ${printable(path)}`,
      cause: "the port does not exist",
      fix: advice("Plug the bridge in.", "list-ports"),
    };
  }
}

async function checkPermission(path: string, machine: HostMachine): Promise<Finding> {
  const check = "permission";
  try {
    await access(path, constants.R_OK | constants.W_OK);
    return { check, state: "ok", evidence: "this user may read and write it" };
  } catch {
    const { gid, mode } = await stat(path);
    const group = await groupName(gid, machine);
    const rights = (mode & 0o777).toString(8);
    return {
      check,
      state: "fault",
      evidence: `its group is ${printable(group)}, its mode ${rights}`,
      cause: "this user may not open the port",
      fix: permissionFix(path, group, machine.platform),
    };
  }
}

/** What a user can do who may not open a port of this group. */
export function permissionFix(path: string, group: string, platform: Platform): Advice {
  if (platform !== "linux") return advice(`Allow this user to read and write it: sudo chmod a+rw ${printable(path)}`);
  const rule = "Install a udev rule that allows it";
  if (!DEVICE_GROUPS.has(group)) return advice(`${rule}.`, "print-udev-rule");
  const joining = `join the group (sudo usermod -aG ${group} "$USER") and log in again`;
  return advice(`${rule}, or ${joining}.`, "print-udev-rule");
}

async function groupName(gid: number, { etc }: HostMachine): Promise<string> {
  const lines = (await textOf(join(etc, "group")))?.split("\n") ?? [];
  const line = lines.find((one) => one.split(":")[2] === String(gid));
  return line?.split(":")[0] ?? String(gid);
}

/** Who has the device open: whose list of open files names it. */
async function checkHolder(path: string, { proc }: HostMachine): Promise<Finding> {
  const check = "other programs";
  const ids = await processesIn(proc);
  if (ids === undefined) return notLooked(check, `${proc} shows no programs here`);
  const device = await realpath(path);
  const holders: string[] = [];
  let unread = 0;
  for (const id of ids) {
    if (id === String(process.pid)) continue;
    const files = await namesIn(join(proc, id, "fd"));
    if (files === undefined) {
      unread++;
      continue;
    }
    const targets = await Promise.all(files.map((file) => linkOf(join(proc, id, "fd", file))));
    if (targets.includes(device)) holders.push(`${await commandOf(proc, id)} (process ${id})`);
  }
  if (holders.length > 0) {
    return {
      check,
      state: "fault",
      evidence: `open in ${printable(holders.join(", "))}`,
      cause: "another program has the port open",
      fix: advice(`End it first: ${printable(holders[0] ?? "")}.`),
    };
  }
  const rest = unread === 0 ? "" : "; programs of other users cannot be seen from here";
  return { check, state: "ok", evidence: `no program of this user has it open${rest}` };
}

async function checkModemManager(path: string, { proc, sys, run }: HostMachine): Promise<Finding> {
  const check = "ModemManager";
  const ids = await processesIn(proc);
  if (ids === undefined) return notLooked(check, `${proc} shows no programs here`);
  const commands = await Promise.all(ids.map((id) => textOf(join(proc, id, "comm"))));
  if (!commands.some((command) => command?.trim() === "ModemManager")) {
    return { check, state: "ok", evidence: "it does not run" };
  }
  const number = (await textOf(join(sys, "class/tty", basename(path), "dev")))?.trim();
  const record = number === undefined ? undefined : await textOf(join(run, "udev/data", `c${number}`));
  if (record?.includes("ID_MM_DEVICE_IGNORE=1") === true) {
    return { check, state: "ok", evidence: "it runs, and a rule keeps it away from this port" };
  }
  return {
    check,
    state: "warning",
    evidence: "it runs, and no rule keeps it away from this port",
    cause: "ModemManager may send AT commands to the bridge when it is plugged in",
    fix: advice("Install a udev rule that keeps it away.", "print-udev-rule"),
  };
}

async function checkLatencyTimer(path: string, { sys }: HostMachine): Promise<Finding> {
  const check = "latency timer";
  const file = join(sys, "class/tty", basename(path), "device/latency_timer");
  const text = await textOf(file);
  const latencyMs = Number(text?.trim());
  if (text === undefined || !Number.isFinite(latencyMs)) {
    return { check, state: "ok", evidence: "this port has none" };
  }
  if (latencyMs <= QUICK_LATENCY_MS) return { check, state: "ok", evidence: `${latencyMs} ms` };
  return {
    check,
    state: "warning",
    evidence: `the converter delays short replies by ${latencyMs} ms`,
    cause: "every reply waits for the converter's latency timer",
    fix: advice(`Run: echo 1 | sudo tee ${printable(file)}`),
  };
}

/** Numbers of the programs that run; undefined if the folder shows none, not even this one. */
async function processesIn(proc: string): Promise<readonly string[] | undefined> {
  const ids = ((await namesIn(proc)) ?? []).filter((id) => /^[0-9]+$/.test(id));
  return ids.length === 0 ? undefined : ids;
}

async function commandOf(proc: string, id: string): Promise<string> {
  return (await textOf(join(proc, id, "comm")))?.trim() ?? "?";
}

async function namesIn(folder: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(folder);
  } catch {
    return undefined;
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch {
    return undefined;
  }
}

async function linkOf(file: string): Promise<string | undefined> {
  try {
    return await readlink(file);
  } catch {
    return undefined;
  }
}
