/**
 * A pseudo terminal whose other end is two pipes of a child process: what a serial port's driver really does (partial
 * reads, hang-up, locks) cannot be had from a mock. Made by socat, or by python3 where socat is missing; under
 * Wine by the server of test/windows.
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeRemotePty, ptyServer } from "./remote-pty.ts";
import { ReceivedBytes } from "./received-bytes.ts";

/** Copies standard input to the terminal and the terminal to standard output; says its name on standard error. */
const RELAY = `
import os, pty, select, sys, tty
master, slave = pty.openpty()
tty.setraw(slave)
sys.stderr.write("PTY is " + os.ttyname(slave) + "\\n")
sys.stderr.flush()
def all_of(fd, data):
    while data:
        data = data[os.write(fd, data):]
while True:
    for fd in select.select([0, master], [], [])[0]:
        data = os.read(fd, 65536)
        if not data:
            sys.exit(0)
        all_of(master if fd == 0 else 1, data)
`;

function has(program: string): boolean {
  return spawnSync(program, ["-h"], { stdio: "ignore" }).error === undefined;
}

const maker = process.platform !== "linux" ? undefined : ["socat", "python3"].find(has);

/** Why there are no pseudo terminals here; undefined if there are. */
export const ptyMissing =
  ptyServer !== undefined
    ? undefined
    : process.platform !== "linux"
      ? `pseudo terminals are tested on Linux only, this is ${process.platform}`
      : maker === undefined
        ? "neither socat nor python3 is on the PATH"
        : undefined;

export interface Pty {
  /** To be opened as a serial port. */
  readonly path: string;
  readonly peer: {
    send(bytes: Uint8Array): Promise<void>;
    received(count: number): Promise<Uint8Array>;
    /** Joins the terminal to a socket: what a USB-serial bridge on the network would be. */
    relay(socket: Socket): void;
    /** The cable is pulled: the other end of the terminal closes. */
    vanish(): Promise<void>;
  };
}

/** Makes one; call `peer.vanish` in the end. */
export async function makePty(): Promise<Pty> {
  if (ptyServer !== undefined) return makeRemotePty(ptyServer);
  const directory = mkdtempSync(join(tmpdir(), "norbridge-pty-"));
  const link = join(directory, "port");
  const child =
    maker === "socat"
      ? spawn("socat", ["-d", "-d", `PTY,raw,echo=0,link=${link}`, "STDIO"])
      : spawn("python3", ["-c", RELAY]);
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const received = new ReceivedBytes();
  child.stdout.on("data", (chunk: Buffer) => received.push(chunk));
  child.stdin.on("error", () => undefined);
  const path = await nameOf(child, exited);
  return {
    path,
    peer: {
      send: (bytes) => new Promise((resolve) => void child.stdin.write(bytes, () => resolve())),
      received: (count) => received.atLeast(count),
      relay(socket) {
        child.stdout.pipe(socket);
        socket.pipe(child.stdin);
      },
      async vanish() {
        child.kill("SIGKILL");
        await exited;
        rmSync(directory, { recursive: true, force: true });
      },
    },
  };
}

async function nameOf(child: ChildProcessWithoutNullStreams, exited: Promise<void>): Promise<string> {
  let text = "";
  const named = new Promise<string>((resolve) => {
    child.stderr.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const name = /PTY is (\S+)\n/.exec(text)?.[1];
      if (name !== undefined) resolve(name);
    });
  });
  const name = await Promise.race([named, exited]);
  if (name === undefined) throw new Error(`no pseudo terminal: ${text}`);
  return name;
}
