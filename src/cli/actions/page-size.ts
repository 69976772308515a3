/** `norbridge page-size`: shows or changes the page size of an AT45; never changes it without a request. */
import { NorbridgeError } from "../../errors.ts";
import type { PageSizeService } from "../../flash/chip-services.ts";
import { withDevice } from "../../runner/with-chip.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import type { Outcome } from "../program/outcome.ts";
import type { Session } from "../program/session.ts";

export interface PageSizeRequest {
  readonly connection: ConnectionRequest;
  /** Undefined: only show it. */
  readonly pageBytes: number | undefined;
  readonly acceptsLoss: boolean;
  readonly isPermanent: boolean;
}

export async function pageSize(request: PageSizeRequest, session: Session): Promise<Outcome> {
  const willChange = request.pageBytes !== undefined;
  return withDevice(session, request.connection, { willChange, isPermanent: willChange }, async ({ device }) => {
    const service = device.services?.pageSize;
    const { name } = device.identity;
    if (service === undefined) {
      throw new NorbridgeError("USAGE", `${name} has one page size, ${device.geometry.pageBytes} bytes`, {
        operation: "page size",
      });
    }
    const { pageBytes: wanted } = request;
    if (wanted === undefined || wanted === service.pageBytes) return shown(name, service);
    checkConsent(name, service, wanted, request);
    await service.set(wanted, "page-size");
    const when = service.isOneTime ? "permanently, after the next power cycle" : "now";
    return {
      kind: "done",
      summary: `${name} has pages of ${wanted} bytes ${when}; its content must be written again`,
      fields: { pageBytes: wanted, wasPageBytes: service.pageBytes, isOneTime: service.isOneTime },
    };
  });
}

function shown(name: string, { pageBytes, standardPageBytes, binaryPageBytes, isOneTime }: PageSizeService): Outcome {
  const other = pageBytes === standardPageBytes ? binaryPageBytes : standardPageBytes;
  const change =
    pageBytes === binaryPageBytes && isOneTime
      ? `it can never go back to ${standardPageBytes}`
      : `it can be set to ${other}${isOneTime ? ", once and permanently" : ""}`;
  return {
    kind: "done",
    summary: `${name} has pages of ${pageBytes} bytes; ${change}`,
    fields: { pageBytes, standardPageBytes, binaryPageBytes, isOneTime },
  };
}

/** Reports the effect and what to type, before anything is sent. */
function checkConsent(name: string, service: PageSizeService, wanted: number, request: PageSizeRequest): void {
  const missing = [
    ...(request.acceptsLoss ? [] : ["--accept-content-loss"]),
    ...(service.isOneTime && !request.isPermanent ? ["--permanent"] : []),
  ];
  if (missing.length === 0) return;
  const forEver = service.isOneTime ? ` ${name} can do this once, and it cannot be undone.` : "";
  throw new NorbridgeError("USAGE", `pages of ${wanted} bytes move all data after the first page to other addresses`, {
    operation: "page size",
    hint: `Nothing was sent.${forEver} Read the chip first; if you are sure, add ${missing.join(" and ")}.`,
  });
}
