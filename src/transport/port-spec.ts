/** What `--port` means. Parsed once, here; everything after trusts it. */
import { advice } from "../advice.ts";
import { printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";

/**
 * A port, as `parsePortSpec` reads it:
 *
 * | Text | Meaning |
 * |---|---|
 * | `/dev/ttyACM0`, `COM7` | `serial`: serial port by path |
 * | `usb:2e8a:000a`, `usb:2e8a:000a:E660` | `usb`: by vendor ID, product ID (four hex digits in lower case) and serial
 * number |
 * | `tcp://HOST:PORT` | `tcp`: bridge on a TCP socket; port 1 to 65535 |
 * | `sim:CHIP?key=value&...` | `sim`: simulated bridge and chip in this process |
 * | `image:FILE?key=value&...` | `image`: a dump, opened as if it were the chip |
 * | `replay:FILE`, `replay-steps:FILE` | `replay`: a recording, played back by bytes or by SPI steps |
 *
 * Within a file name or a value, `%26`, `%3F` and `%25` stand for `&`, `?` and `%`.
 */
export type PortSpec =
  | {
      /** Serial port by path. */
      readonly kind: "serial";
      /** Name of the port: "/dev/ttyACM0", "COM7". */
      readonly path: string;
    }
  | {
      /** Serial port by the identity of its USB device. */
      readonly kind: "usb";
      /** USB vendor ID, four hex digits in lower case. */
      readonly vendorId: string;
      /** USB product ID, four hex digits in lower case. */
      readonly productId: string;
      /** Serial number; left out: any device with these IDs. */
      readonly serialNumber?: string | undefined;
    }
  | {
      /** Bridge on a TCP socket. */
      readonly kind: "tcp";
      /** Host name or IP address, IPv6 without brackets. */
      readonly host: string;
      /** TCP port, 1 to 65,535. */
      readonly port: number;
    }
  | {
      /** Simulated bridge and chip in this process. */
      readonly kind: "sim";
      /** Name of the simulated chip: "AT25SF041". */
      readonly chip: string;
      /** Settings by name, as typed; their values are not checked yet. */
      readonly settings: ReadonlyMap<string, string>;
    }
  | {
      /** A recording, played back. */
      readonly kind: "replay";
      /** The recording. */
      readonly path: string;
      /** Played back byte by byte, or SPI step by SPI step. */
      readonly level: "bytes" | "steps";
    }
  | {
      /** A dump, opened as if it were the chip. */
      readonly kind: "image";
      /** The dump. */
      readonly path: string;
      /** Settings by name, as typed; their values are not checked yet. */
      readonly settings: ReadonlyMap<string, string>;
    };

const FORMS = "/dev/ttyACM0, COM7, usb:VID:PID[:SERIAL], tcp://HOST:PORT, sim:CHIP[?key=value&...], image:FILE";

/** Reads a port as typed; throws USAGE with the forms there are. */
export function parsePortSpec(text: string): PortSpec {
  if (text === "") throw refuse(text, "it is empty");
  if (text.startsWith("tcp:")) return parseTcp(text);
  if (text.startsWith("usb:")) return parseUsb(text);
  if (text.startsWith("sim:")) {
    const { name, settings } = parseSettings(text, "sim:");
    return { kind: "sim", chip: name, settings };
  }
  if (text.startsWith("replay:")) return { kind: "replay", path: text.slice("replay:".length), level: "bytes" };
  if (text.startsWith("replay-steps:"))
    return { kind: "replay", path: text.slice("replay-steps:".length), level: "steps" };
  if (text.startsWith("image:")) {
    const { name, settings } = parseSettings(text, "image:");
    return { kind: "image", path: name, settings };
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text)) throw refuse(text, "only tcp:// is known");
  return { kind: "serial", path: text };
}

function parseTcp(text: string): PortSpec {
  const match = /^tcp:\/\/(\[[0-9a-f:.]+\]|[^:/\s[\]]+):([0-9]{1,5})$/i.exec(text);
  const port = Number(match?.[2]);
  if (match?.[1] === undefined || !(port >= 1 && port <= 65_535)) throw refuse(text, "expected tcp://HOST:PORT");
  return { kind: "tcp", host: match[1].replace(/^\[|\]$/g, ""), port };
}

function parseUsb(text: string): PortSpec {
  const match = /^usb:([0-9a-f]{4}):([0-9a-f]{4})(?::(.+))?$/i.exec(text);
  const [, vendorId, productId, serialNumber] = match ?? [];
  if (vendorId === undefined || productId === undefined) {
    throw refuse(text, "expected usb:VID:PID or usb:VID:PID:SERIAL with four hex digits each");
  }
  const ids = { kind: "usb", vendorId: vendorId.toLowerCase(), productId: productId.toLowerCase() } as const;
  return serialNumber === undefined ? ids : { ...ids, serialNumber };
}

function parseSettings(text: string, prefix: string): { name: string; settings: ReadonlyMap<string, string> } {
  const rest = text.slice(prefix.length);
  const mark = rest.indexOf("?");
  const name = unescaped(mark < 0 ? rest : rest.slice(0, mark));
  if (name === "") throw refuse(text, `something must follow ${prefix}`);
  const settings = new Map<string, string>();
  for (const pair of mark < 0 ? [] : rest.slice(mark + 1).split("&")) {
    const [key = "", ...value] = pair.split("=");
    if (key === "" || value.length === 0) throw refuse(text, `"${printable(pair)}" is not key=value`, IN_NAMES);
    if (settings.has(key)) throw refuse(text, `"${printable(key)}" is given twice`);
    settings.set(key, unescaped(value.join("=")));
  }
  return { name, settings };
}

/**
 * `&`, `?` and `%` within a name or a value are written as in a URL. Any other % stands for itself, as in "100%.bin".
 */
function unescaped(text: string): string {
  return text.replace(/%(25|26|3f)/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

const IN_NAMES = "Within a file name write & as %26, ? as %3F and % as %25.";

function refuse(text: string, why: string, more = ""): NorbridgeError {
  return new NorbridgeError("USAGE", `port ${printable(text)}: ${why}`, {
    operation: "read port",
    hint: advice(`A port is one of: ${FORMS}. ${more}`.trimEnd()),
  });
}
