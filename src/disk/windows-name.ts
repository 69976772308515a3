/**
 * Names that Windows does not take for those of files: it writes to a device or to a hidden part of another file, without an
 * error.
 */
import { win32 } from "node:path";
import { hostPlatform, type Platform } from "../platform.ts";

/** Devices; older versions take them with any ending as well ("nul.bin"). The last digits are superscript. */
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])$/i;

/** Why no file of this name can be made; undefined if one can. Elsewhere than on Windows every name is a file's. */
export function whyNoFile(path: string, platform: Platform = hostPlatform): string | undefined {
  if (platform !== "windows") return undefined;
  const { root, base } = win32.parse(path);
  // With such a root the system takes all of the path as it is.
  if (/^[\\/]{2}\?[\\/]/.test(root)) return undefined;
  if (path.slice(root.length).includes(":")) return "Windows takes the part after : for a stream within another file";
  if (/[. ]$/.test(base) && !/^\.+$/.test(base)) return "Windows drops a dot or a space at the end of a name";
  const [first = ""] = base.split(".");
  return DEVICE.test(first.trimEnd())
    ? `${first.trimEnd().toUpperCase()} is a device on Windows and not a file`
    : undefined;
}
