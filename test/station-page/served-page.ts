/** The page of a scripted station, served as `norbridge station` serves it. */
import { readPage, pageFolder } from "../../src/station-server/page-files.ts";
import { startStationServer, type StationServer } from "../../src/station-server/station-server.ts";
import { ScriptedStation } from "./scripted-station.ts";

export interface ServedStation {
  readonly station: ScriptedStation;
  readonly server: StationServer;
}

/** Serves a station with this many slots; at a given port to take the place of one that is gone. */
export async function serveStation(
  slots: number,
  options: {
    readonly port?: number | undefined;
    readonly token?: string | undefined;
    readonly nowMs?: () => number;
  } = {},
): Promise<ServedStation> {
  const station = new ScriptedStation(slots, options.nowMs);
  const files = await readPage(pageFolder("station"));
  return {
    station,
    server: await startStationServer({ station, files, port: options.port ?? 0, token: options.token }),
  };
}
