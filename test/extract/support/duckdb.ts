/** DuckDB, the reader of Parquet that is not ours. It has no build for every system: without it a test says so and is skipped. */

export type Row = Readonly<Record<string, unknown>>;

/** Runs statements in a database in memory; the rows of the last. Integers of 64 bits are text. */
export type Query = (...statements: readonly string[]) => Promise<readonly Row[]>;

async function open(): Promise<Query | undefined> {
  try {
    const { DuckDBInstance } = await import("@duckdb/node-api");
    const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
    const connection = await instance.connect();
    await connection.run("set timezone='UTC'");
    return async (...statements) => {
      let rows: readonly Row[] = [];
      for (const statement of statements) {
        const result = await connection.runAndReadAll(statement);
        rows = result.getRowObjectsJson();
      }
      return rows;
    };
  } catch {
    return undefined;
  }
}

/** Undefined if it does not run here. */
export const query = await open();
/** Why it is missing. */
export const duckdbMissing = query === undefined ? "DuckDB has no build for this system" : undefined;

/** Text as SQL. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
