/** `norbridge station check`, `compose` and `approve`: recipes, before there is a chip. */
import { rangeEnd } from "../../../drivers/geometry.ts";
import { formatRange, formatSize, printable } from "../../bytes.ts";
import { isoTime, wallClockMs } from "../../clock.ts";
import { NorbridgeError } from "../../errors.ts";
import { formatByName } from "../../files/image-format.ts";
import { type ImageSource, imageSpan } from "../../files/image-source.ts";
import { createImageWriter } from "../../files/image-writer.ts";
import { complaintText } from "../../recipe/complaint.ts";
import { composeUnit } from "../../recipe/compose.ts";
import { type CheckedRecipe, loadRecipe, loadValidRecipe } from "../../recipe/load-recipe.ts";
import { type Approval, approvalOf, approve, lockPath } from "../../recipe/lock.ts";
import { unitValues } from "../../recipe/unit-values.ts";
import { count } from "../../runner/quantities.ts";
import type { Outcome } from "../program/outcome.ts";
import { alignedRows } from "../output/table.ts";
import type { Session } from "../program/session.ts";

/** Bytes that are written before Ctrl-C has its turn. */
const PIECE_BYTES = 1024 * 1024;

export async function stationCheck({ recipe: file }: { readonly recipe: string }, session: Session): Promise<Outcome> {
  const { report, signal } = session;
  const { checked, complaints } = await loadRecipe(file, signal);
  if (checked === undefined) {
    for (const complaint of complaints) {
      report.record("complaint", { ...complaint });
      report.text(`${complaintText(complaint)}\n`);
    }
    const errors = count(complaints.length, "error");
    return { kind: "no", message: `${printable(file)} has ${errors}`, hint: "", fields: { errors: complaints.length } };
  }
  try {
    const approval = await approvalOf(checked, signal);
    const { head } = checked.recipe;
    report.text(
      alignedRows([
        ["recipe", `${head.name}, revision ${head.revision}`],
        ["product", printable(head.product)],
        [
          "chip",
          `${head.chip.accept.map((one) => printable(one)).join(", ")} (${formatSize(checked.geometry.capacityBytes)})`,
        ],
        ["steps", checked.steps.map(({ kind }) => kind).join(", ")],
        ["files", count(checked.inputs.length, "file")],
        ["sha256", checked.sha256],
        ["approval", approvalText(approval)],
      ]),
    );
    return {
      kind: "done",
      summary: "the recipe has no errors",
      fields: {
        errors: 0,
        ...identityOf(checked),
        inputs: checked.inputs.map((one) => ({ ...one })),
        approval: approval.kind,
      },
    };
  } finally {
    await checked.close();
  }
}

export interface ComposeRequest {
  readonly recipe: string;
  readonly serial: string;
  /** Texts of values by name. */
  readonly values: ReadonlyMap<string, string>;
  /** File for the image, or `-` for stdout. */
  readonly file: string;
  readonly format: "bin" | "hex" | "srec" | undefined;
}

export async function stationCompose(request: ComposeRequest, session: Session): Promise<Outcome> {
  const { report, signal } = session;
  const { file } = request;
  const format = request.format ?? formatByName(file) ?? "bin";
  if (format === "uf2" || format === "elf") {
    throw new NorbridgeError("USAGE", `an image of a unit cannot be written as ${format}`, {
      operation: "compose",
      hint: "Use --format bin, hex or srec.",
    });
  }
  if (file === "-") {
    report.stdoutCarriesData();
    session.endWithStdout();
  }
  const checked = await loadValidRecipe(request.recipe, signal);
  try {
    for (const note of approvalNotes(await approvalOf(checked, signal))) report.note(note);
    const { image, sha256 } = await composeUnit(checked, unitValues(checked, request.serial, request.values), signal);
    if (format === "bin") refuseGaps(image);
    await writeImage(image, request, format, session);
    const { segments, totalBytes } = image;
    return {
      kind: "done",
      summary: `composed unit ${printable(request.serial)}: ${formatSize(totalBytes)} into ${file === "-" ? "stdout" : printable(file)}, sha256 ${sha256}`,
      fields: {
        ...identityOf(checked),
        unit: request.serial,
        file,
        unitSha256: sha256,
        lengthBytes: totalBytes,
        segments: segments.map((one) => ({ ...one })),
      },
    };
  } finally {
    await checked.close();
  }
}

export async function stationApprove(
  { recipe: file, by }: { readonly recipe: string; readonly by: string },
  { signal }: Session,
): Promise<Outcome> {
  const checked = await loadValidRecipe(file, signal);
  try {
    const { approvedAt } = approve(checked, by, isoTime(wallClockMs()));
    const { name, revision } = checked.recipe.head;
    const lock = lockPath(file);
    return {
      kind: "done",
      summary: `approved ${name}, revision ${revision}: ${printable(lock)} names ${count(checked.inputs.length, "file")}`,
      fields: { ...identityOf(checked), lock, approvedBy: by, approvedAt },
    };
  } finally {
    await checked.close();
  }
}

function identityOf({ recipe: { head }, sha256 }: CheckedRecipe): {
  readonly recipe: string;
  readonly revision: number;
  readonly sha256: string;
} {
  return { recipe: head.name, revision: head.revision, sha256 };
}

function approvalText(approval: Approval): string {
  switch (approval.kind) {
    case "none":
      return "none";
    case "approved":
      return `by ${printable(approval.lock.approvedBy)}, ${printable(approval.lock.approvedAt)}`;
    case "changed":
      return `not of this state: ${approval.changes.join(", ")}`;
  }
}

function approvalNotes(approval: Approval): readonly string[] {
  if (approval.kind === "approved") return [];
  const why = approval.kind === "none" ? "it has no lock file" : approval.changes.join(", ");
  return [`the recipe is not approved in this state: ${why}`];
}

/** A raw file has no addresses: a gap in it would be bytes that the recipe does not set. */
function refuseGaps({ segments }: ImageSource): void {
  const [first, second] = segments;
  if (first === undefined || (second === undefined && first.address === 0)) return;
  const where = segments.slice(0, 4).map((one) => formatRange(one));
  throw new NorbridgeError("EINVAL", `the image has bytes at ${where.join(", ")}, and a raw file has no addresses`, {
    operation: "compose",
    hint: "Write it into a HEX or S-record file, such as unit.hex.",
  });
}

async function writeImage(
  image: ImageSource,
  { file }: ComposeRequest,
  format: "bin" | "hex" | "srec",
  { report, signal, clock }: Session,
): Promise<void> {
  const options = { range: imageSpan(image), hasGaps: image.segments.length > 1, standardOutput: report.outputFile };
  const writer = await createImageWriter(file, format, options);
  try {
    for (const segment of image.segments) {
      for (let address = segment.address; address < rangeEnd(segment); address += PIECE_BYTES) {
        const lengthBytes = Math.min(PIECE_BYTES, rangeEnd(segment) - address);
        await writer.write(address, await image.read({ address, lengthBytes }));
        await report.room(signal);
        await clock.wait(0);
        if (signal.aborted)
          throw new NorbridgeError("ECANCELED", "cancelled while the image was written", { operation: "compose" });
      }
    }
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
