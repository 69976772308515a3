/** `norbridge write FILE`: plan, erase, program, verify; or with --dry-run only show what would be done. */
import { formatRange, formatSize } from "../../bytes.ts";
import { checkFits, checkPageSize } from "../../files/check-fits.ts";
import type { WritePlan } from "../../jobs/write/plan.ts";
import { planImage, type WriteReport, type WriteRequest } from "../../jobs/write/write-image.ts";
import { openedForEach } from "../../runner/change-chip.ts";
import { runWrite, type Watch } from "../../runner/change-jobs.ts";
import type { JsonFields, Outcome } from "../program/outcome.ts";
import { type Connected, withDevice } from "../../runner/with-chip.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import type { ImageRequest } from "../options/image-request.ts";
import { openImageRequest, type RequestedImage } from "../host-files/open-image-request.ts";
import { resolveRegions } from "./region-image.ts";
import { count, formatSeconds } from "../../runner/quantities.ts";
import { alignedRows } from "../output/table.ts";
import type { JournalRequest } from "../../runner/journal-request.ts";
import type { Session } from "../program/session.ts";

export interface WriteCommandRequest {
  readonly connection: ConnectionRequest;
  readonly image: ImageRequest;
  readonly dryRun: boolean;
  readonly verify: boolean;
  readonly assumeBlank: boolean;
  readonly journal: JournalRequest;
}

export async function write(asked: WriteCommandRequest, session: Session): Promise<Outcome> {
  const request = { ...asked, image: await resolveRegions(asked.image, asked.connection, session, "write") };
  const opened = await openImageRequest(request.image, session);
  const { image } = opened;
  try {
    const { offset } = request.image;
    if (!request.dryRun) return await writeIt(opened, request, session);
    return await withDevice(session, request.connection, { willChange: false, mayReconnect: true }, (connected) => {
      checkFits(image, offset, connected.device.geometry.capacityBytes);
      if (!opened.isPlaced) checkPageSize(image, offset, connected.device.geometry);
      return showPlan(connected, opened, request, session);
    });
  } finally {
    await image.close();
  }
}

function jobRequest(request: WriteCommandRequest): WriteRequest {
  return {
    offset: request.image.offset,
    verify: request.verify,
    assumeBlank: request.assumeBlank,
    checkUntouched: request.connection.care === "paranoid",
  };
}

async function writeIt(
  { image, named, isPlaced, files }: RequestedImage,
  request: WriteCommandRequest,
  session: Session,
): Promise<Outcome> {
  const job = { image, named, isPlaced, request: jobRequest(request), journal: request.journal };
  const chip = openedForEach(session, request.connection);
  const watch: Watch = (geometry, clock) => session.report.watch(geometry, clock);
  const { sha256, ...report } = await runWrite(chip, job, session, watch);
  return { kind: "done", summary: summaryOf(report, request, sha256), fields: { ...fieldsOf(report), sha256, files } };
}

function summaryOf(report: WriteReport, request: WriteCommandRequest, sha256: string): string {
  const done = [
    `wrote ${count(report.imageBytes, "byte")}`,
    `${count(report.programmedPages, "page")} programmed`,
    count(report.erasedUnits, "erase"),
    ...(report.retriedUnits === 0 ? [] : [`${count(report.retriedUnits, "sector")} repeated`]),
    formatSeconds(report.durationUs),
    request.verify ? "verified" : "not verified",
    `sha256 ${sha256}`,
  ];
  return done.join(", ");
}

function fieldsOf(report: WriteReport): JsonFields {
  const { phases, ...counts } = report;
  return { ...counts, phases: { ...phases } };
}

async function showPlan(
  { device, clock }: Connected,
  { image, files }: RequestedImage,
  request: WriteCommandRequest,
  session: Session,
): Promise<Outcome> {
  const plan = await planImage(device, image, jobRequest(request), {
    clock,
    signal: session.signal,
    onEvent: session.report.watch(device.geometry, clock),
  });
  session.report.endProgress();
  session.report.text(alignedRows(planRows(plan)));
  const sum = (ranges: readonly { readonly lengthBytes: number }[]): number =>
    ranges.reduce((total, range) => total + range.lengthBytes, 0);
  const programBytes = sum(plan.programs);
  return {
    kind: "done",
    summary:
      `would erase ${formatSize(sum(plan.erases))} in ${count(plan.erases.length, "erase")} and program ` +
      `${formatSize(programBytes)}, in about ${formatSeconds(plan.estimateUs)}; nothing was changed`,
    fields: {
      dryRun: true,
      imageBytes: image.totalBytes,
      erases: plan.erases.map((block) => ({ ...place(block), unit: block.unit.name })),
      programs: plan.programs.map(place),
      keeps: plan.keeps.map(place),
      verifies: plan.verifies.map(place),
      sameBytes: plan.sameBytes,
      blankBytes: plan.blankBytes,
      estimateUs: plan.estimateUs,
      files,
    },
  };
}

function place(range: { readonly address: number; readonly lengthBytes: number }): JsonFields {
  return { address: range.address, lengthBytes: range.lengthBytes };
}

function planRows(plan: WritePlan): string[][] {
  const steps = [
    ...plan.erases.map((block) => ({ order: 1, step: "erase", range: block, note: block.unit.name })),
    ...plan.keeps.map((range) => ({ order: 0, step: "keep", range, note: "read before the erase, restored after it" })),
    ...plan.programs.map((range) => ({ order: 2, step: "program", range, note: "" })),
  ];
  steps.sort((a, b) => a.range.address - b.range.address || a.order - b.order);
  return steps.map(({ step, range, note }) => [step, formatRange(range), note]);
}
