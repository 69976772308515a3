/** `norbridge info`: all facts of bridge and chip. */
import type { OneTimeRegister, ProtectionState } from "../../../drivers/chip-driver.ts";
import type { FlashGeometry } from "../../../drivers/geometry.ts";
import type { BridgeInfo } from "../../bridge/bridge.ts";
import { formatRange, formatSize, printable } from "../../bytes.ts";
import type { FlashDevice, FlashIdentity, FlashProtection } from "../../flash/flash-device.ts";
import type { JsonFields, Outcome } from "../program/outcome.ts";
import { portFromEnvironment } from "../../runner/connections/connect-device.ts";
import { withDevice } from "../../runner/with-chip.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import { type LineCheck, lineCheck } from "../output/line-check.ts";
import { formatClock, formatMilliseconds, formatSeconds } from "../../runner/quantities.ts";
import { sourceRows } from "../output/source-rows.ts";
import { alignedRows } from "../output/table.ts";
import type { Session } from "../program/session.ts";

export interface InfoRequest {
  readonly connection: ConnectionRequest;
}

interface Facts {
  readonly bridge: BridgeInfo | undefined;
  /** The link to the bridge; undefined if there is none. */
  readonly line: LineCheck | undefined;
  readonly identity: FlashIdentity;
  readonly geometry: FlashGeometry;
  readonly protection: ProtectionState | FlashProtection;
  /** Hex; "" if the chip has none, undefined if there is no chip. */
  readonly uniqueId: string | undefined;
  readonly sources: readonly string[];
  /** One-time registers, and whether anything was programmed in them. */
  readonly oneTime: readonly (OneTimeRegister & { readonly isBlank: boolean })[];
  /** States in which the chip was found. */
  readonly states: NonNullable<FlashDevice["states"]>;
  /** In use; undefined if there is no SPI. */
  readonly spiClockHz: number | undefined;
}

export async function info(request: InfoRequest, session: Session): Promise<Outcome> {
  const { connection } = request;
  const port = connection.port ?? portFromEnvironment(session.io.env["NORBRIDGE_PORT"]);
  const lineFacts = { portKind: port?.kind, said: connection.isChecked };
  const facts = await withDevice(
    session,
    connection,
    { willChange: false },
    async ({ device, bridge, spiClockHz }): Promise<Facts> => ({
      bridge: bridge?.info,
      line: bridge === undefined ? undefined : lineCheck(bridge.info, lineFacts),
      identity: device.identity,
      geometry: device.geometry,
      protection: await (device.services?.protection.read() ?? device.protectedRanges()),
      uniqueId: device.services === undefined ? undefined : ((await device.services.readUniqueId?.()) ?? ""),
      sources: device.sources ?? [],
      oneTime: await oneTimeOf(device),
      states: device.states ?? [],
      spiClockHz,
    }),
  );
  const rows = [...rowsOf(facts), ...(session.report.verbose ? sourceRows(facts.sources) : [])];
  session.report.text(alignedRows(rows.map((row) => row.map(printable))));
  return { kind: "done", fields: fieldsOf(facts) };
}

async function oneTimeOf(device: FlashDevice): Promise<Facts["oneTime"]> {
  const service = device.services?.oneTime;
  const found = [];
  for (const register of service?.registers ?? []) {
    const bytes = await service?.read(register, 0, register.lengthBytes);
    found.push({ ...register, isBlank: bytes?.every((byte) => byte === 0xff) ?? true });
  }
  return found;
}

function oneTimeText({ name, lengthBytes, isWritable, isBlank }: Facts["oneTime"][number]): string {
  return `register ${name}, ${formatSize(lengthBytes)}, ${isWritable ? (isBlank ? "blank" : "programmed") : "factory-programmed"}`;
}

function rowsOf(facts: Facts): string[][] {
  const { bridge, line, identity, geometry, protection, spiClockHz, uniqueId, oneTime, states } = facts;
  const rows: string[][] = [];
  if (bridge !== undefined && line !== undefined) rows.push(...bridgeRows(bridge, line));
  rows.push(["chip", [identity.vendor, identity.name].filter((word) => word !== "").join(" ")]);
  if (identity.jedecId !== "") rows.push(["  JEDEC ID", identity.jedecId]);
  if (uniqueId !== undefined) rows.push(["  unique ID", uniqueId === "" ? "not readable" : uniqueId]);
  rows.push(["  capacity", `${formatSize(geometry.capacityBytes)} (${geometry.capacityBytes} bytes)`]);
  rows.push(["  page", `${formatSize(geometry.pageBytes)}, ${formatMilliseconds(geometry.programTypicalUs)}`]);
  for (const unit of geometry.eraseUnits) {
    const typicalUs = Math.max(...unit.regions.map((region) => region.typicalUs));
    rows.push(["  erase", `${unit.name}, ${formatSeconds(typicalUs)}`]);
  }
  for (const { text } of states) rows.push(["  found", text]);
  if (spiClockHz !== undefined) rows.push(["  SPI clock", `${formatClock(spiClockHz)} in use`]);
  const ranges = protection.ranges.map(formatRange);
  rows.push(["  protected", ranges.length === 0 ? "nothing" : `${ranges.join(", ")} by ${protection.heldBy}`]);
  if ("lockedBy" in protection && protection.lockedBy !== "") rows.push(["  locked by", protection.lockedBy]);
  for (const register of oneTime) rows.push(["  one-time", oneTimeText(register)]);
  return rows;
}

function bridgeRows(bridge: BridgeInfo, line: LineCheck): string[][] {
  return [
    ["bridge", bridge.boardName],
    ["  firmware", bridge.firmwareVersion],
    ["  serial number", bridge.serialNumber === "" ? "none" : bridge.serialNumber],
    ["  protocol", `${bridge.protocol} ${bridge.protocolVersion}`],
    ["  buffer", formatSize(bridge.bufferBytes)],
    ["  SPI clock", `${formatClock(bridge.spiClockMinHz)} to ${formatClock(bridge.spiClockMaxHz)}`],
    ["  link", `${line.isChecked ? "checked" : "unchecked"}: ${line.why}`],
    ["  features", bridge.features.length === 0 ? "none" : bridge.features.join(", ")],
  ];
}

function fieldsOf({
  bridge,
  line,
  identity,
  geometry,
  protection,
  spiClockHz,
  uniqueId,
  sources,
  oneTime,
  states,
}: Facts): JsonFields {
  return {
    bridge: bridge === undefined ? null : { ...bridge, features: [...bridge.features] },
    line: line === undefined ? null : { ...line },
    spiClockHz: spiClockHz ?? null,
    chip: {
      ...identity,
      uniqueId: uniqueId ?? "",
      capacityBytes: geometry.capacityBytes,
      pageBytes: geometry.pageBytes,
      programTypicalUs: geometry.programTypicalUs,
      eraseUnits: geometry.eraseUnits.map((unit) => ({
        name: unit.name,
        regions: unit.regions.map(({ address, unitBytes, count, typicalUs }) => ({
          address,
          unitBytes,
          count,
          typicalUs,
        })),
      })),
      protected: protection.ranges.map(({ address, lengthBytes }) => ({ address, lengthBytes })),
      protectedBy: protection.ranges.length === 0 ? "" : protection.heldBy,
      protectionLockedBy: "lockedBy" in protection ? protection.lockedBy : "",
      oneTimeRegisters: oneTime.map(({ name, lengthBytes, isWritable, isBlank }) => ({
        name,
        lengthBytes,
        isWritable,
        isBlank,
      })),
      states: states.map(({ kind, text, remains }) => ({ kind, text, remains })),
      sources: [...sources],
    },
  };
}
