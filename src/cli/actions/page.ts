/** `norbridge page`: the page in the browser, served on this computer until Ctrl-C. */
import { whenAborted } from "../../runner/when-aborted.ts";
import { serveChipPage } from "../../station-server/chip-page-server.ts";
import { pageFolder, readPage } from "../../station-server/page-files.ts";
import { openInBrowser } from "../host-files/open-browser.ts";
import type { Outcome } from "../program/outcome.ts";
import type { Session } from "../program/session.ts";

export interface PageRequest {
  /** TCP port; 0: the system chooses. */
  readonly port: number;
  readonly opens: boolean;
}

export async function page(request: PageRequest, session: Session): Promise<Outcome> {
  const server = await serveChipPage(await readPage(pageFolder("chip")), request.port);
  session.leaving = () => server.close();
  session.report.waitsFor(undefined);
  const { url, host, port } = server;
  session.report.record("listening", { host, port });
  session.report.announce(`the page is at ${url}`);
  if (request.opens && !(await openInBrowser(url)))
    session.report.note("no browser was opened: open that address in one");
  try {
    await whenAborted(session.signal);
  } finally {
    await server.close();
    session.leaving = undefined;
  }
  return { kind: "done", fields: { url } };
}
