/** `norbridge kv list` and `kv get` on a FlashDB KVDB, whose keys are names. */
import { printableBytes, toHex } from "../../bytes.ts";
import { count } from "../../runner/quantities.ts";
import type { KvdbContents, KvdbItem } from "../../storage/flashdb/kvdb.ts";
import { nameBytes, nameText } from "../values/name-text.ts";
import type { JsonFields, Outcome } from "../program/outcome.ts";
import { alignedRows } from "../output/table.ts";
import type { Session } from "../program/session.ts";
import type { OpenedKvdb } from "./open-kvdb.ts";

const SHOWN_BYTES = 32;

/** Every key with its value. */
export function listDatabase({ contents, ...shape }: OpenedKvdb, session: Session): Outcome {
  const { items, sectorCount } = contents;
  for (const item of items) showItem(item, session);
  session.report.text(
    alignedRows(
      items.map(({ name, value }) => [
        nameText(name),
        String(value.length),
        toHex(value.subarray(0, SHOWN_BYTES)),
        printableBytes(value, SHOWN_BYTES),
      ]),
    ),
  );
  const damaged = damagedIn(contents);
  const fields = { items: items.length, damaged, layout: "flashdb-kvdb", sectorCount, hasDataCrc: true, ...shape };
  return damaged === 0 ? { kind: "done", fields } : damagedOutcome(damaged, fields);
}

/** One value. `key`: a name as `kv list` shows it. */
export function getFromDatabase({ contents }: OpenedKvdb, key: string, isRaw: boolean, session: Session): Outcome {
  const wanted = nameBytes(key);
  const item = contents.items.find(({ name }) => Buffer.compare(name, wanted) === 0);
  const shown = nameText(wanted);
  if (item === undefined) {
    const loss = damagedIn(contents) === 0 ? "" : "; the database is damaged, so it may have been there";
    return {
      kind: "no",
      message: `there is no item ${shown}${loss}`,
      hint: "`norbridge kv list` lists the keys.",
      fields: { key: shown },
    };
  }
  showItem(item, session);
  if (isRaw) session.report.bytes(item.value);
  else session.report.text(`${toHex(item.value)}\n`);
  const fields = { key: shown, length: item.value.length };
  return item.damage === undefined ? { kind: "done", fields } : damagedOutcome(1, fields);
}

function damagedIn({ items, damage }: KvdbContents): number {
  return damage.length + items.filter((item) => item.damage !== undefined).length;
}

function damagedOutcome(damaged: number, fields: JsonFields): Outcome {
  const message = `${count(damaged, "place")} in the database cannot be trusted`;
  return { kind: "no", message, hint: "Everything else was read.", fields };
}

function showItem({ name, value, isOld, damage }: KvdbItem, session: Session): void {
  const key = nameText(name);
  const extra = damage === undefined ? {} : { damage };
  session.report.record("item", { key, length: value.length, data: toHex(value), ...extra });
  if (damage !== undefined && !session.report.json) session.report.warn(`item ${key} is damaged: ${damage}`);
  if (isOld) session.report.note(`a power cut stopped a change of ${key}: this is its value before`);
}
