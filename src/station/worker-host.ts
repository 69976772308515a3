/** What jobs are given in the process of a slot. */
import { type Clock, machineRandom, realClock } from "../clock.ts";
import { formatRange } from "../bytes.ts";
import { folderShelf } from "../journal/folder-shelf.ts";
import type { JournalShelf } from "../journal/journal-shelf.ts";
import { newHash } from "../node-hashes.ts";
import type { Recorder } from "../recording/recorder.ts";
import type { ConnectionRequest } from "../runner/connection-request.ts";
import { connectDevice } from "../runner/connections/connect-device.ts";
import type { Connection } from "../runner/connections/connection.ts";
import type { Rescue, RunHost, RunReport } from "../runner/run-host.ts";

export class WorkerHost implements RunHost {
  readonly clock: Clock = realClock;
  readonly random = machineRandom;
  readonly newHash = newHash;
  readonly report: RunReport;
  readonly words: readonly string[] = [];
  recorder: Recorder | undefined = undefined;
  recordingProblem: string | undefined = undefined;
  leaving: (() => Promise<void>) | undefined = undefined;
  /** Of the request in progress. */
  signal: AbortSignal = new AbortController().signal;

  constructor(note: (text: string) => void) {
    const nothing = (): void => undefined;
    this.report = {
      ...{ note, warn: note, detail: nothing },
      ...{ record: nothing, waitsFor: nothing, endProgress: nothing },
    };
  }

  /** The port of a slot is never named by the environment. */
  get env(): RunHost["env"] {
    return { ...process.env, NORBRIDGE_PORT: undefined };
  }

  connect(request: ConnectionRequest, options: { readonly willChange: boolean }): Promise<Connection> {
    return connectDevice(this, request, options);
  }

  journals(folder: string | undefined): JournalShelf {
    return folderShelf(folder, this);
  }

  chipMayChange(): void {
    // The station has exposed the numbers before.
  }

  /** The journal of the station has the bytes: jobs here always keep one. */
  loadRescue(): Promise<Rescue> {
    return Promise.resolve((pieces) => {
      const places = pieces.map(({ address, data }) => formatRange({ address, lengthBytes: data.length }));
      return `The journal of the unit has the bytes of ${places.join(", ")}.`;
    });
  }
}
