/** `norbridge logs views`: SQL for DuckDB on stdout. */
import { resolve } from "node:path";
import { recordViews, viewsSql } from "../../extract/views.ts";
import type { Outcome } from "../program/outcome.ts";
import type { Session } from "../program/session.ts";
import { openStore } from "./open-store.ts";

export async function logsViews({ store: folder }: { readonly store: string }, session: Session): Promise<Outcome> {
  session.endWithStdout();
  session.report.stdoutCarriesData();
  const store = openStore(folder);
  const views = recordViews(await store.state(session.signal));
  const sql = viewsSql(resolve(session.io.cwd, folder), views);
  session.report.text(sql);
  return { kind: "done", fields: { sql, views: views.map((one) => ({ ...one })) } };
}
