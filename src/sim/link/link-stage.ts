/**
 * What a stream of bytes passes on its way, as stages that stack: each takes bytes or an incident and gives what comes
 * out behind it. A fault is a stage; without faults there are none.
 */

/** Something that happens at a place of the byte stream: what came before it has been delivered, the rest has not. */
export type Incident =
  /** Nothing moves for a time; then all of it comes. */
  | { readonly kind: "stall"; readonly direction: LinkSide; readonly forMs: number }
  /** Nothing comes any more. */
  | { readonly kind: "mute"; readonly direction: LinkSide }
  /** The port is gone for the host. */
  | { readonly kind: "disconnect" }
  /** The bridge restarts and is deaf for `bootMs`; `log` is what it types first. */
  | { readonly kind: "bridge-reset"; readonly bootMs: number; readonly log?: string | undefined };

/** "up" is towards the bridge. */
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
