/** What a person can ask a station for. There is no command that starts another recipe: that is approved elsewhere. */
export type StationCommand =
  /** A scanner read this, or a person typed it; for the slot that waits for it if none is named. */
  | { readonly kind: "scan"; readonly text: string; readonly slot?: string | undefined }
  /** The unit in the slot is done again; it keeps its number. */
  | { readonly kind: "again"; readonly slot: string }
  /** What waits for a person in this slot is done. */
  | { readonly kind: "confirm"; readonly slot: string }
  /** The job in the slot ends as Ctrl-C ends it. */
  | { readonly kind: "stop"; readonly slot: string }
  /** The slot takes no more units, or takes them again. */
  | { readonly kind: "pause"; readonly slot: string }
  | { readonly kind: "go-on"; readonly slot: string }
  /** Who works here from now on. */
  | { readonly kind: "operator"; readonly name: string }
  /** Another batch, with counts from 0; undefined: without an end. Or the end of the batch: no new unit is started. */
  | { readonly kind: "batch-start"; readonly target: number | undefined }
  | { readonly kind: "batch-end" };
