/** `norbridge firmware`: the firmware of a bridge, that of this package, and the command that installs it. Changes nothing. */
import type { BridgeInfo } from "../../bridge/bridge.ts";
import { printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { JsonFields, Outcome } from "../program/outcome.ts";
import { withBridge } from "../../runner/with-bridge.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import {
  compareFirmware,
  FIRMWARE_BOARDS,
  type FirmwareBoard,
  firmwareImagePath,
  SHIPPED_FIRMWARE_VERSION,
} from "../host-files/firmware-images.ts";
import type { Platform } from "../../platform.ts";
import { alignedRows } from "../output/table.ts";
import type { Session } from "../program/session.ts";

export interface FirmwareRequest {
  readonly connection: ConnectionRequest;
  /** A board by name: nothing is opened. */
  readonly board: string | undefined;
}

const VERDICTS = {
  older: "older than the firmware in this package",
  same: "the firmware in this package",
  newer: "newer than the firmware in this package",
  unknown: "not norbridge firmware",
} as const;

export async function firmware(request: FirmwareRequest, session: Session): Promise<Outcome> {
  if (request.board !== undefined) {
    const boards = FIRMWARE_BOARDS.filter(({ name }) => name === request.board);
    session.report.text(installText(boards, portOf(request), session.io.platform));
    return {
      kind: "done",
      fields: {
        shipped: SHIPPED_FIRMWARE_VERSION,
        install: boards.map(installFields(portOf(request), session.io.platform)),
      },
    };
  }
  const info = await withBridge(session, request.connection, ({ info }) => Promise.resolve(info));
  const boards = boardsOf(info);
  const verdict = isOurs(info) ? compareFirmware(info.firmwareVersion) : "unknown";
  const rows = [
    ["bridge", info.boardName],
    ["  runs", info.firmwareVersion === "" ? "does not report its version" : info.firmwareVersion],
    ["  that is", VERDICTS[verdict]],
    ["  shipped", SHIPPED_FIRMWARE_VERSION],
  ];
  session.report.text(alignedRows(rows.map((row) => row.map(printable))));
  session.report.text(installText(boards, portOf(request), session.io.platform));
  return {
    kind: "done",
    fields: fieldsOf(info, verdict, boards.map(installFields(portOf(request), session.io.platform))),
  };
}

function portOf({ connection }: FirmwareRequest): string {
  const { port } = connection;
  return port?.kind === "serial" ? port.path : "PORT";
}

function isOurs(info: BridgeInfo): boolean {
  return info.protocol === "native" && FIRMWARE_BOARDS.some(({ boardName }) => boardName === info.boardName);
}

/** The boards that the bridge may be; all if it is unknown. */
function boardsOf(info: BridgeInfo): readonly FirmwareBoard[] {
  const same = FIRMWARE_BOARDS.filter(({ boardName }) => boardName === info.boardName);
  return same.length > 0 ? same : FIRMWARE_BOARDS;
}

function imageOf(board: FirmwareBoard): string {
  const path = firmwareImagePath(board.image);
  if (path === undefined) {
    throw new NorbridgeError("FILE_INVALID", `${board.image} is missing from this installation`, {
      operation: "find firmware",
      hint: "Install norbridge again.",
    });
  }
  return path;
}

function installText(boards: readonly FirmwareBoard[], port: string, platform: Platform): string {
  return boards
    .map((board) => {
      const notes = board
        .notes(platform)
        .map((note) => `  note: ${note}\n`)
        .join("");
      return `\n${board.title} (--board ${board.name}):\n  ${board.command(imageOf(board), port, platform)}\n${notes}`;
    })
    .join("");
}

function installFields(port: string, platform: Platform): (board: FirmwareBoard) => JsonFields {
  return (board) => ({
    board: board.name,
    title: board.title,
    image: imageOf(board),
    command: board.command(imageOf(board), port, platform),
    notes: [...board.notes(platform)],
  });
}

function fieldsOf(info: BridgeInfo, verdict: string, install: readonly JsonFields[]): JsonFields {
  return {
    boardName: info.boardName,
    protocol: info.protocol,
    runs: info.firmwareVersion,
    shipped: SHIPPED_FIRMWARE_VERSION,
    verdict,
    install,
  };
}
