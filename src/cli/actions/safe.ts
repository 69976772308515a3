/** `norbridge safe ...`: a store of items by key, on the chip. */
import type { ByteRange } from "../../../drivers/geometry.ts";
import { formatAddress, formatRange, formatSize, printableBytes, toHex } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { RegionJob } from "../../jobs/run-on-region.ts";
import { withRegion } from "../../runner/with-region.ts";
import { findFis, fisEntry } from "../../storage/fis/directory.ts";
import { FlashSafe, type FlashSafeOptions } from "../../storage/flash-safe/flash-safe.ts";
import { type LocatedSafe, locateSafe } from "../../storage/flash-safe/locate.ts";
import { updateSafe } from "../../storage/flash-safe/update-safe.ts";
import type { FlashDevice } from "../../flash/flash-device.ts";
import { placesIn } from "../../storage/recognise/places.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import type { FisRange } from "../options/fis-range.ts";
import { withDevice } from "../../runner/with-chip.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import type { Outcome } from "../program/outcome.ts";
import { count } from "../../runner/quantities.ts";
import { alignedRows } from "../output/table.ts";
import type { Session } from "../program/session.ts";
import { bytesOfValue, type ValueText } from "../values/value-text.ts";

export interface SafeTarget {
  readonly connection: ConnectionRequest;
  readonly range: ByteRange | FisRange | undefined;
  readonly blockBytes: number | undefined;
  readonly bufferBytes: number | undefined;
  /** Ranges of the chip that may be erased, whatever they hold; empty on commands that only read. */
  readonly overwrite: readonly ByteRange[];
}

interface OpenedSafe {
  readonly safe: FlashSafe;
  readonly region: FlashRegion;
  readonly options: FlashSafeOptions;
}

const RESUME_HINT =
  "Either the old or the new commit is valid, never a mix. Check with `norbridge safe list`, then run the same command again.";

export async function safeInfo(target: SafeTarget, session: Session): Promise<Outcome> {
  return withSafe(target, session, { operation: "safe info" }, ({ safe, region, options }) => {
    const { info } = safe;
    const blocks = region.lengthBytes / options.blockBytes;
    const active = info.activeBlock;
    session.report.text(
      alignedRows([
        ["region", formatRange({ address: region.address, lengthBytes: region.lengthBytes })],
        ["blocks", `${blocks} of ${formatSize(options.blockBytes)}, segments of ${formatSize(options.bufferBytes)}`],
        ["active block", active === undefined ? "none" : `${active}, commit ${info.sequence ?? 0}`],
        ["committed", listOf(info.committedBlocks)],
        ["damaged", listOf(info.damagedBlocks)],
        ["items", String(safe.keys().length)],
        ["free", formatSize(info.freeBytes)],
      ]),
    );
    return Promise.resolve({
      kind: "done",
      fields: {
        address: region.address,
        blockBytes: options.blockBytes,
        blockCount: blocks,
        bufferBytes: options.bufferBytes,
        activeBlock: active ?? null,
        sequence: info.sequence ?? null,
        committedBlocks: info.committedBlocks,
        damagedBlocks: info.damagedBlocks,
        items: safe.keys().length,
        freeBytes: info.freeBytes,
      },
    });
  });
}

export async function safeList(target: SafeTarget, session: Session): Promise<Outcome> {
  session.endWithStdout();
  return withSafe(target, session, { operation: "safe list" }, ({ safe }) => {
    const keys = safe.keys();
    const rows: string[][] = [];
    for (const key of keys) {
      const data = safe.read(key) ?? new Uint8Array();
      session.report.record("item", { key, length: data.length, data: toHex(data) });
      rows.push([String(key), `${data.length}`, toHex(data.subarray(0, 32)), printableBytes(data, 32)]);
    }
    session.report.text(alignedRows(rows));
    return Promise.resolve({ kind: "done", fields: { items: keys.length } });
  });
}

export async function safeGet(
  target: SafeTarget & { readonly key: number; readonly isRaw: boolean },
  session: Session,
): Promise<Outcome> {
  const { key, isRaw } = target;
  if (isRaw) session.report.stdoutCarriesData();
  return withSafe(target, session, { operation: "safe get" }, ({ safe }) => {
    const data = safe.read(key);
    if (data === undefined) {
      const hint = "`norbridge safe list` lists the keys.";
      return Promise.resolve({ kind: "no", message: `there is no item ${key}`, hint, fields: { key } });
    }
    session.report.record("item", { key, length: data.length, data: toHex(data) });
    if (isRaw) session.report.bytes(data);
    else session.report.text(`${toHex(data)}\n`);
    return Promise.resolve({ kind: "done", fields: { key, length: data.length } });
  });
}

export async function safeSet(
  target: SafeTarget & { readonly items: readonly { readonly key: number; readonly value: ValueText }[] },
  session: Session,
): Promise<Outcome> {
  const changes = new Map<number, Uint8Array | undefined>();
  for (const { key, value } of target.items) changes.set(key, await bytesOfValue(value, session.signal));
  return update(target, session, "safe set", changes);
}

export async function safeDelete(
  target: SafeTarget & { readonly keys: readonly number[] },
  session: Session,
): Promise<Outcome> {
  return update(target, session, "safe delete", new Map(target.keys.map((key) => [key, undefined])));
}

