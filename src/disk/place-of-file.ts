/** Where a file is, so that a copy of it can be told from it. */
import { readFileSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { toHex } from "../bytes.ts";
import { hashOf } from "../node-hashes.ts";

/** A text for the computer and the file on its disk: a copy, and a file that was restored, have another one. */
export function placeOfFile(path: string): string {
  // Not the number of the device, which may be another one after a restart.
  const { ino, birthtimeNs } = statSync(path, { bigint: true });
  const words = [machineOf(), String(ino), String(birthtimeNs)].join(" ");
  return toHex(hashOf("sha256", new TextEncoder().encode(words)));
}

/** ID of the installation, where the system has one, else its name. */
function machineOf(): string {
  try {
    return readFileSync("/etc/machine-id", "utf8").trim() || hostname();
  } catch {
    return hostname();
  }
}
