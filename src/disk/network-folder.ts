/** Folders of another computer, in which locks and shared memory between computers cannot be relied on. */
import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { hostPlatform, type Platform } from "../platform.ts";

/** Types of file systems by `f_type` of statfs(2), Linux; from statfs(2) and linux/magic.h. */
const NETWORK_TYPES: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "SMB"],
  [0xfe534d42, "SMB"],
  [0x5346414f, "AFS"],
  [0x00c36400, "Ceph"],
  [0x01161970, "GFS2"],
  [0x7461636f, "OCFS2"],
]);

/** The kind of network file system that a path is on; undefined: none that is known. */
export function networkFolderOf(path: string, platform: Platform = hostPlatform): string | undefined {
  if (platform === "windows") return /^(?:\\\\\?\\UNC\\|\\\\[^?.])/i.test(path) ? "SMB" : undefined;
  if (platform !== "linux") return undefined;
  try {
    return networkType(statfsSync(dirname(path)).type);
  } catch {
    // A folder that cannot be looked at is reported by what opens the file.
    return undefined;
  }
}

/** A type of statfs(2), which is signed on some machines, as the name of a network file system. */
export function networkType(type: number): string | undefined {
  return NETWORK_TYPES.get(type >>> 0);
}
