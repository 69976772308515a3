/** `norbridge sfdp FILE`: explains an SFDP area. */
import type { BasicTableFacts } from "../../../drivers/sfdp/basic-table-facts.ts";
import { describeSfdp, type SfdpFacts } from "../../../drivers/sfdp/describe-sfdp.ts";
import { SFDP_SIGNATURE } from "../../../drivers/sfdp/sfdp-area.ts";
import { formatSize, printable } from "../../bytes.ts";
import { fileInvalid } from "../../disk/file-problem.ts";
import { FILE_USES } from "../../disk/file-uses.ts";
import { hexOrBinary } from "../../files/hex-or-binary.ts";
import { bytesOrStandardInput } from "../../files/text-file.ts";
import type { JsonFields, JsonValue, Outcome } from "../program/outcome.ts";
import { formatMilliseconds, formatSeconds } from "../../runner/quantities.ts";
import { alignedRows } from "../output/table.ts";
import type { Session } from "../program/session.ts";

export interface SfdpRequest {
  /** Path, or `-` for stdin. */
  readonly path: string;
}

export async function sfdp({ path }: SfdpRequest, session: Session): Promise<Outcome> {
  const area = hexOrBinary(path, await bytesOrStandardInput(path, FILE_USES.sfdp, session.signal), SFDP_SIGNATURE);
  const facts = describeSfdp(area);
  if (!facts.ok) throw fileInvalid(path, `is not a usable SFDP area: ${facts.reason}`);
  session.report.text(alignedRows(rowsOf(facts.value).map((row) => row.map(printable))));
  return { kind: "done", fields: toJson(facts.value) };
}

/** Facts are plain data: objects, lists, text, numbers. */
function toJson(facts: SfdpFacts): JsonFields {
  return JSON.parse(JSON.stringify(facts)) as Record<string, JsonValue>;
}

function rowsOf(facts: SfdpFacts): string[][] {
  const { bfpt } = facts;
  return [
    ["SFDP", `revision ${facts.sfdpRev}, ${facts.parameterHeaders} parameter headers`],
    ...facts.headers.map(({ id, rev, dwords, pointer }) => [
      `  ${tableName(id)}`,
      `${dwords} dwords at ${pointer}, revision ${rev}`,
    ]),
    ["chip", `${formatSize(bfpt.sizeBytes)} (${bfpt.sizeBytes} bytes), ${bfpt.addressBytes} address bytes`],
    ["  page", `${formatSize(bfpt.pageSize)}${bfpt.pageSizeFrom === undefined ? "" : `, ${bfpt.pageSizeFrom}`}`],
    ...eraseRows(bfpt),
    ...programRows(bfpt),
    ...Object.entries(bfpt.fastReads).map(([lanes, read]) => [
      `  read ${lanes}`,
      `${read.opcode}, ${read.modeClocks + read.waitStates} dummy clocks`,
    ]),
    ...laterRows(bfpt),
    ...(facts.fourByteInstructions === undefined
      ? []
      : [["4-byte", facts.fourByteInstructions.supported.join(", ") || "no instruction"]]),
    ...mapRows(facts),
  ];
}

function tableName(id: string): string {
  const names: Record<string, string> = { "0xff00": "basic table", "0xff84": "4-byte table", "0xff81": "sector map" };
  return names[id] ?? `table ${id}`;
}

function eraseRows({ eraseTypes, chipEraseTypMs }: BasicTableFacts): string[][] {
  const types = eraseTypes.map(({ type, sizeBytes, opcode, typMs, maxMs }) => {
    const times = typMs === undefined || maxMs === undefined ? "" : `, ${seconds(typMs)}, at most ${seconds(maxMs)}`;
    return [`  erase type ${type}`, `${formatSize(sizeBytes)} by ${opcode}${times}`];
  });
  return chipEraseTypMs === undefined ? types : [...types, ["  erase chip", seconds(chipEraseTypMs)]];
}

function programRows({ pageProgramTypUs, pageProgramMaxUs }: BasicTableFacts): string[][] {
  if (pageProgramTypUs === undefined || pageProgramMaxUs === undefined) return [["  times", "the table has none"]];
  return [["  program", `${formatMilliseconds(pageProgramTypUs)}, at most ${formatMilliseconds(pageProgramMaxUs)}`]];
}

function laterRows({
  suspend,
  deepPowerDown,
  quadEnable,
  softReset,
  enter4Byte,
  sizeBytes,
}: BasicTableFacts): string[][] {
  const rows: string[][] = [];
  if (suspend !== undefined) {
    const words = suspend.supported ? `suspend ${suspend.eraseSuspend}, resume ${suspend.eraseResume}` : "none";
    rows.push(["  suspend", words]);
  }
  if (deepPowerDown !== undefined) {
    const words = deepPowerDown.supported ? `enter ${deepPowerDown.enter}, leave ${deepPowerDown.exit}` : "none";
    rows.push(["  power-down", words]);
  }
  if (softReset !== undefined) rows.push(["  reset", softReset.sequence66h99h ? "66h then 99h" : "none of 66h, 99h"]);
  if (quadEnable !== undefined) rows.push(["  quad enable", quadEnable.meaning]);
  if (enter4Byte !== undefined && sizeBytes > 2 ** 24) rows.push(["  enter 4-byte", enter4Byte.methods.join(", ")]);
  return rows;
}

function mapRows({ sectorMap = [] }: SfdpFacts): string[][] {
  return sectorMap.flatMap((item) =>
    item.kind === "detection"
      ? [["map", `detection by ${item.opcode}, mask ${item.mask}`]]
      : [
          ["map", `configuration ${item.configurationId}`],
          ...item.regions.map(({ start, sizeBytes, eraseTypes }) => [
            `  ${start}`,
            `${formatSize(sizeBytes)}, erase types ${eraseTypes.join(" and ")}`,
          ]),
        ],
  );
}

function seconds(ms: number): string {
  return formatSeconds(ms * 1000);
}
