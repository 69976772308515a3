/** An image for regions of a layout: which ranges of the chip it is reduced to, and where a raw file goes. */
import { withDevice } from "../../runner/with-chip.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import type { ImageRequest } from "../options/image-request.ts";
import type { Session } from "../program/session.ts";
import { prepareRegions } from "./layout-regions.ts";

/**
 * The request with its regions found: nothing was changed, and the chip is closed again. Without regions the request as
 * it is.
 */
export async function resolveRegions(
  request: ImageRequest,
  connection: ConnectionRequest,
  session: Session,
  operation: string,
): Promise<ImageRequest> {
  const { regions, ...image } = request;
  if (regions === undefined) return request;
  const regionsOn = await prepareRegions(regions, session, operation);
  return withDevice(session, connection, { willChange: false, mayReconnect: true }, async ({ device }) => {
    const found = await regionsOn(device);
    const only = found.map(({ address, lengthBytes }) => ({ address, lengthBytes }));
    return { ...image, only, flashBytes: device.geometry.capacityBytes };
  });
}
