/** A dump on the disk in place of a chip. */
import type { PortSpec } from "../../transport/port-spec.ts";
import type { ConnectionRequest } from "../connection-request.ts";
import type { RunHost } from "../run-host.ts";
import type { Connection } from "./connection.ts";

/** Throws FILE_INVALID, USAGE for settings that do not fit. */
export async function connectImage(
  host: RunHost,
  spec: PortSpec & { readonly kind: "image" },
  request: ConnectionRequest,
  options: { readonly willChange: boolean },
): Promise<Connection> {
  const { openImageFlash } = await import("../../flash/image-flash.ts");
  const settings = new Map(spec.settings);
  if (request.chip !== undefined && !settings.has("chip")) settings.set("chip", request.chip);
  const hasShape = settings.has("eraseBytes");
  for (const [name, value] of settings.has("chip") ? [] : (request.imageDefaults ?? [])) {
    if (!settings.has(name) && (name === "eraseValue" || !hasShape)) settings.set(name, value);
  }
  const device = await openImageFlash(spec.path, settings, { writable: options.willChange });
  return {
    device,
    bridge: undefined,
    spiClockHz: undefined,
    clock: host.clock,
    run: (job) => job(),
    close: () => device.close(),
    leave: () => device.close(),
    violations: () => [],
  };
}
