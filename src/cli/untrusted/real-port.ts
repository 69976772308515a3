/** Ports that an untrusted file may name. */
import type { PortSpec } from "../../transport/port-spec.ts";

/** Ports that bytes go to and come from. A serial one must be where the system keeps its devices: any path is a file's, too. */
export function isRealPort(spec: PortSpec): boolean {
  if (spec.kind !== "serial") return spec.kind === "usb" || spec.kind === "tcp";
  const isDevice = spec.path.startsWith("/dev/") && !spec.path.split("/").includes("..");
  return isDevice || /^(?:\\\\\.\\)?COM[0-9]{1,3}$/i.test(spec.path);
}
