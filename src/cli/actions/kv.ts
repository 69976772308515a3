/** `norbridge kv ...`: items by number, on Zephyr's NVS and ZMS. */
import { printableBytes, toHex } from "../../bytes.ts";
import { withDevice } from "../../runner/with-chip.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import { count } from "../../runner/quantities.ts";
import type { KeyValueItem, KeyValueStore } from "../../storage/key-value-store.ts";
import type { Outcome } from "../outcome.ts";
import { alignedRows } from "../output/table.ts";
import type { Session } from "../session.ts";
import { bytesOfValue, type ValueText } from "../value-text.ts";
import { type KeyValueJob, type KeyValueRequest, locateKeyValues, onKeyValues } from "./open-kv.ts";

export interface KvTarget {
  readonly connection: ConnectionRequest;
  readonly store: KeyValueRequest;
}

const SHOWN_BYTES = 32;

export async function kvList(target: KvTarget, session: Session): Promise<Outcome> {
  session.endWithStdout();
  return withStore(target, session, { operation: "kv list", willChange: false }, async (store) => {
    const items = await store.getMany(store.keys());
    for (const item of items) showItem(item, session);
    session.report.text(
      alignedRows(
        items.map(({ key, data }) => [
          String(key),
          String(data.length),
          toHex(data.subarray(0, SHOWN_BYTES)),
          printableBytes(data, SHOWN_BYTES),
        ]),
      ),
    );
    const { layout, sectorBytes, sectorCount, alignBytes, hasDataCrc, freeBytes } = store.state;
    const damaged = items.filter(({ damage }) => damage !== undefined).length;
    const fields = {
      items: items.length,
      damaged,
      layout,
      sectorBytes,
      sectorCount,
      alignBytes,
      hasDataCrc,
      freeBytes,
    };
    return { kind: "done", fields };
  });
}

export async function kvGet(
  target: KvTarget & { readonly key: number; readonly isRaw: boolean },
  session: Session,
): Promise<Outcome> {
  const { key, isRaw } = target;
  if (isRaw) session.report.stdoutCarriesData();
  return withStore(target, session, { operation: "kv get", willChange: false }, async (store) => {
    const item = await store.get(key);
    if (item === undefined) {
      return {
        kind: "no",
        message: `there is no item ${key}`,
        hint: "`norbridge kv list` lists the keys.",
        fields: { key },
      };
    }
    showItem(item, session);
    if (isRaw) session.report.bytes(item.data);
    else session.report.text(`${toHex(item.data)}\n`);
    return { kind: "done", fields: { key, length: item.data.length } };
  });
}

export async function kvSet(
  target: KvTarget & { readonly items: readonly { readonly key: number; readonly value: ValueText }[] },
  session: Session,
): Promise<Outcome> {
  const items: (readonly [number, Uint8Array])[] = [];
  for (const { key, value } of target.items) items.push([key, await bytesOfValue(value, session.signal)]);
  return change(target, session, "kv set", items, (store, [key, data]) => store.set(key, data));
}

export async function kvDelete(
  target: KvTarget & { readonly keys: readonly number[] },
  session: Session,
): Promise<Outcome> {
  return change(target, session, "kv delete", target.keys, async (store, key) =>
    store.keys().includes(key) ? store.delete(key) : false,
  );
}

async function change<T>(
  target: KvTarget,
  session: Session,
  operation: string,
  items: readonly T[],
  apply: (store: KeyValueStore, item: T) => Promise<boolean>,
): Promise<Outcome> {
  let done = 0;
  const howFar = (): string => `${done} of ${count(items.length, "item")} done`;
  return withStore(target, session, { operation, willChange: true, howFar }, async (store) => {
    let changed = 0;
    for (const item of items) {
      if (await apply(store, item)) changed++;
      done++;
    }
    const unchanged = items.length - changed;
    const summary = `${count(changed, "item")} changed${unchanged === 0 ? "" : `, ${unchanged} unchanged`}`;
    return { kind: "done", summary, fields: { changed, unchanged } };
  });
}

async function withStore(
  target: KvTarget,
  session: Session,
  job: KeyValueJob,
  body: (store: KeyValueStore) => Promise<Outcome>,
): Promise<Outcome> {
  return withDevice(session, target.connection, { willChange: job.willChange }, async ({ device }) => {
    const place = await locateKeyValues(session, device, target.store, job.operation);
    const outcome = await onKeyValues(session, device, target.store, place, job, body);
    return (
      outcome ?? {
        kind: "no",
        message: "no NVS or ZMS was recognised here",
        hint: "`norbridge regions` shows what is on the chip. To use a blank range, specify --layout, --range, --sector-size and --align.",
        fields: {},
      }
    );
  });
}

function showItem({ key, data, damage }: KeyValueItem, session: Session): void {
  session.report.record("item", {
    key,
    length: data.length,
    data: toHex(data),
    ...(damage === undefined ? {} : { damage }),
  });
  if (damage !== undefined && !session.report.json) session.report.warn(`item ${key} is damaged: ${damage}`);
}
