/** What a station and the process of a slot say to each other: one JSON value a message. */

/** What the process of a slot has to know. */
export interface WorkerSetup {
  /** Name of the slot. */
  readonly slot: string;
  /** The port, as typed. */
  readonly port: string;
  /** The recipe's file, and the SHA-256 of it with all its files: another one is refused. */
  readonly recipe: string;
  readonly recipeSha256: string;
  /** Folder of the journals of the station. */
  readonly journals: string;
}

/** What the station asks; each is replied to, one after the other. */
export type WorkerRequest =
  | { readonly kind: "open"; readonly setup: WorkerSetup }
  /** Looks at the unit again: what it holds may have changed. Returns `UnitInSlot`. */
  | { readonly kind: "look" }
  /** Makes the image of the unit. */
  | {
      readonly kind: "compose";
      readonly serial: string;
      /** Texts of values by name, without the serial number. */
      readonly texts: Readonly<Record<string, string>>;
    }
  /** Compares the whole image with the chip; the chip must still be the one that was found. */
  | { readonly kind: "verify" }
  /** Makes the chip hold the image. */
  | { readonly kind: "write" }
  /** A person has to do something: the unit may be taken out meanwhile. */
  | { readonly kind: "hold" }
  /** The result is shown. The unit may be taken out. */
  | { readonly kind: "end"; readonly dropsJournal: boolean }
  | { readonly kind: "close" };

/** What is said to be done at once, also while a request is carried out. */
export type WorkerOrder = { readonly kind: "request"; readonly id: number; readonly request: WorkerRequest } | Stop;

/** The job in progress ends as it does by Ctrl-C. */
interface Stop {
  readonly kind: "stop";
}

/** The image of a unit. */
export interface Composed {
  readonly sha256: string;
  readonly totalBytes: number;
}

/** How the chip compares. */
export interface Compared {
  readonly isEqual: boolean;
  /** The first difference, for people. */
  readonly difference: string;
  /** The whole chip is erased: it has never been sent anything of a unit. */
  readonly isBlank: boolean;
}

/** A unit in the slot: steady, with good contact, nothing changed. */
export interface UnitInSlot {
  readonly chip: string;
  readonly jedec: string;
  /** Hex; undefined: the chip has none. */
  readonly uid: string | undefined;
  /** Serial number that it holds where the recipe says, if it holds a text there. */
  readonly stored: string | undefined;
}

/** Why something failed, across the border of a process. */
export interface WorkerFault {
  readonly code: string;
  readonly message: string;
  /**
   * What it says of the unit: "unit" counts against it, "gone" means that it was taken out, "link" that the way to it was
   * lost, "station" that the station cannot do it.
   */
  readonly blame: "unit" | "gone" | "link" | "station" | "stopped";
}

/** What the process of a slot says. */
export type WorkerMessage =
  | { readonly kind: "reply"; readonly id: number; readonly value: unknown }
  | { readonly kind: "failed"; readonly id: number; readonly fault: WorkerFault }
  /** It lives. */
  | { readonly kind: "beat" }
  /** The bridge is open. */
  | { readonly kind: "opened"; readonly board: string }
  | { readonly kind: "empty" }
  | { readonly kind: "settling" }
  | { readonly kind: "unsteady" }
  | { readonly kind: "contact" }
  | { readonly kind: "unit"; readonly unit: UnitInSlot }
  /** What is in the slot cannot be used; it waits until that is gone. */
  | { readonly kind: "refused"; readonly fault: WorkerFault }
  | { readonly kind: "gone" }
  | { readonly kind: "progress"; readonly doneBytes: number; readonly totalBytes: number }
  /** The bridge is away; it is looked for. */
  | { readonly kind: "lost"; readonly fault: WorkerFault }
  | { readonly kind: "note"; readonly text: string };

/** One end of the way between the two. */
export interface Channel<In, Out> {
  /** Never throws: what cannot be sent is lost, and `onEnd` is called. */
  send(message: Out): void;
  onMessage(listener: (message: In) => void): void;
  /** The other side is gone. Called once, also if that was before. */
  onEnd(listener: (why: string) => void): void;
  /** Ends the other side at once. */
  end(): void;
}

export type StationEnd = Channel<WorkerMessage, WorkerOrder>;
export type WorkerEnd = Channel<WorkerOrder, WorkerMessage>;
