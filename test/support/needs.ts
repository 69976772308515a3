/**
 * What a test needs of its system. If that is missing the test is skipped and its title reports why: the run on Windows in
 * test/windows refuses a test that is skipped without a reason.
 */
import { describe, it } from "vitest";
import { ptyServer } from "./remote-pty.ts";

const onWindows = (reason: string): string | undefined => (process.platform === "win32" ? reason : undefined);

/** Why a thing is missing on this system; undefined if it is there. */
export const missing = {
  links: onWindows("symbolic links need a privilege on Windows"),
  specialFiles: onWindows("Windows has no pipes, sockets and devices among its files"),
  modes: onWindows("files have no owner and mode on Windows"),
  deniedFiles:
    onWindows("files have no owner and mode on Windows") ??
    (process.getuid?.() === 0 ? "root may read every file" : undefined),
  notDirectory: onWindows("Windows reports a path below a file as not there"),
  replacingOpenFiles: onWindows("Windows replaces no file that a program has open"),
  exclusivePorts: ptyServer === undefined ? undefined : "Wine lets two programs open a port at once",
  heldFiles: /^(win32|darwin)$/.test(process.platform) ? undefined : "a claim is held open on Windows and macOS only",
  unixReads: onWindows("ports are read by file descriptor on Linux and macOS only"),
  procFiles: process.platform === "linux" ? undefined : `only Linux has /proc, this is ${process.platform}`,
} as const;

type TestBody = () => void | Promise<void>;

/** `it`, skipped for this reason if there is one. */
export function itUnless(reason: string | undefined): (title: string, body: TestBody) => void {
  return (title, body) => {
    it.skipIf(reason !== undefined)(withReason(title, reason), body);
  };
}

/** `describe`, skipped for this reason if there is one. */
export function describeUnless(reason: string | undefined): (title: string, body: () => void) => void {
  return (title, body) => {
    describe.skipIf(reason !== undefined)(withReason(title, reason), body);
  };
}

function withReason(title: string, reason: string | undefined): string {
  return reason === undefined ? title : `${title} (skipped: ${reason})`;
}
