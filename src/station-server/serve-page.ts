/** The page of a station that runs: what the command starts, and nothing that a test of the server needs. */
import { randomBytes } from "node:crypto";
import type { ExtractionStore } from "../extract/extraction-store.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { StationEvent, StationState } from "../station/events.ts";
import type { StationCommand } from "../station/commands.ts";
import { pageFolder, readPage } from "./page-files.ts";
import { answerTo } from "./record-reader.ts";
import { startStationServer, type StationServer } from "./station-server.ts";
import { StepTimes } from "./step-times.ts";

export { isOwnComputer } from "./station-server.ts";

/** What the page shows and where it is served. */
export interface ServePageOptions {
  readonly station: {
    state(): StationState;
    subscribe(listener: (event: StationEvent) => void): () => void;
    command(command: StationCommand): Promise<string | undefined>;
  };
  readonly ledger: Ledger;
  /** Where logs of returned units are; undefined: the units have none. */
  readonly store: ExtractionStore | undefined;
  /** As `StationServerOptions` has them. */
  readonly host?: string | undefined;
  readonly port: number;
  readonly token?: string | undefined;
}

/** Serves the page. Throws EINVAL if it was not built, and what `startStationServer` throws. */
export async function serveStationPage(options: ServePageOptions): Promise<StationServer> {
  const { station, ledger, store, host, port, token } = options;
  const times = new StepTimes();
  const files = await readPage(pageFolder("station"));
  const forget = station.subscribe((event) => times.add(event));
  try {
    const server = await startStationServer({
      station: {
        state: () => station.state(),
        subscribe: (listener) => station.subscribe(listener),
        command: (command) => station.command(command),
        records: (question) => answerTo(question, { ledger, store, times }),
      },
      files,
      host,
      port,
      token,
    });
    return {
      url: server.url,
      async close() {
        forget();
        await server.close();
      },
    };
  } catch (error) {
    forget();
    throw error;
  }
}

/** A token that cannot be guessed: 128 random bits. */
export function newToken(): string {
  return randomBytes(16).toString("hex");
}
