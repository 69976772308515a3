/** `norbridge log info`: the log format, its confidence, the state of the log, and a map of its sectors. */
import { formatAddress, formatRange, formatSize } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { LogSector, RecordLog } from "../../storage/record-log.ts";
import { isReadOnly } from "../options/layout-options.ts";
import type { JsonFields, Outcome } from "../program/outcome.ts";
import { drawLogMap } from "../output/log-map.ts";
import { paint } from "../output/paint.ts";
import { alignedRows } from "../output/table.ts";
import type { Session } from "../program/session.ts";
import { type LogTarget, type OpenedLog, withLog } from "./open-log.ts";
import { gapText } from "./record-order.ts";

export async function logInfo(request: LogTarget, session: Session): Promise<Outcome> {
  return withLog(session, request, { operation: "log info", willChange: false }, async (opened) => {
    if (request.log.layout === "auto" && isReadOnly(opened.layout)) throw notOurs(opened, opened.layout);
    const sectors = await opened.log.sectors();
    const { stdout } = session.io;
    session.report.text(alignedRows([...rowsOf(opened, sectors), ...orderRows(opened)]));
    session.report.text(
      drawLogMap(sectors, {
        address: opened.address,
        sectorBytes: opened.log.sectorBytes,
        columns: stdout.columns(),
        paint: (colour, text) => paint(stdout, colour, text),
      }),
    );
    const fields = fieldsOf(opened, sectors);
    if (!opened.log.isBlank) return { kind: "done", fields };
    return { kind: "no", message: "the region is blank: it holds no log", fields };
  });
}

const DESCRIBES = {
  fcb2: "`norbridge log info --layout fcb2`",
  "flashdb-tsdb": "`norbridge log info --layout flashdb-tsdb`",
} as const;

/**
 * Unless its layout is specified, only a log that norbridge also writes is described: a script that appends next relies
 * on that.
 */
function notOurs({ finding, address, log }: OpenedLog, layout: "fcb2" | "flashdb-tsdb"): NorbridgeError {
  const message = `the region holds ${layout} at ${formatAddress(address)} (${finding.why}), which norbridge only reads`;
  return new NorbridgeError("LAYOUT_MISMATCH", message, {
    operation: "log info",
    range: { address, lengthBytes: log.sectorBytes },
    hint: `\`norbridge log read\` reads its records; ${DESCRIBES[layout]} describes it.`,
  });
}

/** One line about the detected format: "fcb, certain: ...". */
export function describeFinding(finding: OpenedLog["finding"]): string {
  return `layout ${finding.layout}, ${finding.sureness}: ${finding.why}`;
}

/** Reports the detected format if it is not certain. */
export function saySureness({ finding }: OpenedLog, session: Session): void {
  if (finding.sureness === "likely" || finding.sureness === "possible") session.report.note(describeFinding(finding));
}

function rowsOf(opened: OpenedLog, sectors: readonly LogSector[]): string[][] {
  const { log, finding, address } = opened;
  const region = { address, lengthBytes: sectors.length * log.sectorBytes };
  const rows = [
    ["layout", finding.layout],
    ["recognised", `${finding.sureness}: ${finding.why}`],
    ["region", formatRange(region)],
    ["sectors", `${sectors.length} of ${formatSize(log.sectorBytes)}`],
  ];
  if (opened.layout === "fcb") {
    const { oldestSector, activeSector, activeElemOffset, activeId, freeSectors } = opened.log.state;
    const { magic, version, alignBytes } = opened.finding.options;
    rows.push(["magic", `0x${magic.toString(16).padStart(8, "0")}, version ${version}, align ${alignBytes}`]);
    rows.push(["oldest sector", String(oldestSector)]);
    rows.push(["active sector", `${activeSector}, id ${activeId}, next entry at ${activeElemOffset}`]);
    rows.push(["free sectors", String(freeSectors)]);
    return rows;
  }
  if (opened.layout === "flashdb-tsdb") {
    const { layoutVersion, granularityBits, timeBits, recordBytes } = opened.finding.options;
    const length = recordBytes === undefined ? "of their own length" : `of ${formatSize(recordBytes)}`;
    rows.push([
      "format",
      `${layoutVersion}, write granularity ${granularityBits} bit, times of ${timeBits} bits, records ${length}`,
    ]);
    return rows;
  }
  if (opened.layout === "fcb2") {
    const { magic, version, alignBytes } = opened.finding.options;
    rows.push(["magic", `0x${magic.toString(16).padStart(8, "0")}, version ${version}, align ${alignBytes}`]);
    rows.push(["oldest sector", String(opened.log.sectorsInUse[0] ?? 0)]);
    rows.push(["active sector", `${opened.log.sectorsInUse.at(-1) ?? 0}, id ${opened.log.activeId ?? 0}`]);
    return rows;
  }
  const { pageBytes, blockPages, recordBytes, format } = opened.finding.options;
  const { pageFirst, pageLast, pageNrNext, adrWr } = opened.log.state;
  rows.push([
    "format",
    `${format}: records of ${formatSize(recordBytes)}, ${blockPages} pages of ${pageBytes} a block`,
  ]);
  rows.push(["first page", pageText(pageFirst)]);
  rows.push(["last page", pageText(pageLast)]);
  rows.push(["next number", String(pageNrNext)]);
  rows.push(["next record", `page ${adrWr.page}, offset ${adrWr.offset}`]);
  return rows;
}

/** What there is to say about the order of the records, if anything. */
function orderRows(opened: OpenedLog): string[][] {
  const log: RecordLog = opened.log;
  if (log.orderDoubt !== undefined) return [["order", `ambiguous: ${log.orderDoubt}`]];
  const gap = gapText(opened);
  return gap === undefined ? [] : [["order", `certain, but ${gap}`]];
}

const NO_PAGE = 0xffff;

function pageText(page: number): string {
  return page === NO_PAGE ? "none" : String(page);
}

function fieldsOf(opened: OpenedLog, sectors: readonly LogSector[]): JsonFields {
  const { finding, log, address } = opened;
  return {
    layout: finding.layout,
    sureness: finding.sureness,
    why: finding.why,
    address,
    sectorBytes: log.sectorBytes,
    sectorCount: sectors.length,
    ...optionsOf(opened),
    ...stateOf(opened),
    sectors: sectors.map((sector) => sector.state),
  };
}

/** The options of the log, as fields. */
function optionsOf({ layout, finding }: OpenedLog): JsonFields {
  if (layout !== "fcb2") return { ...finding.options };
  const { magic, version, alignBytes } = finding.options;
  return { magic, version, alignBytes };
}

/** Where the log stands, as fields. */
function stateOf(opened: OpenedLog): JsonFields {
  switch (opened.layout) {
    case "fcb":
      return { ...opened.log.state };
    case "px-log-fs":
      return { ...opened.log.state, adrWr: { ...opened.log.state.adrWr } };
    case "flashdb-tsdb":
      return {};
    case "fcb2":
      return {
        oldestSector: opened.log.sectorsInUse[0] ?? 0,
        activeSector: opened.log.sectorsInUse.at(-1) ?? 0,
        activeId: opened.log.activeId ?? 0,
      };
  }
}
