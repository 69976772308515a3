/** Many returned units: DuckDB gives the right answers, also after the struct was improved and the files were joined. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { storeUnitLog, UNIT_STRUCT } from "../../src/bench/extraction-cost.ts";
import { ExtractionStore } from "../../src/extract/extraction-store.ts";
import { effort, sayCount } from "../support/effort.ts";
import { describeUnless } from "../support/needs.ts";
import { duckdbMissing, query, type Row } from "./support/duckdb.ts";
import { run } from "./support/run.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-units-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const UNITS = effort(3, 12);
const RECORDS = effort(500, 10_000);
const store = join(folder, "store");
const first = join(folder, "record.json");
writeFileSync(first, JSON.stringify({ fields: UNIT_STRUCT.fields.slice(0, 2) }));

/** What the records of all units must give, by the rule by which they were made. */
function wanted(): { readonly low: number; readonly raw: number } {
  let low = 0;
  let raw = 0;
  for (let unit = 0; unit < UNITS; unit++) {
    for (let at = 0; at < RECORDS; at++) {
      raw += 2000 + ((at * 7 + unit * 13) % 1000);
      if (at % 97 === 0) low++;
    }
  }
  return { low, raw };
}

async function ask(select: string): Promise<Row | undefined> {
  const { out } = await run(folder, "logs", "views", "--store", store);
  return (await query?.(out, `select ${select} from record`))?.[0];
}

describeUnless(duckdbMissing)("many units", () => {
  const sums = "count(*)::int as n, count(distinct serial)::int as units, sum(temperature_raw)::int8::varchar as raw";

  it("are decoded and counted", { timeout: 300_000 }, async () => {
    const made = new ExtractionStore(store, "test");
    for (let unit = 0; unit < UNITS; unit++) await storeUnitLog(made, unit, RECORDS);
    const decoded = await run(folder, "logs", "decode", "--store", store, "--struct", first, "--json");
    expect(decoded.result).toMatchObject({ ok: true, extractions: UNITS, records: UNITS * RECORDS });
    expect(await ask(sums)).toEqual({ n: UNITS * RECORDS, units: UNITS, raw: String(wanted().raw) });
  });

  it("are decoded again by a better struct, then joined", { timeout: 300_000 }, async () => {
    rmSync(first);
    writeFileSync(first, JSON.stringify(UNIT_STRUCT));
    expect((await run(folder, "logs", "decode", "--store", store, "--struct", first)).code).toBe(0);
    const more = `${sums}, count(*) filter (state = 'low battery')::int as low, max(time)::varchar as last`;
    const { low, raw } = wanted();
    const lastS = (RECORDS - 1) * 600 + UNITS - 1;
    const last = new Date(Date.UTC(2026, 0, 1) + lastS * 1000).toISOString().slice(0, 19).replace("T", " ");
    const answer = { n: UNITS * RECORDS, units: UNITS, raw: String(raw), low, last: `${last}+00` };
    expect(await ask(more)).toEqual(answer);
    expect((await run(folder, "logs", "compact", "--store", store)).out).toContain(`${UNITS} files joined into 1`);
    expect(await ask(more)).toEqual(answer);
    sayCount(`extraction: ${UNITS} units of ${RECORDS} records decoded, decoded again, joined and counted by DuckDB`);
  });
});
