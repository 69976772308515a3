/** `norbridge kv ...`: items by number on Zephyr's NVS and ZMS, by name in a FlashDB KVDB, which is only read. */
import { printableBytes, toHex } from "../../bytes.ts";
import { withDevice } from "../../runner/with-chip.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import { count } from "../../runner/quantities.ts";
import type { KeyValueItem, KeyValueStore } from "../../storage/key-value-store.ts";
import type { RegionFinding } from "../../storage/recognise/region-finding.ts";
import type { Outcome } from "../program/outcome.ts";
import { alignedRows } from "../output/table.ts";
import type { Session } from "../program/session.ts";
import { bytesOfValue, type ValueText } from "../values/value-text.ts";
import { type KvKey, numberOfKey } from "../values/kv-key.ts";
import { getFromDatabase, listDatabase } from "./kvdb.ts";
import { type KeyValueJob, type KeyValueRequest, locateKeyValues, onKeyValues } from "./open-kv.ts";
import { databaseOf, kvdbIsReadOnly, locateDatabase, type OpenedKvdb, readDatabase } from "./open-kvdb.ts";

/** What was specified about a store of any layout. */
export interface KvRequest extends Omit<KeyValueRequest, "layout"> {
  readonly layout: KeyValueRequest["layout"] | "flashdb-kvdb";
}

export interface KvTarget {
  readonly connection: ConnectionRequest;
  readonly store: KvRequest;
}

/** What a command does on either kind of store; without `onDatabase` it changes the store. */
interface KvBodies {
  readonly onStore: (store: KeyValueStore) => Promise<Outcome>;
  readonly onDatabase?: ((opened: OpenedKvdb) => Outcome) | undefined;
}

const SHOWN_BYTES = 32;

export async function kvList(target: KvTarget, session: Session): Promise<Outcome> {
  session.endWithStdout();
  const onDatabase = (opened: OpenedKvdb): Outcome => listDatabase(opened, session);
  const onStore = async (store: KeyValueStore): Promise<Outcome> => {
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
  };
  return withStore(target, session, { operation: "kv list", willChange: false }, { onStore, onDatabase });
}

export async function kvGet(
  target: KvTarget & { readonly key: KvKey; readonly isRaw: boolean },
  session: Session,
): Promise<Outcome> {
  const { isRaw } = target;
  if (isRaw) session.report.stdoutCarriesData();
  const onDatabase = (opened: OpenedKvdb): Outcome => getFromDatabase(opened, target.key.text, isRaw, session);
  const onStore = async (store: KeyValueStore): Promise<Outcome> => {
    const key = numberOfKey(target.key);
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
  };
  return withStore(target, session, { operation: "kv get", willChange: false }, { onStore, onDatabase });
}

export async function kvSet(
  target: KvTarget & { readonly items: readonly { readonly key: KvKey; readonly value: ValueText }[] },
  session: Session,
): Promise<Outcome> {
  const items: { key: KvKey; data: Uint8Array }[] = [];
  for (const { key, value } of target.items) items.push({ key, data: await bytesOfValue(value, session.signal) });
  return change(target, session, "kv set", items, (store, key, { data }) => store.set(key, data));
}

export async function kvDelete(
  target: KvTarget & { readonly keys: readonly KvKey[] },
  session: Session,
): Promise<Outcome> {
  const items = target.keys.map((key) => ({ key }));
  return change(target, session, "kv delete", items, async (store, key) =>
    store.keys().includes(key) ? store.delete(key) : false,
  );
}

async function change<T extends { readonly key: KvKey }>(
  target: KvTarget,
  session: Session,
  operation: string,
  items: readonly T[],
  apply: (store: KeyValueStore, key: number, item: T) => Promise<boolean>,
): Promise<Outcome> {
  let done = 0;
  const howFar = (): string => `${done} of ${count(items.length, "item")} done`;
  const onStore = async (store: KeyValueStore): Promise<Outcome> => {
    // A name among the keys is refused before the first change.
    const numbered = items.map((item) => [numberOfKey(item.key), item] as const);
    let changed = 0;
    for (const [key, item] of numbered) {
      if (await apply(store, key, item)) changed++;
      done++;
    }
    const unchanged = items.length - changed;
    const summary = `${count(changed, "item")} changed${unchanged === 0 ? "" : `, ${unchanged} unchanged`}`;
    return { kind: "done", summary, fields: { changed, unchanged } };
  };
  return withStore(target, session, { operation, willChange: true, howFar }, { onStore });
}

async function withStore(
  target: KvTarget,
  session: Session,
  job: KeyValueJob,
  { onStore, onDatabase }: KvBodies,
): Promise<Outcome> {
  const { operation, willChange } = job;
  return withDevice(session, target.connection, { willChange }, async ({ device }) => {
    const { layout, ...hints } = target.store;
    const read = async (finding: RegionFinding): Promise<Outcome> => {
      if (onDatabase === undefined) throw kvdbIsReadOnly(operation);
      return onDatabase(await readDatabase(session, device, hints, finding, operation));
    };
    if (layout === "flashdb-kvdb") return read(await locateDatabase(session, device, hints, operation));
    const request = { ...hints, layout };
    const place = await locateKeyValues(session, device, request, operation);
    const database = layout === undefined ? databaseOf(place) : undefined;
    if (database !== undefined) return read(database);
    const outcome = await onKeyValues(session, device, request, place, job, onStore);
    return (
      outcome ?? {
        kind: "no",
        message: "no NVS, ZMS or FlashDB KVDB was recognised here",
        hint: "`norbridge regions` shows what is on the chip. To use a blank range, specify --layout, --range, --sector-size and --align.",
        fields: {},
      }
    );
  });
}

function showItem({ key, data, damage, isUnconfirmed }: KeyValueItem, session: Session): void {
  session.report.record("item", {
    key,
    length: data.length,
    data: toHex(data),
    damage,
    unconfirmed: isUnconfirmed,
  });
  if (session.report.json) return;
  if (damage !== undefined) session.report.warn(`item ${key} is damaged: ${damage}`);
  if (isUnconfirmed === true)
    session.report.warn(
      `item ${key} is unconfirmed: a power cut could have left the same bytes (only an 8-bit CRC protects them)`,
    );
}