async function update(
  target: SafeTarget,
  session: Session,
  operation: string,
  changes: ReadonlyMap<number, Uint8Array | undefined>,
): Promise<Outcome> {
  return withSafe(target, session, { operation, willChange: true, resumeHint: RESUME_HINT }, async ({ safe }) => {
    const changed = await updateSafe(safe, changes);
    const { sequence, activeBlock } = safe.info;
    const summary =
      changed === 0
        ? "nothing to change: the items already have these values"
        : `${count(changed, "item")} changed, commit ${sequence ?? 0} in block ${activeBlock ?? 0}`;
    return { kind: "done", summary, fields: { changed, sequence: sequence ?? null, activeBlock: activeBlock ?? null } };
  });
}

export async function safeFormat(target: SafeTarget, session: Session): Promise<Outcome> {
  const resumeHint = "Run the same command again. If a sector is refused, add the --overwrite that the error names.";
  const job = { operation: "safe format", willChange: true, resumeHint };
  return onRegion(target, session, job, async (region) => {
    const options = {
      blockBytes: target.blockBytes ?? region.eraseBytes,
      bufferBytes: target.bufferBytes ?? region.programBytes,
    };
    const safe = await FlashSafe.format(region, { ...options, ...overwriteOf(region, target) });
    const { activeBlock, sequence } = safe.info;
    return {
      kind: "done",
      summary: `created a safe: ${region.lengthBytes / options.blockBytes} blocks of ${formatSize(options.blockBytes)}`,
      fields: { ...options, activeBlock: activeBlock ?? null, sequence: sequence ?? null },
    };
  });
}

type SafeJob = Omit<RegionJob, "signal"> & { readonly willChange?: boolean | undefined };

/** Opens the safe; a missing safe is a separate result. */
function withSafe(
  target: SafeTarget,
  session: Session,
  job: SafeJob,
  body: (opened: OpenedSafe) => Promise<Outcome>,
): Promise<Outcome> {
  return onRegion(target, session, job, async (searched) => {
    const located = await locate(searched, target, job);
    if (located === undefined)
      return { kind: "no", message: "there is no safe in this region", hint: HOW_TO_BEGIN, fields: {} };
    const { region, options } = located;
    const safe = await FlashSafe.mount(region, { ...options, ...overwriteOf(region, target) });
    for (const { block, reason } of safe.damage()) {
      const address = formatAddress(region.address + block * options.blockBytes);
      session.report.warn(`block ${block} at ${address} is damaged and not used: ${reason}`);
    }
    if (safe.isNew)
      return { kind: "no", message: "the region holds no committed block", hint: HOW_TO_BEGIN, fields: {} };
    if (job.willChange === true) await safe.refuseUnlessOwn(job.operation);
    return body({ safe, region, options });
  });
}

const HOW_TO_BEGIN = "`norbridge safe format` starts a new one.";

/** Where the safe is, with the specified values, else those of its headers. */
async function locate(
  region: FlashRegion,
  { range, blockBytes, bufferBytes }: SafeTarget,
  { operation, willChange = false }: SafeJob,
): Promise<LocatedSafe | undefined> {
  const found = await locateSafe(region, { isRegionTold: range !== undefined, willChange, operation });
  if (found !== undefined) {
    const { options } = found;
    const told = { blockBytes: blockBytes ?? options.blockBytes, bufferBytes: bufferBytes ?? options.bufferBytes };
    return { ...found, options: told };
  }
  const isTold = blockBytes !== undefined && bufferBytes !== undefined;
  return isTold ? { region, options: { blockBytes, bufferBytes } } : undefined;
}

/** The places that the user named, counted from the region. */
function overwriteOf(region: FlashRegion, { overwrite }: SafeTarget): Pick<FlashSafeOptions, "overwrite"> {
  return overwrite.length === 0 ? {} : { overwrite: placesIn(region, overwrite) };
}

async function onRegion(
  target: SafeTarget,
  session: Session,
  job: SafeJob,
  body: (region: FlashRegion) => Promise<Outcome>,
): Promise<Outcome> {
  const { willChange = false, ...rest } = job;
  return withDevice(session, target.connection, { willChange }, async ({ device }) => {
    const range = await rangeOf(device, target, session, job.operation);
    if (range?.lengthBytes === 0) throw new NorbridgeError("USAGE", "--range is empty", { operation: job.operation });
    return withRegion(session, device, { ...rest, range }, body);
  });
}

/** The place of the safe: as specified, by its name in the FIS directory, or all of the chip. */
async function rangeOf(
  device: FlashDevice,
  { range }: SafeTarget,
  session: Session,
  operation: string,
): Promise<ByteRange | undefined> {
  if (range === undefined || !("fis" in range)) return range;
  const name = range.fis;
  return withRegion(session, device, { range: undefined, operation }, async (region) => {
    const directory = await findFis(region);
    if (directory === undefined) {
      throw new NorbridgeError("LAYOUT_MISMATCH", "the chip has no FIS directory of RedBoot", {
        operation,
        hint: "Specify the region itself: --range START,LENGTH.",
      });
    }
    const { offset: address, lengthBytes } = fisEntry(directory, name);
    session.report.detail(`${printableBytes(name)} is ${formatRange({ address, lengthBytes })} by the FIS directory`);
    return { address, lengthBytes };
  });
}

function listOf(blocks: readonly number[]): string {
  return blocks.length === 0 ? "none" : blocks.join(", ");
}
