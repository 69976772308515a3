/** `norbridge list`: lists the serial ports. Opens none. */
import { printable } from "../../bytes.ts";
import { listPorts, type PortDescription } from "../../transport/list-ports.ts";
import type { JsonFields, Outcome } from "../program/outcome.ts";
import { count } from "../../runner/quantities.ts";
import { alignedRows } from "../output/table.ts";
import type { Session } from "../program/session.ts";

const HINT = "Without hardware try --port sim:AT25SF041.";

export async function list(session: Session): Promise<Outcome> {
  const ports = await listPorts();
  for (const port of ports) session.report.record("port", fieldsOf(port));
  if (ports.length === 0) {
    return { kind: "no", message: "no serial port was found", hint: HINT, fields: { ports: 0, bridges: 0 } };
  }
  session.report.text(alignedRows([["PORT", "BRIDGE", "USB ID", "SERIAL NUMBER", "WHAT"], ...ports.map(rowOf)]));
  const bridges = ports.filter((port) => port.likelyBridge).length;
  return {
    kind: "done",
    summary: `${count(ports.length, "port")}, ${bridges} of them ${bridges === 1 ? "looks" : "look"} like a bridge`,
    fields: { ports: ports.length, bridges },
  };
}

function rowOf(port: PortDescription): readonly string[] {
  const usbId = port.vendorId === undefined ? "" : `${port.vendorId}:${port.productId ?? ""}`;
  const what = port.note ?? port.product ?? port.manufacturer ?? "";
  const bridge = port.isNorbridge ? "norbridge" : port.likelyBridge ? "likely" : "";
  return [port.path, bridge, usbId, port.serialNumber ?? "", what].map(printable);
}

function fieldsOf(port: PortDescription): JsonFields {
  const { path, likelyBridge, isNorbridge, manufacturer, serialNumber, vendorId, productId, product, note } = port;
  return { path, likelyBridge, isNorbridge, manufacturer, serialNumber, vendorId, productId, product, note };
}
