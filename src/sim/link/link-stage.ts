/**
 * What a stream of bytes passes on its way, as stages that stack: each takes bytes or an incident and gives what comes
 * out after it. A fault is a stage; without faults there are none.
 */

/** An event at a place of the byte stream: the bytes before it were delivered, the others were not. */
export type Incident =
  | {
      /** Nothing arrives for a time; then everything does. */
      readonly kind: "stall";
      /** The direction that stalls. */
      readonly direction: LinkSide;
      /** Duration, milliseconds. */
      readonly forMs: number;
    }
  | {
      /** Nothing arrives any more. */
      readonly kind: "mute";
      /** The direction that becomes silent. */
      readonly direction: LinkSide;
    }
  | {
      /** The host loses its port. */
      readonly kind: "disconnect";
    }
  | {
      /** The bridge restarts. */
      readonly kind: "bridge-reset";
      /** Time for which it ignores the line, milliseconds. */
      readonly bootMs: number;
      /** Text that it sends first, as the boot log of a real board. */
      readonly log?: string | undefined;
    };

/** One or both directions of a line. "up" is towards the bridge. */
export type LinkSide = "up" | "down" | "both";

export type LinkItem = Uint8Array | Incident;
export type LinkStage = (item: LinkItem) => readonly LinkItem[];

/** A stage that only looks at bytes. */
export function byteStage(change: (bytes: Uint8Array) => readonly LinkItem[]): LinkStage {
  return (item) => (item instanceof Uint8Array ? change(item) : [item]);
}

/** Sends an item through all stages, in order. */
export function throughStages(stages: readonly LinkStage[], item: LinkItem): readonly LinkItem[] {
  let items: readonly LinkItem[] = [item];
  for (const stage of stages) items = items.flatMap((each) => [...stage(each)]);
  return items.filter((each) => !(each instanceof Uint8Array) || each.length > 0);
}
