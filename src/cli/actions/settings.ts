/** `norbridge settings ...`: Zephyr's settings on FCB, NVS or ZMS, read and written as the device does. */
import type { ByteRange } from "../../../drivers/geometry.ts";
import { formatAddress, printable, printableBytes, toHex } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashDevice } from "../../flash/flash-device.ts";
import { withRegion } from "../../runner/with-region.ts";
import type { LogDamage } from "../../storage/record-log.ts";
import { type KeyValueLayout, settingsOn } from "../../storage/open-key-values.ts";
import type { NamedSettings } from "../../storage/settings/named-settings.ts";
import { openSettings } from "../../storage/settings/open-settings.ts";
import { placesIn } from "../../storage/recognise/places.ts";
import { withDevice } from "../../runner/with-chip.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import type { FcbRequest } from "../options/layout-options.ts";
import type { JsonFields, Outcome } from "../program/outcome.ts";
import { count } from "../../runner/quantities.ts";
import { alignedRows } from "../output/table.ts";
import type { Session } from "../program/session.ts";
import { bytesOfValue, type ValueText } from "../values/value-text.ts";
import { locateKeyValues, onKeyValues } from "./open-kv.ts";
import { checkErasedByte } from "./open-log.ts";

export interface SettingsTarget {
  readonly connection: ConnectionRequest;
  readonly range: ByteRange | undefined;
  readonly sectorBytes: number | undefined;
  readonly fcb: FcbRequest;
  /** The form of the settings. */
  readonly backend: "auto" | "fcb" | KeyValueLayout;
  readonly hasDataCrc: boolean | undefined;
  /** Ranges of the chip that may be erased, whatever they hold; empty on commands that only read. */
  readonly overwrite: readonly ByteRange[];
}

/** Settings of any form. */
interface OpenedSettings {
  readonly store: NamedSettings;
  readonly damage: number;
}

export async function settingsList(target: SettingsTarget, session: Session): Promise<Outcome> {
  session.endWithStdout();
  return withSettings(session, target, { operation: "settings list", willChange: false }, ({ store, damage }) => {
    const values = [...store.names()].sort().map((name) => [name, store.get(name) ?? new Uint8Array()] as const);
    for (const [name, value] of values) session.report.record("setting", fieldsOf(store, name, value));
    session.report.text(alignedRows(values.map(([name, value]) => [printable(name), toHex(value), quoted(value)])));
    return Promise.resolve({ kind: "done", fields: { settings: values.length, damaged: damage } });
  });
}

export async function settingsGet(
  target: SettingsTarget & { readonly name: string; readonly isRaw: boolean },
  session: Session,
): Promise<Outcome> {
  const { name, isRaw } = target;
  if (isRaw) session.report.stdoutCarriesData();
  return withSettings(session, target, { operation: "settings get", willChange: false }, ({ store }) => {
    const value = store.get(name);
    if (value === undefined) {
      const hint = "`norbridge settings list` lists the names.";
      const message = `there is no setting ${printable(name)}`;
      return Promise.resolve({ kind: "no", message, hint, fields: { name } });
    }
    session.report.record("setting", fieldsOf(store, name, value));
    if (isRaw) session.report.bytes(value);
    else session.report.text(`${toHex(value)}\n`);
    return Promise.resolve({ kind: "done", fields: { name, length: value.length } });
  });
}

export async function settingsSet(
  target: SettingsTarget & { readonly items: readonly (readonly [string, ValueText])[] },
  session: Session,
): Promise<Outcome> {
  const items: (readonly [string, Uint8Array])[] = [];
  for (const [name, value] of target.items) items.push([name, await bytesOfValue(value, session.signal)]);
  const empty = items.find(([, value]) => value.length === 0)?.[0];
  if (empty !== undefined) {
    throw new NorbridgeError("EINVAL", `${printable(empty)}: an empty value means deleted in this format`, {
      operation: "settings set",
      hint: "Use `norbridge settings delete`.",
    });
  }
  return change(target, session, "settings set", items, (store, [name, value]) => store.set(name, value));
}

export async function settingsDelete(
  target: SettingsTarget & { readonly names: readonly string[] },
  session: Session,
): Promise<Outcome> {
  return change(target, session, "settings delete", target.names, async (store, name) => {
    // Upstream writes a line even for an unknown name; it is not needed.
    return store.get(name) !== undefined && (await store.delete(name));
  });
}

