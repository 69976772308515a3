/** `norbridge extract`: reads the chip once, stores the dumps of its logs, then decodes them. The chip is never changed. */
import { checkInChip } from "../../jobs/target.ts";
import { type ByteRange, wholeChip } from "../../../drivers/geometry.ts";
import { formatRange, formatSize, printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { MAX_DUMP_BYTES } from "../../extract/dump-store.ts";
import { decodeExtraction, type DecodeReport } from "../../extract/decode-extraction.ts";
import { partsToKeep, storeUnit, type StoredUnit, type UnitSnapshot } from "../../extract/extract-unit.ts";
import { ExtractionStore } from "../../extract/extraction-store.ts";
import { readFlash } from "../../jobs/read-flash.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import { count } from "../../runner/quantities.ts";
import { type Connected, withDevice } from "../../runner/with-chip.ts";
import type { JsonFields, Outcome } from "../program/outcome.ts";
import { packageVersion } from "../program/package-version.ts";
import type { Session } from "../program/session.ts";
import type { StructWords } from "../options/store-options.ts";
import { filesOf, readStructs } from "./read-structs.ts";

export interface ExtractRequest {
  readonly connection: ConnectionRequest;
  /** Folder of the store. */
  readonly store: string;
  readonly serial: string;
  readonly product: string;
  readonly structs: StructWords;
  /** Undefined: the whole chip is searched. */
  readonly range: ByteRange | undefined;
  readonly isWholeChip: boolean;
  /** Length of all records of a FlashDB TSDB. */
  readonly recordBytes: number | undefined;
}

const OPERATION = "extract";

export async function extract(request: ExtractRequest, session: Session): Promise<Outcome> {
  const { signal, report } = session;
  const structs = await readStructs(request.structs, signal);
  const store = new ExtractionStore(request.store, `norbridge ${packageVersion()}`);
  // Before the chip is read: a store that cannot be used is known at once.
  store.checkWritable();
  store.index.check();
  const snapshot = await withDevice(
    session,
    request.connection,
    { willChange: false, mayReconnect: true },
    (connected) => readUnit(request, connected, session),
  );
  const takesAll = request.isWholeChip || request.range !== undefined;
  const parts = await partsToKeep(snapshot, takesAll);
  if (parts.length === 0) return nothingFound(snapshot);
  report.waitsFor("the store");
  for (const file of filesOf(structs)) store.structs.put(file);
  const stored = await storeUnit(store, snapshot, parts);
  report.detail(`${count(parts.length, "dump")} stored as extraction ${stored.line.id}`);
  for (const { sha256, state } of stored.dumps) {
    if (state === "repaired") report.warn(`the stored dump ${sha256} was damaged; it is replaced by what was read now`);
  }
  const hints = { recordBytes: request.recordBytes };
  const decoded = await decodeExtraction(store, stored.line, { structs, hints, before: [], signal }).catch(
    (error: unknown) => {
      throw afterDumps(error);
    },
  );
  return outcomeOf(stored, decoded, session);
}

async function readUnit(
  { range: asked, serial, product, connection }: ExtractRequest,
  { device, clock }: Connected,
  session: Session,
): Promise<UnitSnapshot> {
  const { geometry, identity } = device;
  const range = asked ?? wholeChip(geometry);
  checkInChip(range, geometry, OPERATION);
  if (range.lengthBytes > MAX_DUMP_BYTES) {
    const message = `${formatRange(range)} is too much for one dump: the most is ${formatSize(MAX_DUMP_BYTES)}`;
    throw new NorbridgeError("EINVAL", message, { operation: OPERATION, range, hint: "Specify a part with --range." });
  }
  const bytes = new Uint8Array(range.lengthBytes);
  const onEvent = session.report.watch(geometry, clock);
  const sink = async (address: number, data: Uint8Array): Promise<void> => {
    bytes.set(data, address - range.address);
    // Reads of an image file never wait; Ctrl-C must be noticed in between.
    await clock.wait(0);
  };
  const context = { clock, signal: session.signal, onEvent };
  await readFlash(device, range, sink, context, { fast: connection.care === "fast" });
  const uniqueId = (await device.services?.readUniqueId?.()) ?? "";
  return { serial, product, identity, uniqueId, geometry, address: range.address, bytes };
}

function nothingFound({ address, bytes }: UnitSnapshot): Outcome {
  const range = { address, lengthBytes: bytes.length };
  return {
    kind: "no",
    message: `no log was recognised in ${formatRange(range)}; nothing was stored`,
    hint: "`norbridge regions` shows what is on the chip. --range stores a part of it as it is, --whole-chip all of it.",
    fields: { dumps: [], logs: [], records: 0 },
  };
}

/** An error after the dumps are stored: nothing of the unit is lost. */
function afterDumps(error: unknown): unknown {
  if (!(error instanceof NorbridgeError) || error.code === "BUG") return error;
  const { code, message, operation, range, hint, cause } = error;
  const next = "The dumps are stored: `norbridge logs decode` decodes them later.";
  return new NorbridgeError(code, message, { operation, range, hint: `${hint} ${next}`, cause: cause ?? error });
}

function outcomeOf({ line, dumps }: StoredUnit, { lines, unread }: DecodeReport, session: Session): Outcome {
  const { report } = session;
  for (const { layout, address, lengthBytes, why } of unread) {
    report.warn(`${layout} at ${formatRange({ address, lengthBytes })} is stored and was not decoded: ${why}`);
  }
  const logs = lines.flatMap((one) => one.logs.map((log) => ({ ...log, struct: one.struct, file: one.file })));
  for (const { layout, address, lengthBytes, orderDoubt } of logs) {
    if (orderDoubt === "") continue;
    report.warn(
      `${layout} at ${formatRange({ address, lengthBytes })}: the order of its records is not certain: ${orderDoubt}`,
    );
  }
  const sum = (name: "records" | "unconfirmed" | "damaged" | "short"): number =>
    logs.reduce((all, log) => all + log[name], 0);
  const sums = {
    records: sum("records"),
    unconfirmed: sum("unconfirmed"),
    damaged: sum("damaged"),
    short: sum("short"),
  };
  const fields: JsonFields = {
    extraction: line.id,
    serial: line.serial,
    product: line.product,
    chip: line.chip.name,
    uniqueId: line.chip.uniqueId,
    dumps: line.dumps.map(({ address, lengthBytes, sha256 }, at) => {
      return { address, lengthBytes, sha256, state: dumps[at]?.state ?? "new" };
    }),
    logs: logs.map((log) => ({ ...log })),
    ...sums,
  };
  const stored = `${count(line.dumps.length, "dump")} stored`;
  if (logs.length === 0 && unread.length === 0) {
    return {
      kind: "no",
      message: `unit ${printable(line.serial)}: ${stored}; no log was recognised in it`,
      hint: "`norbridge logs decode` decodes it again, when a newer norbridge knows more.",
      fields,
    };
  }
  const parts = [
    `${count(logs.length, "log")}, ${count(sums.records, "record")}`,
    ...(sums.damaged === 0 ? [] : [`${sums.damaged} damaged`]),
    ...(sums.unconfirmed === 0 ? [] : [`${sums.unconfirmed} unconfirmed`]),
    ...(sums.short === 0 ? [] : [`${sums.short} shorter than the struct`]),
    ...(unread.length === 0 ? [] : [`${count(unread.length, "log")} not decoded`]),
    stored,
  ];
  return { kind: "done", summary: `unit ${printable(line.serial)}: ${parts.join(", ")}`, fields };
}