async function change<T>(
  target: SettingsTarget,
  session: Session,
  operation: string,
  items: readonly T[],
  apply: (store: NamedSettings, item: T) => Promise<boolean>,
): Promise<Outcome> {
  let done = 0;
  const howFar = (): string => `${done} of ${count(items.length, "setting")} done`;
  return withSettings(session, target, { operation, willChange: true, howFar }, async ({ store }) => {
    let changed = 0;
    for (const item of items) {
      if (await apply(store, item)) changed++;
      done++;
    }
    const same = items.length - changed;
    const summary = `${count(changed, "setting")} changed${same === 0 ? "" : `, ${same} unchanged`}`;
    return { kind: "done", summary, fields: { changed, unchanged: same } };
  });
}

interface SettingsJob {
  readonly operation: string;
  readonly willChange: boolean;
  readonly howFar?: (() => string) | undefined;
}

async function withSettings(
  session: Session,
  target: SettingsTarget,
  job: SettingsJob,
  body: (opened: OpenedSettings) => Promise<Outcome>,
): Promise<Outcome> {
  const { willChange } = job;
  return withDevice(session, target.connection, { willChange }, async ({ device }) => {
    checkErasedByte(device, target.fcb.erasedByte);
    return (await onItems(session, device, target, job, body)) ?? onFcb(session, device, target, job, body);
  });
}

/** Settings on NVS or ZMS; undefined if they are not. */
async function onItems(
  session: Session,
  device: FlashDevice,
  target: SettingsTarget,
  job: SettingsJob,
  body: (opened: OpenedSettings) => Promise<Outcome>,
): Promise<Outcome | undefined> {
  const { backend, range, sectorBytes, hasDataCrc } = target;
  if (backend === "fcb") return undefined;
  const layout = backend === "auto" ? undefined : backend;
  const request = {
    layout,
    range,
    sectorBytes,
    alignBytes: target.fcb.alignBytes,
    hasDataCrc,
    overwrite: target.overwrite,
  };
  const place = await locateKeyValues(session, device, request, job.operation);
  const hasFcb = place.all.some(({ layout: one, content }) => one === "fcb" && content === "settings");
  if (layout === undefined && hasFcb) {
    if (place.stores.length === 0) return undefined;
    throw new NorbridgeError("LAYOUT_MISMATCH", "there are settings in several forms here", {
      operation: job.operation,
      hint: "Choose one with --range or --backend; `norbridge regions` shows what is on the chip.",
    });
  }
  const outcome = await onKeyValues(session, device, request, place, job, async (store) =>
    body({ store: await settingsOn(store), damage: store.damage.length }),
  );
  if (outcome !== undefined || layout === undefined) return outcome;
  return {
    kind: "no",
    message: `no ${layout.toUpperCase()} was recognised here`,
    hint: "`norbridge regions` shows what is on the chip. To use a blank range, specify --range, --sector-size and --align.",
    fields: {},
  };
}

/** Settings on an FCB. */
async function onFcb(
  session: Session,
  device: FlashDevice,
  target: SettingsTarget,
  job: SettingsJob,
  body: (opened: OpenedSettings) => Promise<Outcome>,
): Promise<Outcome> {
  const { willChange } = job;
  return withRegion(session, device, { ...job, range: target.range }, async (region) => {
    const told = {
      ...target.fcb,
      sectorBytes: target.sectorBytes,
      isRegionTold: target.range !== undefined,
      overwrite: placesIn({ address: 0 }, target.overwrite),
    };
    const opened = await openSettings(region, told, { operation: job.operation, willChange });
    if (opened === undefined) {
      return { kind: "no", message: "the region is blank: there are no settings in it", fields: {} };
    }
    const { store, sectorBytes } = opened;
    for (const damage of store.damage) {
      sayDamage(damage, opened.region.address + damage.sector * sectorBytes, session);
    }
    return body({ store, damage: store.damage.length });
  });
}

function sayDamage({ sector, offset, lengthBytes, reason }: LogDamage, sectorAddress: number, session: Session): void {
  const { report } = session;
  report.record("damage", { sector, offset, address: sectorAddress + offset, length: lengthBytes, reason });
  if (!report.json) report.warn(`damage at ${formatAddress(sectorAddress + offset)} (sector ${sector}): ${reason}`);
}

function fieldsOf(store: NamedSettings, name: string, value: Uint8Array): JsonFields {
  return { name, value: toHex(value), unconfirmed: store.isUnconfirmed?.(name) === true ? true : undefined };
}

/** The value as text, if it is text. */
function quoted(value: Uint8Array): string {
  const isText = value.length > 0 && value.every((byte) => byte >= 0x20 && byte < 0x7f);
  return isText ? `"${printableBytes(value)}"` : "";
}
